"""Incidents as people look at them: those of one storm together, the most at stake first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.permissions import sees_money
from core.models import Organisation
from core.money import Money
from core.periods import Period
from insights.models import Finding
from insights.rules.anomalies import HISTORY
from insights.selectors.watching import Expected, expected_of, read_watch
from metrics.selectors import METRICS, metric_for

DAY = timedelta(days=1)
# Days shown before and after the incident on its page.
BEFORE, AFTER = 45, 21
STATES = {
    "running": ("Going on", "bad"),
    "open": ("New", "warn"),
    "over": ("Over", "neutral"),
    "dismissed": ("Not an anomaly", "neutral"),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was kept with an incident, as numbers."""

    observed: float
    expected: float
    low: float
    high: float
    score: float
    threshold: float
    n: int
    first: date
    values: list[float | None]
    lows: list[float | None]
    highs: list[float | None]

    @classmethod
    def of(cls, finding: Finding) -> Judgement:
        said, series = finding.evidence, finding.evidence["series"]
        low, high = (float(end) for end in said["range"])
        return cls(
            float(said["observed"]),
            float(said["expected"]),
            low,
            high,
            float(said["score"]),
            float(said["threshold"]),
            int(said["n"]),
            date.fromisoformat(series["first"]),
            *(_numbers(series[key]) for key in ("values", "low", "high")),
        )


def _numbers(values: Sequence[Any]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


@dataclass(frozen=True, slots=True)
class Incident:
    """The incidents of one storm in sight; ``lead`` has most at stake."""

    lead: Finding
    others: Sequence[Finding]
    state: str

    @property
    def findings(self) -> list[Finding]:
        return [self.lead, *self.others]

    @property
    def stake(self) -> Money | None:
        lead = self.lead
        if lead.stake_micros is None:
            return None
        same = [one for one in self.findings if one.currency == lead.currency]
        return Money(sum(one.stake_micros or 0 for one in same), lead.currency)

    @property
    def is_good(self) -> bool:
        return bool(self.lead.evidence.get("good"))

    @property
    def teams(self) -> str:
        return ", ".join(sorted({one.team.name for one in self.findings}))

    @property
    def first_day(self) -> date:
        return min(one.window_start for one in self.findings)

    @property
    def last_day(self) -> date:
        return max(one.window_end for one in self.findings)


def state_of(finding: Finding, at: datetime) -> str:
    """What became of an incident by a moment; a key of ``STATES``."""
    if any(
        one.at <= at and (one.undone_at is None or one.undone_at > at)
        for one in finding.dismissals.all()
    ):
        return "dismissed"
    if finding.ended_at is not None and finding.ended_at <= at:
        return "over"
    return "running" if finding.evidence.get("running") else "open"


def anomalies_visible(user: User, at: datetime) -> list[Finding]:
    """Incidents of teams in sight known by a moment; of money only for who sees money."""
    rows = Finding.objects.for_user(user).filter(kind=Finding.Kind.ANOMALY, found_at__lte=at)
    found = list(rows.select_related("team", "campaign", "line").prefetch_related("dismissals"))
    if sees_money(user):
        return found
    return [one for one in found if not METRICS[one.metric].needs_currency]


def incidents_of(
    user: User, *, at: datetime, state: str = "", way: str = "", metric: str = "", team: Any = ""
) -> list[Incident]:
    """The incidents that match, those of one storm as one, the most at stake first."""
    storms: dict[str, list[Finding]] = defaultdict(list)
    for finding in anomalies_visible(user, at):
        if (not metric or finding.metric == metric) and _is_of(finding, team):
            storms[f"{finding.evidence['storm']}:{state_of(finding, at)}"].append(finding)
    found = [_incident(some, at) for some in storms.values()]
    kept = [one for one in found if _is_shown(one, state) and _is_way(one, way)]
    return sorted(kept, key=lambda one: (-(one.stake.micros if one.stake else 0), one.lead.pk))


def _is_of(finding: Finding, team: Any) -> bool:
    return not team or finding.team.path.startswith(team.path)


def _incident(some: Sequence[Finding], at: datetime) -> Incident:
    lead, *others = sorted(some, key=lambda one: (-(one.stake_micros or 0), one.pk))
    return Incident(lead, others, state_of(lead, at))


def _is_shown(one: Incident, state: str) -> bool:
    if not state:
        return one.state != "dismissed"
    return one.state in (("open", "running") if state == "open" else (state,))


def _is_way(one: Incident, way: str) -> bool:
    return not way or one.is_good == (way == "good")


def storm_of(user: User, finding: Finding, at: datetime) -> list[Finding]:
    """The other findings of the same storm in sight."""
    return [
        one
        for one in anomalies_visible(user, at)
        if one.pk != finding.pk and one.evidence["storm"] == finding.evidence["storm"]
    ]


def series_of(finding: Finding, *, viewer: User, today: date) -> tuple[Expected, str]:
    """The metric over the incident's lines as known now, day by day, with what was expected of it."""
    last = min(finding.window_end + AFTER * DAY, today - DAY)
    seen = read_watch(
        period=Period("series", finding.window_start - HISTORY, max(last, finding.window_end)),
        viewer=viewer,
        currency=finding.currency or Organisation.current().reporting_currency,
        lines=finding.evidence["lines"],
        measures=list(metric_for(finding.metric).measures),
    )
    window = (finding.window_start, finding.window_end)
    found = expected_of(seen, metric_for(finding.metric), today - DAY, window)
    return found.within(finding.window_start - BEFORE * DAY, last), seen.currency
