"""Example objects of campaigns: one of DACH and Jonas, with a creative and a logged change."""

from datetime import UTC, date, datetime

from campaigns.choices import ChangeKind
from campaigns.models import Initiative
from campaigns.services import (
    NamedCreative,
    creatives_ensure,
    initiative_save,
    milestone_save,
    optimisation_log,
)
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.world import make_campaign, make_line

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
    snow = NamedCreative(made.pk, "Snow 15 s")
    return {"pk": made.pk, "creative_pk": creatives_ensure([snow])[snow]}


@example("campaigns:log-undo")
def logged_change(cast: Cast) -> Keywords:
    made = make_campaign(cast)
    entry = optimisation_log(
        campaign=made, kind=ChangeKind.BID, what="Target CPA", made_on=date(2026, 11, 20), at=NOW,
        user=cast.manager,
    )  # fmt: skip
    return {"pk": made.pk, "optimisation_pk": entry.pk}


@example(
    "api-campaign-clone", "api-campaign-lines", "api-campaign-creatives", "api-campaign-history"
)
def whole_campaign(cast: Cast) -> Keywords:
    return {"pk": make_campaign(cast).pk}


@example("api-campaign-line")
def line_of_campaign(cast: Cast) -> Keywords:
    line = make_line(cast)
    return {"pk": line.campaign_id, "line_pk": line.pk}


@example("api-campaign-creative")
def creative_over_api(cast: Cast) -> Keywords:
    return creative(cast)


@example("api-campaign-change-undo")
def change_over_api(cast: Cast) -> Keywords:
    return logged_change(cast)


@example(
    "reporting:initiative", "campaigns:initiative-edit", "campaigns:initiative-delete",
    "campaigns:milestone-add", "api-initiative", "api-initiative-milestones",
)  # fmt: skip
def initiative(cast: Cast) -> Keywords:
    return {"pk": make_initiative(cast).pk}


@example("campaigns:milestone-edit", "campaigns:milestone-remove", "api-initiative-milestone")
def milestone(cast: Cast) -> Keywords:
    made = make_initiative(cast)
    step = milestone_save(
        initiative=made, user=cast.manager, name="Signed", due_on=date(2026, 12, 1), at=NOW
    )
    return {"pk": made.pk, "milestone_pk": step.pk}


def make_initiative(cast: Cast) -> Initiative:
    return initiative_save(
        team=cast.dach, owner=cast.manager, name="Enter Austria", user=cast.manager, at=NOW
    )
