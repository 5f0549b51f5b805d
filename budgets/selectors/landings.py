"""Where the spend of budget lines ends: their days, plans, flights and promises, laid before the statistics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from accounts.models import User
from analytics.arrays import FloatArray
from analytics.flights import MonthPlan
from analytics.landing import Books, landings
from analytics.results import Landing
from analytics.spend_paths import HISTORY_DAYS, Spending
from budgets.models import BudgetLine, FiscalYear, LedgerAccount
from budgets.models.plans import BudgetLineQuerySet
from budgets.rules.actuals import shares
from budgets.rules.outlook import PartDays, Window, line_days
from budgets.rules.position import Part
from budgets.selectors.months import books_of, part_plans, payers_of, rate_finder
from campaigns.choices import Status
from campaigns.models import CampaignLine
from core.models import Organisation
from core.money import Money, convert
from core.periods import FiscalCalendar, Period
from metrics.selectors import query

DAY = timedelta(days=1)
# The draws are the same at every look.
SEED = 20_264
# Campaigns that go on by themselves; of others the flight says when they begin.
GOING = {Status.LIVE, Status.APPROVED, Status.PLANNED}
# Team, channel and currency: what arrives together.
Place = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class LineLanding:
    """A budget line's month and where it ends; `through` is the newest day with data, None without.

    Amounts of `landing` are micros of the plan's currency.
    """

    line: BudgetLine
    month: Period
    plan: Money
    landing: Landing
    through: date | None

    def money(self, micros: float | None) -> Money:
        """An amount of the landing."""
        return Money(round(micros or 0), self.plan.currency)


def landing(line: BudgetLine, month: Period, *, today: date) -> LineLanding:
    """Where one line's month ends, seen on the morning of ``today``."""
    return line_landings([line], month, today=today)[line.pk]


def line_landings(
    lines: Sequence[BudgetLine], month: Period, *, today: date
) -> dict[int, LineLanding]:
    """Budget line -> where its month ends; lines of one fiscal year, seen on the morning of ``today``.

    Days count up to yesterday: today is not over. Each line's answer is the same whatever
    the others are.
    """
    if not lines:
        return {}
    window = _window(month, today)
    books = books_of(lines[0].fiscal_year, [line.pk for line in lines])
    days = _Days.read(lines, month, window, books.parts)
    rows = [days.line(line) for line in lines]
    found = landings(
        _spending(rows, window),
        _books(lines, month, books.planned, days.month_parts(books.parts, month), rows, window),
        first_day=window.month_first,
        last_day=window.last,
        seed=SEED,
    )
    return {
        line.pk: LineLanding(
            line,
            month,
            Money(books.planned.get((line.pk, month.key), 0), line.currency),
            one,
            days.through(line),
        )
        for line, one in zip(lines, found, strict=True)
    }


def part_landings(
    parts: Sequence[tuple[BudgetLine, CampaignLine, Money]], month: Period, *, today: date
) -> dict[int, LineLanding]:
    """Campaign line -> where its share of a budget line's month ends, against the amount given.

    All budget lines are of one fiscal year; a part is judged by its own days and plans.
    """
    if not parts:
        return {}
    window = _window(month, today)
    lines = list({line.pk: line for line, _, _ in parts}.values())
    books = books_of(lines[0].fiscal_year, [line.pk for line in lines])
    days = _Days.read(lines, month, window, books.parts)
    rows = [days.part(line, part) for line, part, _ in parts]
    found = landings(
        _spending(rows, window),
        Books(np.array([money.micros for _, _, money in parts], dtype=np.float64)),
        first_day=window.month_first,
        last_day=window.last,
        seed=SEED,
    )
    return {
        part.pk: LineLanding(line, month, money, one, days.newest([part]))
        for (line, part, money), one in zip(parts, found, strict=True)
    }


def _spending(rows: Sequence[tuple[FloatArray, FloatArray]], window: Window) -> Spending:
    return Spending(
        np.stack([spend for spend, _ in rows]),
        first_day=window.first,
        last_day=window.last,
        expected=np.stack([expected for _, expected in rows]),
    )


def lines_of_month(user: User, month: Period) -> BudgetLineQuerySet:
    """Lines in sight with an account in the month."""
    rows = BudgetLine.objects.for_user(user).filter(accounts__month=month.key).distinct()
    return rows.select_related("team", "channel", "owner", "fiscal_year")


