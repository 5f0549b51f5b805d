"""One attribution run: read, credit by nine models, kept with what it read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from time import process_time
from typing import Any

from django.db import transaction

from accounts.models import Team, User
from analytics.results import Reason
from budgets.selectors import local_day
from core import events
from core.events import AUTOMATION
from insights.models import AttributionRun
from insights.rules.attribution import Asked
from insights.selectors.touches import Read, Window, read_records
from insights.services.journeys.money import money_beside
from insights.services.journeys.results import credited, firmness, journeys_told
from insights.services.journeys.walks import STAGES, Walks, walks_of
from metrics.models import Batch

# done, of how many, what it is doing
Progress = Callable[[int, int, str], None]
PARTS = 5


def silent(done: int, total: int, note: str) -> None:
    """Progress that nobody watches."""


def attribution_run(
    *,
    team: Team,
    conversion: str,
    asked: Asked,
    user: User | None,
    at: datetime,
    last_day: date | None = None,
    tell: Progress = silent,
    only_new: bool = False,
) -> AttributionRun | None:
    """Compute and keep a run that ends yesterday, or on ``last_day``.

    ``only_new``: None where the same records were read with the same settings before.
    """
    began = process_time()
    ends = last_day or local_day(at) - timedelta(days=1)
    window = Window(ends - timedelta(days=asked.days - 1), ends, asked.reach)
    tell(0, PARTS, "Reading touches and conversions")
    read = read_records(team, conversion, asked, window, beside=STAGES)
    sha256 = read.sha256
    if only_new and _is_known(team, conversion, asked, window, sha256):
        return None
    tell(1, PARTS, f"Sharing out {len(read.touches.who):,} touches")
    walks = walks_of(read, conversion, asked, window)
    record, fields = _computed(walks, read, asked, tell)
    tell(4, PARTS, "Adding spend and what platforms claim")
    record |= {"money": money_beside(team, asked, window, read.currency)}
    return _kept(
        team, user, at,
        conversion=conversion, first_day=window.first_day, last_day=window.last_day,
        settings=asked.plain(), data_sha256=sha256, currency=read.currency, record=record,
        cpu_seconds=round(process_time() - began, 2), **fields,
    )  # fmt: skip


def _computed(
    walks: Walks, read: Read, asked: Asked, tell: Progress
) -> tuple[dict[str, Any], dict[str, Any]]:
    answer, record = credited(walks, asked)
    tell(2, PARTS, "Drawing journeys anew, for the ranges")
    record |= {"firmness": firmness(walks, asked)}
    tell(3, PARTS, "Looking at paths")
    record |= {"journeys": journeys_told(walks), "nobody": read.nobody, "gaps": read.gaps}
    nothing = answer.conversions == 0
    return record, {
        "touches": walks.touches,
        "people": walks.people,
        "conversions": round(answer.conversions),
        "unattributed": round(answer.unattributed),
        "value_micros": walks.total_micros,
        "unattributed_value_micros": walks.total_micros - record["attributed_micros"],
        "disagreement": answer.disagreement,
        "reason": Reason.TOO_FEW_CONVERSIONS if nothing else "",
    }


def _is_known(team: Team, conversion: str, asked: Asked, window: Window, sha256: str) -> bool:
    newest = AttributionRun.objects.filter(team=team, conversion=conversion).first()
    return bool(
        newest
        and newest.data_sha256 == sha256
        and newest.last_day == window.last_day
        and Asked.read(newest.settings) == asked
    )


@transaction.atomic
def _kept(team: Team, user: User | None, at: datetime, **fields: Any) -> AttributionRun:
    run = AttributionRun.objects.create(
        team=team,
        batch=Batch.objects.filter(known_at__lte=at).order_by("-known_at", "-pk").first(),
        known_at=at,
        ran_at=at,
        ran_by=user,
        **fields,
    )
    events.record(
        actor=user.as_actor() if user else AUTOMATION,
        action="attribution.ran",
        subject=run,
        at=at,
        after={"conversion": run.conversion, "conversions": run.conversions, "touches": run.touches},
        team_path=team.path,
        live=["attribution"],
    )  # fmt: skip
    return run
