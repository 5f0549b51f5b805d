"""Account, campaign, ad group and ad totals of a source side by side; nothing is added across."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Sum

from core.periods import Period
from integrations.choices import Level, RunState
from integrations.models import LevelTotal, Source
from metrics.models import Fact, LineDay

STANDING = (RunState.IMPORTED, RunState.UNCHANGED)


@dataclass(frozen=True, slots=True)
class LevelDay:
    """A day at every level it was reported at. ``loaded`` is what counts, of ``loaded_level``.

    ``beside`` holds the other levels' totals (a level with its split); money in micros.
    """

    day: date
    loaded_level: str
    loaded: int | None
    beside: Mapping[str, int | None]

    def residual(self, level: str) -> int | None:
        """What that level says beyond what counts."""
        other = self.beside.get(level)
        return None if other is None or self.loaded is None else other - self.loaded

    @property
    def residuals(self) -> Mapping[str, int | None]:
        return {level: self.residual(level) for level in self.beside}


@dataclass(frozen=True, slots=True)
class AccountDay:
    """The platform's own total over the days of a file, beside what counts of those days."""

    first_day: date
    last_day: date
    run: int
    stated: int | None
    loaded: int | None

    @property
    def residual(self) -> int | None:
        return None if self.stated is None or self.loaded is None else self.stated - self.loaded


def level_days(source: Source, period: Period, measure: str) -> list[LevelDay]:
    """Each day that has a total of another level than the one loaded, newest first."""
    beside = _totals(source, period, measure)
    loaded = _loaded(source, measure, list(beside))
    return [
        LevelDay(day, *loaded.get(day, ("", None)), beside[day])
        for day in sorted(beside, reverse=True)
    ]


def _totals(
    source: Source, period: Period, measure: str
) -> Mapping[date, Mapping[str, int | None]]:
    rows = (
        LevelTotal.objects.filter(
            source=source, run__state__in=STANDING, first_day=F("day"),
            day__range=(period.start, period.end),
        )
        .exclude(level=Level.ACCOUNT)
        .values("day", "level", "split")
        .annotate(total=Sum(measure))
    )  # fmt: skip
    found: dict[date, dict[str, int | None]] = defaultdict(dict)
    for row in rows:
        found[row["day"]][level_name(row["level"], row["split"])] = row["total"]
    return found


def level_name(level: str, split: str = "") -> str:
    """``Ad``, ``Campaign by device``."""
    label = str(Level(level).label)
    return f"{label} by {split}" if split else label


def _loaded(
    source: Source, measure: str, days: list[date]
) -> Mapping[date, tuple[str, int | None]]:
    """What counts of each day, and of which level it is."""
    rows = LineDay.objects.filter(source=source.pk, day__in=days, period_days=1)
    sums = dict(rows.values_list("day").annotate(total=Sum(measure)))
    lines = rows.values("line").distinct()
    facts = Fact.objects.filter(line__in=lines, source=source.pk, day__in=days, period_days=1)
    ads = set(facts.exclude(creative_id=0).values_list("day", flat=True).distinct())
    whole = set(facts.filter(creative_id=0).values_list("day", flat=True).distinct())
    return {day: (_mixed(day in ads, day in whole), total) for day, total in sums.items()}


def _mixed(has_ads: bool, has_campaigns: bool) -> str:
    """Each campaign's day has one level; the campaigns of a day may differ."""
    if has_ads and has_campaigns:
        return "Ad or campaign"
    return str(Level.AD.label if has_ads else Level.CAMPAIGN.label)


def account_days(source: Source, period: Period, measure: str) -> list[AccountDay]:
    """The account totals that files stated, newest first."""
    totals = LevelTotal.objects.filter(
        day__range=(period.start, period.end),
        source=source, run__state__in=STANDING, level=Level.ACCOUNT,
    ).order_by("-day", "-first_day")  # fmt: skip
    return [
        AccountDay(
            total.first_day, total.day, total.run_id, getattr(total, measure),
            _sum(source, total.first_day, total.day, measure),
        )
        for total in totals[:60]
    ]  # fmt: skip


def _sum(source: Source, first: date, last: date, measure: str) -> int | None:
    rows = LineDay.objects.filter(source=source.pk, day__range=(first, last), period_days=1)
    total: int | None = rows.aggregate(total=Sum(measure))["total"]
    return total
