"""Example objects of goals: what DACH is to earn in November."""

from datetime import date

from metrics.services import target_set
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.world import AT


@example("metrics:goal", "metrics:edit", "metrics:retire", "api-target", "api-target-retire")
def goal(cast: Cast) -> Keywords:
    made = target_set(
        metric="roas", team=cast.dach, first_day=date(2026, 11, 1), last_day=date(2026, 11, 30),
        value_micros=4_200_000, owner=cast.manager, at=AT, user=cast.director,
    )  # fmt: skip
    return {"pk": made.pk}


@example("metrics:metric", seen_by_all=True)
def metric(cast: Cast) -> Keywords:
    return {"key": "roas"}


@example("api-query", seen_by_all=True)
def question(cast: Cast) -> Keywords:
    return {"query": "metrics=clicks&period=2026-10"}
