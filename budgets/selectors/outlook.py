"""What a planned spend may bring: the team's own past efficiency by channel, with an honest range."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Team, User
from analytics.projection import Projection, project
from analytics.results import REASON_TEXT
from budgets.selectors.scenarios import Plan
from core.models import Organisation
from core.money import Money
from core.periods import DAY, Period
from metrics.selectors import query

RESULTS = ("revenue", "conversions")
MONTHS = 12
FAR = "The plan leaves the range of what was ever spent, so this is a guess."


@dataclass(frozen=True, slots=True)
class Outlook:
    """Spend planned in a channel, and what it may bring: revenue in micros, conversions in micros."""

    channel: str
    planned: Money
    revenue: Projection
    conversions: Projection

    @property
    def why(self) -> str:
        """Why a figure is missing, or what it rests on where history is thin."""
        found = self.revenue if self.revenue.mid is not None else self.conversions
        if found.mid is None:
            months = "month" if found.n == 1 else "months"
            return f"Nothing can be said: {found.n} {months} with spend and results, 3 are needed."
        texts = [f"{found.n} months of history."]
        if found.reason is not None:
            texts.append(f"{REASON_TEXT[found.reason]} The elasticity is assumed.")
        return " ".join([*texts, FAR] if found.is_far else texts)


@dataclass(frozen=True, slots=True)
class History:
    """Spend and results of the last complete months by channel, in the reporting currency."""

    period: Period
    months: Mapping[str, Sequence[Mapping[str, int]]]
    currency: str


def history(user: User, team: Team, today: date) -> History:
    """The last twelve complete months of the books, of the team and those below it."""
    organisation = Organisation.current()
    end = organisation.calendar.month_of(today).start - DAY
    start = end
    for _ in range(MONTHS):
        start = organisation.calendar.month_of(start).start - DAY
    period = Period("before", start + DAY, end, "last 12 complete months")
    found = query(
        metrics=["spend", *RESULTS],
        by=["channel", "month"],
        where={"team": team.pk},
        period=period,
        currency=organisation.reporting_currency,
        viewer=user,
    )
    months: dict[str, list[Mapping[str, int]]] = defaultdict(list)
    for row in found.rows:
        values = {name: row[name] or 0 for name in ("spend", *RESULTS)}
        months[row["channel_key"]].append(values)
    return History(period, months, organisation.reporting_currency)


def outlooks(plan: Plan, past: History) -> list[Outlook]:
    """One for each channel that the plan spends in."""
    return [
        Outlook(
            channel, plan.channel(channel), *(_project(plan, past, channel, r) for r in RESULTS)
        )
        for channel, micros in plan.by_channel.items()
        if micros
    ]


def _project(plan: Plan, past: History, channel: str, result: str) -> Projection:
    months = past.months.get(channel, ())
    planned = [micros for (key, _), micros in plan.cells.items() if key == channel and micros]
    return project(
        [month["spend"] for month in months], [month[result] for month in months], planned
    )


def added_up(found: Sequence[Outlook], result: str) -> tuple[int, int, int] | None:
    """Low, middle and high of all channels that can say something; None when none can.

    Lows and highs are added as they are, so that the range is rather too wide.
    """
    known = [getattr(one, result) for one in found if getattr(one, result).mid is not None]
    if not known:
        return None
    low, mid, high = (
        round(sum(getattr(one, level) for one in known)) for level in ("low", "mid", "high")
    )
    return low, mid, high


def left_out(found: Sequence[Outlook], result: str) -> list[str]:
    """Channels that spend, but about whose results nothing can be said: sums are without them."""
    return [one.channel for one in found if getattr(one, result).mid is None]
