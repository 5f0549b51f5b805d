"""Example objects of advice: move money within DACH."""

from datetime import timedelta

from insights.models import Recommendation
from metrics.services import competitor_create
from tests.automation.examples import NOW, make_finding
from tests.budgets.world import DEC, create_world, payload
from tests.cast import Cast
from tests.examples import Keywords, example

EVIDENCE = {
    "amount_micros": 4_000_000_000, "chance_of_loss": "0.12", "binding": "", "considered": 12,
    "month": "December", "method": "Marginal return of the last 28 days",
    "giver": {"name": "Display DE", "before_micros": 100_000_000_000, "marginal": "0.9"},
    "receiver": {"name": "Shopping DE", "before_micros": 200_000_000_000, "marginal": "2.1"},
}  # fmt: skip


@example(
    "insights:recommendation", "insights:recommendation-dismiss", "api-recommendation",
    "api-recommendation-propose", "api-recommendation-dismiss",
)  # fmt: skip
def recommendation(cast: Cast) -> Keywords:
    world = create_world(cast)
    moves = payload(
        (world.display, world.winter_display, DEC, -4),
        (world.shopping, world.winter_shopping, DEC, 4),
    )
    made = Recommendation.objects.create(
        finding=make_finding(cast), team=cast.dach, action="budget.reallocation",
        title="Move €4k from Display to Shopping", payload=moves, evidence=EVIDENCE, metric="revenue",
        currency="EUR", effect_low_micros=-3_000_000, effect_micros=61_000_000,
        effect_high_micros=128_000_000, confidence="80 % interval", created_at=NOW,
        expires_at=NOW + timedelta(days=14),
    )  # fmt: skip
    return {"pk": made.pk}


@example("api-finding")
def finding(cast: Cast) -> Keywords:
    return {"pk": make_finding(cast).pk}


@example("insights:competitor-edit", "api-competitor")
def competitor(cast: Cast) -> Keywords:
    made = competitor_create(
        team=cast.dach, name="Alpine", domains=["alpine.example"], user=cast.director, at=NOW
    )
    return {"pk": made.pk}
