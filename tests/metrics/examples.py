"""Example objects of goals: what DACH is to earn in November."""

from datetime import date

from core.events import SYSTEM
from core.periods import Period
from metrics.services import month_close, target_set
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.world import AT, load_days, make_line


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


@example("metrics:lineage", "api-lineage", seen_by_all=True)
def origin(cast: Cast) -> Keywords:
    return {"query": "metrics=clicks&period=2026-10"}


@example("metrics:lineage-rows", "api-lineage-rows")
def rows(cast: Cast) -> Keywords:
    line = make_line(cast)
    batch = load_days(line, {"2026-10-01": {"clicks": 3}}).batch
    return {"batch": batch.pk if batch else 0, "line": line.pk, "day": "2026-10-01"}


@example("api-restatements", seen_by_all=True)
def restated(cast: Cast) -> Keywords:
    return {"query": "measure=clicks&period=2026-10"}


@example("metrics:month", "api-performance-month", seen_by_all=True)
def closed(cast: Cast) -> Keywords:
    del cast
    october = Period("2026-10", date(2026, 10, 1), date(2026, 10, 31), "October 2026")
    return {"key": month_close(month=october, at=AT, actor=SYSTEM).key}


@example("metrics:month-close")
def closing(cast: Cast) -> Keywords:
    del cast
    return {"key": "2026-10"}
