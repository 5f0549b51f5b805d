"""Which forecasts are trusted: a version that loses to the seasonal naive is benched, one whose
errors grow is reported and a new one trained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction

from accounts.choices import Role
from accounts.models import Membership, Team
from analytics.forecast import Drift, Scored, drift
from analytics.results import Reason
from budgets.selectors import local_day
from core import formats
from core.events import AUTOMATION
from insights.models import Finding, Forecast, ForecastScore, ForecastTally, ModelVersion
from insights.rules.forecast_run import NAIVE, Settings
from insights.rules.honesty import SUMS, Standing, Sums, standing
from insights.services.findings import Found, findings_sync
from insights.services.forecast_scoring import forecasts_score
from insights.services.training import train_order
from insights.services.versions import Trained, version_add, version_move
from metrics.selectors import metric_for

Kind, State = ModelVersion.Kind, ModelVersion.State
# Cut-offs that a version is judged by: the latest eight weeks.
JUDGED = timedelta(weeks=8)
# Forecasts are issued for campaigns, so they are judged there; sums flatter and single lines blur.
LEVEL = Forecast.Level.CAMPAIGN
# Errors so many days ahead are watched for drift: late enough to matter, early enough to be known.
AHEAD = 7
RECENT, BEFORE = timedelta(days=28), timedelta(days=84)
# A model that drifted is not trained again within so many days of the last training.
REST = timedelta(days=6)
DRIFT = Finding.Kind.MODEL_DRIFT


def forecasts_judge(*, now: datetime) -> dict[str, int]:
    """Schedule: score what became final, bench what loses, and look for drift."""
    done = forecasts_score(now=now)
    benched = [one for one in _in_use() if _bench_if_it_loses(one, now)]
    drifted = list(drifts(now=now))
    synced = findings_sync(kinds=[DRIFT], found=drifted, at=now)
    if drifted or benched:
        _train_anew(now, benched)
    return {**done, "benched": len(benched), "drifted": synced.opened + synced.kept}


def _in_use() -> list[ModelVersion]:
    found = ModelVersion.objects.filter(kind=Kind.FORECAST, state=State.CHAMPION)
    return list(found.select_related("team"))


def standing_of(version: ModelVersion, *, today: date) -> Standing:
    """How a version's forecasts of the latest weeks stand against the seasonal naive."""
    rows = ForecastTally.objects.filter(
        version=version, level=LEVEL, span=ForecastTally.Span.DAY, cutoff__gte=today - JUDGED
    ).values_list("cutoff", *SUMS)
    by_cutoff: dict[date, list[Sums]] = defaultdict(list)
    for cutoff, *values in rows:
        by_cutoff[cutoff].append(Sums(*values))
    return standing(by_cutoff)


def _bench_if_it_loses(version: ModelVersion, now: datetime) -> bool:
    if version.params.get("engine") == NAIVE:
        return False
    found = standing_of(version, today=local_day(now))
    if not found.loses:
        return False
    bench(version=version, why=_words(found), at=now)
    return True


def _words(found: Standing) -> str:
    return (
        f"Its errors were {formats.percent(-found.skill, 0)} larger than those of the seasonal naive "
        f"on {formats.number(found.n)} days of campaigns, and larger on {found.behind} of "
        f"{found.cutoffs} cut-offs."
    )


@transaction.atomic
def bench(*, version: ModelVersion, why: str, at: datetime) -> ModelVersion:
    """Take a version out of use; until somebody puts another in, the seasonal naive stands in."""
    version_move(version=version, state=State.BENCHED, reason=why, actor=AUTOMATION, at=at)
    naive = _stand_in(version, at)
    return version_move(
        version=naive, state=State.CHAMPION, reason=f"Stands in for {version}, which is benched",
        actor=AUTOMATION, at=at,
    )  # fmt: skip


def _stand_in(version: ModelVersion, at: datetime) -> ModelVersion:
    """The seasonal naive as a version of its own; the same one every time."""
    same = ModelVersion.objects.filter(kind=version.kind, team=version.team, params__engine=NAIVE)
    settings = Settings.of({**version.params, "engine": NAIVE})
    return same.first() or version_add(
        kind=version.kind,
        team=version.team,
        trained=Trained(
            sha256=version.data_sha256,
            rows=version.rows,
            batch=version.batch,
            known_at=version.known_at,
            params=asdict(settings),
        ),
        user=None,
        at=at,
    )


# Drift.


@dataclass(frozen=True, slots=True)
class _Case:
    """A forecast of the day so many days ahead, and what came."""

    day: date
    truth: float
    told: float
    naive: float
    scale: float
    low: float
    high: float


def drifts(*, now: datetime) -> Iterator[Found]:
    """A finding for each team whose forecasts of some metric became worse than they were."""
    today = local_day(now)
    for version in _in_use():
        worse: dict[int, list[_Worse]] = defaultdict(list)
        for (team, metric), cases in sorted(_cases(version, today).items()):
            found = _drift(cases, today)
            if found.drifted:
                worse[team].append(_Worse(metric, found, max(one.day for one in cases), len(cases)))
        for team, some in worse.items():
            yield _told(version, Team.objects.get(pk=team), some, now)