def _window(month: Period, today: date) -> Window:
    over = min(today, month.end + DAY)
    first = min(month.start, over) - HISTORY_DAYS * DAY
    return Window(*(day.toordinal() for day in (first, over, month.start, month.end)))


def _books(
    lines: Sequence[BudgetLine],
    month: Period,
    planned: Mapping[tuple[int, str], int],
    parts: Mapping[tuple[int, int, str], Part],
    rows: Sequence[tuple[FloatArray, FloatArray]],
    window: Window,
) -> Books:
    """Plan, used and promised money of the month: what comes on top of daily spend, and its least."""
    of_line: dict[int, list[tuple[int, Part]]] = defaultdict(list)
    for (pk, part, key), held in parts.items():
        if key == month.key:
            of_line[pk].append((part, held))
    spent, certain, least = [], [], []
    for line, (_, expected) in zip(lines, rows, strict=True):
        runs = expected[window.known :].any()
        mine = of_line.get(line.pk, [])
        spent.append(sum(held.actual or 0 for _, held in mine))
        # An order for a campaign that still spends is used up by that spend, not on top of it.
        within = [held.open for part, held in mine if part and runs]
        beside = [held.open for part, held in mine if not (part and runs)]
        least.append(sum(within))
        certain.append(sum(beside))
    plans = [planned.get((line.pk, month.key), 0) for line in lines]
    return Books(*(np.array(row, dtype=np.float64) for row in (plans, spent, certain, least)))


