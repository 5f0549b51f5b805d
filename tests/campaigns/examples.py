"""Example objects of campaigns: one of DACH and Jonas, with a creative and a logged change."""

from datetime import UTC, date, datetime

from campaigns.choices import ChangeKind
from campaigns.services import creative_ensure, optimisation_log
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.world import make_campaign

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@example(
    "campaigns:edit", "campaigns:clone", "campaigns:log", "campaigns:line-add",
    "campaigns:creative-add", "reporting:campaign", "api-campaign", "api-campaign-changes",
    "api-campaign-moves",
)  # fmt: skip
def campaign(cast: Cast) -> Keywords:
    return {"pk": make_campaign(cast).pk}


@example("campaigns:move")
def step(cast: Cast) -> Keywords:
    return {"pk": make_campaign(cast).pk, "query": "to=paused"}


@example("campaigns:creative-edit")
def creative(cast: Cast) -> Keywords:
    made = make_campaign(cast)
    return {"pk": made.pk, "creative_pk": creative_ensure(campaign=made, name="Snow 15 s").pk}


@example("campaigns:log-undo")
def logged_change(cast: Cast) -> Keywords:
    made = make_campaign(cast)
    entry = optimisation_log(
        campaign=made, kind=ChangeKind.BID, what="Target CPA", made_on=date(2026, 11, 20), at=NOW,
        user=cast.manager,
    )  # fmt: skip
    return {"pk": made.pk, "optimisation_pk": entry.pk}