@dataclass(frozen=True, slots=True)
class _Worse:
    """A metric whose forecasts became worse: by how much, how many fell into the 80 % range."""

    metric: str
    found: Drift
    last: date
    n: int

    @property
    def label(self) -> str:
        return metric_for(self.metric).label

    @property
    def ratio(self) -> float:
        return self.found.ratio or 0.0

    @property
    def inside(self) -> str:
        return formats.percent(self.found.coverage or 0.0, 0)

    @property
    def fact(self) -> list[str]:
        return [self.label, f"{self.ratio:.1f}× as far off, {self.inside} inside the 80 % range"]


def _cases(version: ModelVersion, today: date) -> Mapping[tuple[int, str], Sequence[_Case]]:
    """By team and metric, over all versions of this model: drift is of what people were told."""
    rows = ForecastScore.objects.filter(
        forecast__version__kind=Kind.FORECAST,
        forecast__version__team=version.team_id,
        forecast__level=LEVEL,
        cutoff__gte=today - BEFORE - RECENT,
        final_days__gte=AHEAD,
        scale__gt=0,
    ).select_related("forecast")
    found: dict[tuple[int, str], list[_Case]] = defaultdict(list)
    for row in rows:
        if case := _case(row):
            found[row.forecast.team_id, row.forecast.metric].append(case)
    return found


def _case(row: ForecastScore) -> _Case | None:
    at, told = AHEAD - 1, row.forecast
    values = (row.truth[at], told.yhat[at], row.naive[at], row.scale, told.lo80[at], told.hi80[at])
    if any(one is None for one in values):
        return None
    return _Case(row.cutoff + AHEAD * timedelta(days=1), *(float(one) for one in values if one is not None))  # fmt: skip


def _drift(cases: Sequence[_Case], today: date) -> Drift:
    newest = max(one.day for one in cases)
    since = min(newest, today) - RECENT
    recent = [one for one in cases if one.day > since]
    before = [one for one in cases if since - BEFORE < one.day <= since]
    if not recent or not before:
        return Drift(False, None, None, Reason.TOO_FEW_DAYS)
    return drift(_scored(recent), _scored(before))


def _scored(cases: Sequence[_Case]) -> Scored:
    def of(name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([getattr(one, name) for one in cases], dtype=np.float64)

    return Scored(
        of("truth"), of("told"), of("naive"), of("scale"), of("naive"), of("low"), of("high")
    )


def _told(version: ModelVersion, team: Team, some: Sequence[_Worse], now: datetime) -> Found:
    worst = max(some, key=lambda one: one.ratio)
    last, others = max(one.last for one in some), len(some) - 1
    more = f", {others} more metric{'s' if others > 1 else ''} too" if others else ""
    return Found(
        kind=DRIFT,
        cause=f"model_drift:{version.team_id}:{team.pk}",
        team=team,
        title=f"{worst.label} forecasts of {team.name} are {worst.ratio:.1f}× as far off as before{more}",
        reason=(
            f"A week ahead they missed by {worst.ratio:.1f} times as much in the latest {RECENT.days} days "
            f"as in the {BEFORE.days} before, and {worst.inside} of the days fell inside the 80 % range. "
            "Something changed that the model has not seen; a new version is trained."
        ),
        window=(last - RECENT + timedelta(days=1), last),
        metric=worst.metric,
        evidence={
            "method": f"Mean error {AHEAD} days ahead in seasonal differences, campaigns of the team",
            "formula": f"error of the latest {RECENT.days} days ÷ error of the {BEFORE.days} days before",
            "facts": [*(one.fact for one in some), ["Version in use", str(version)]],
            "n": sum(one.n for one in some),
            "severity": "warning",
            "owner": _analyst(team),
            "as_of": now,
        },
    )


def _analyst(team: Team) -> int | None:
    """The nearest analyst, who can look into it; None leaves it to who leads the team."""
    held = Membership.objects.filter(role=Role.ANALYST, user__is_active=True).select_related("team")
    above = [one for one in held if team.path.startswith(one.team.path)]
    return max(above, key=lambda one: len(one.team.path)).user_id if above else None


def _train_anew(now: datetime, benched: Sequence[ModelVersion]) -> None:
    """A challenger for the model that got worse, unless one was just trained."""
    why = "It was benched" if benched else "Its forecasts became worse"
    for team in {one.team for one in _in_use()}:
        newest = ModelVersion.objects.filter(kind=Kind.FORECAST, team=team).exclude(
            params__engine=NAIVE
        ).order_by("-trained_at").first()  # fmt: skip
        if newest is None or newest.trained_at <= now - REST:
            train_order(kind=Kind.FORECAST, team=team, why=why, at=now)