@dataclass(slots=True, eq=False)
class _Days:
    """What the campaign lines behind some budget lines spent each day, and their plans."""

    year: FiscalYear
    window: Window
    calendar: FiscalCalendar
    parts: Mapping[int, CampaignLine]
    payers: Mapping[int, Mapping[int, str]]
    spent: dict[tuple[int, int], dict[int, int]] = field(default_factory=dict)
    plans: dict[tuple[int, int], list[MonthPlan]] = field(default_factory=dict)
    whole: dict[int, list[MonthPlan]] = field(default_factory=dict)
    arrived: dict[Place, set[int]] = field(default_factory=dict)
    billed: set[tuple[int, int]] = field(default_factory=set)

    @classmethod
    def read(
        cls,
        lines: Sequence[BudgetLine],
        month: Period,
        window: Window,
        held: Mapping[tuple[int, int, str], Part],
    ) -> _Days:
        year = lines[0].fiscal_year
        payers = payers_of(year)
        parts = CampaignLine.objects.filter(pk__in=payers).select_related("campaign")
        found = cls(
            year, window, Organisation.current().calendar, {part.pk: part for part in parts}, payers
        )
        found._read_spend()
        found._read_plans({line.pk for line in lines})
        found.billed = {
            (line, part)
            for (line, part, key), one in held.items()
            if key == month.key and one.whole_bills
        }
        return found

    def _read_spend(self) -> None:
        """Days of every campaign line: what arrived for others of its place arrived for it too."""
        if not self.parts:
            return
        rows = query(
            metrics=["spend"],
            by=["line", "day", "currency"],
            where={"line": list(self.parts)},
            period=Period(
                "history",
                date.fromordinal(self.window.first),
                date.fromordinal(self.window.over - 1),
            ),
            viewer=None,
        ).rows
        rates, weights = rate_finder(), part_plans(self.year)
        months = self._months_of_days()
        spent: dict[tuple[int, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        arrived: dict[Place, set[int]] = defaultdict(set)
        for row in rows:
            if row["spend"] is None:
                continue
            part, day = self.parts[row["line"]], row["day"]
            arrived[_place(part)].add(day.toordinal())
            month = months[day]
            lines = self.payers[part.pk]
            split = shares(row["spend"], list(lines), weights.get((part.pk, month.key), {}))
            for pk, micros in split.items():
                rate = rates.find(row["currency"], lines[pk], month.start)
                if rate is not None:
                    borne = convert(Money(micros, row["currency"]), rate.rate, lines[pk]).micros
                    spent[pk, part.pk][day.toordinal()] += borne
        self.spent, self.arrived = dict(spent), dict(arrived)

    def _months_of_days(self) -> dict[date, Period]:
        """The fiscal month of every day that is over: asked for thousands of rows."""
        days = map(date.fromordinal, range(self.window.first, self.window.over))
        months = self.calendar.months_between(
            date.fromordinal(self.window.first), date.fromordinal(self.window.over)
        )
        known = list(months)
        return {day: next(month for month in known if day in month) for day in days}

    def _read_plans(self, lines: Collection[int]) -> None:
        """Plans of the months in the window, also last year's of a part that one line pays for."""
        first, last = (date.fromordinal(day) for day in (self.window.first, self.window.last))
        months = {month.key: month for month in self.calendar.months_between(first, last)}
        rows = LedgerAccount.objects.filter(month__in=months, budget_line__isnull=False)
        whole: dict[tuple[int, str], int] = defaultdict(int)
        for line, part, key, micros, currency in rows.values_list(
            "budget_line", "campaign_line", "month", "balance_micros", "currency"
        ):
            if line in lines:
                whole[line or 0, key] += micros
            for payer in self._payers(line or 0, part, currency):
                plan = _month_plan(months[key], micros)
                self.plans.setdefault((payer, part or 0), []).append(plan)
        for (line, key), micros in whole.items():
            self.whole.setdefault(line, []).append(_month_plan(months[key], micros))

    def _payers(self, line: int, part: int | None, currency: str) -> Iterable[int]:
        """The budget lines of this year for which an account of a campaign line speaks."""
        payers = self.payers.get(part or 0, {})
        if line in payers:
            return [line]
        return [pk for pk, own in payers.items() if len(payers) == 1 and own == currency]

    def month_parts(
        self, parts: Mapping[tuple[int, int, str], Part], month: Period
    ) -> dict[tuple[int, int, str], Part]:
        """The month's parts with what was reported of the days that are over: today is not."""
        found = {}
        for (line, part, key), held in parts.items():
            if key == month.key:
                days = self.spent.get((line, part), {})
                inside = [micros for day, micros in days.items() if day >= self.window.month_first]
                found[line, part, key] = replace(held, imported=sum(inside) if inside else None)
        return found

    def line(self, line: BudgetLine) -> tuple[FloatArray, FloatArray]:
        """Spend and expectation of a budget line, see ``line_days``."""
        mine = [part for pk, part in self.parts.items() if line.pk in self.payers[pk]]
        parts = [self._part(line.pk, part) for part in mine]
        return line_days(parts, tuple(self.whole.get(line.pk, ())), self.window)

    def part(self, line: BudgetLine, part: CampaignLine) -> tuple[FloatArray, FloatArray]:
        """The same of one campaign line alone."""
        return line_days([self._part(line.pk, part)], (), self.window)

    def _part(self, line: int, part: CampaignLine) -> PartDays:
        campaign = part.campaign
        starts, ends = part.starts_on or campaign.flight_start, part.ends_on or campaign.flight_end
        waits = campaign.status != Status.LIVE and starts is None
        return PartDays(
            spend=self._row(line, part),
            plans=tuple(self.plans.get((line, part.pk), ())),
            starts=starts.toordinal() if starts else None,
            ends=ends.toordinal() if ends else None,
            is_stopped=part.is_paused or campaign.status not in GOING or waits,
            is_billed=(line, part.pk) in self.billed,
        )

    def _row(self, line: int, part: CampaignLine) -> FloatArray:
        """Micros a day; a day on which nothing of its place arrived is NaN while the part is live."""
        window, known = self.window, self.spent.get((line, part.pk), {})
        here = self.arrived.get(_place(part), set())
        if part.campaign.status != Status.LIVE or part.is_paused:
            # Nothing is to arrive for what was stopped; all places tell how far data reaches.
            newest = max((max(days) for days in self.arrived.values()), default=window.first - 1)
            here = here | set(range(max(here, default=window.first - 1) + 1, newest + 1))
        days = np.arange(window.first, window.over)
        row = np.where(np.isin(days, list(here)), 0.0, np.nan)
        for day, micros in known.items():
            row[day - window.first] = micros
        return row

    def through(self, line: BudgetLine) -> date | None:
        """The newest day with data of the line's campaigns."""
        return self.newest([part for pk, part in self.parts.items() if line.pk in self.payers[pk]])

    def newest(self, parts: Sequence[CampaignLine]) -> date | None:
        """The newest day with data of the places of live parts; of all places where none is live."""
        live = {_place(part) for part in parts if part.campaign.status == Status.LIVE}
        places = live or (set(self.arrived) if parts else set())
        days = [max(self.arrived[place]) for place in places if place in self.arrived]
        return date.fromordinal(max(days)) if days else None


def _place(part: CampaignLine) -> Place:
    return (part.campaign.team_id, part.channel_id, part.currency)


def _month_plan(month: Period, micros: int) -> MonthPlan:
    return MonthPlan(month.start.toordinal(), month.end.toordinal(), micros)
