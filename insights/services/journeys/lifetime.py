"""One run of lifetime value: who won each customer, what they brought since, what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import process_time
from typing import Any

import numpy as np
from django.db import transaction

from accounts.models import Team, User
from analytics.arrays import IntArray
from analytics.lifetime import Cohort, Customers, LifetimeValue, cohorts, predicted_value
from analytics.results import Reason
from budgets.selectors import local_day
from core import events
from core.events import AUTOMATION
from core.money import MICROS
from core.periods import Period
from insights.models import Conversion, LifetimeRun
from insights.rules.attribution import Asked
from insights.selectors.bigints import ACCOUNTS
from insights.selectors.conversions import NOBODY, Amounts
from insights.selectors.touches import Read, Window, read_records
from insights.services.journeys.money import money_beside
from insights.services.journeys.runs import Progress, silent
from metrics.models import Batch
from metrics.selectors import query

SEED = 365
# Ages that are told, and those between that the curve is drawn through.
HORIZONS = (90, 180, 365)
AGES = (1, 15, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 365)
UNKNOWN = "Not known"
EVERYBODY = "All channels"
PARTS = 4


@dataclass(frozen=True, slots=True, eq=False)
class _Won:
    """Customers of the window with the channel and the month that each was won by and in."""

    customers: Customers
    channels: Sequence[str]
    months: Sequence[str]


def lifetime_run(
    *,
    team: Team,
    asked: Asked,
    user: User | None,
    at: datetime,
    last_day: date | None = None,
    tell: Progress = silent,
    only_new: bool = False,
) -> LifetimeRun | None:
    """Compute and keep a run over customers won in the window, known until its end.

    ``only_new``: None where the same records were read with the same settings before.
    """
    began = process_time()
    ends = last_day or local_day(at) - timedelta(days=1)
    window = Window(ends - timedelta(days=asked.days - 1), ends, asked.reach)
    tell(0, PARTS, "Reading touches and payments")
    read = _read(team, asked, window)
    sha256 = read.sha256
    newest = LifetimeRun.objects.filter(team=team).first()
    if only_new and newest and (newest.data_sha256, newest.last_day) == (sha256, ends):
        return None
    tell(1, PARTS, "Finding who won each customer")
    won = _won(read, asked, window)
    money = money_beside(team, asked, window, read.currency)
    tell(2, PARTS, f"Valuing {len(won.channels):,} customers")
    record = _computed(won, asked, money["cost"], _monthly(team, window, read.currency, money))
    return _kept(
        team, user, at, window=window, settings=asked.plain(), data_sha256=sha256,
        currency=read.currency, record=record | {"money": money, "gaps": read.gaps},
        customers=len(won.channels), purchases=len(won.customers.customer),
        reason="" if won.channels else Reason.TOO_FEW_CUSTOMERS,
        cpu_seconds=round(process_time() - began, 2),
    )  # fmt: skip


def _read(team: Team, asked: Asked, window: Window) -> Read:
    """Payments where there are any, else won deals."""
    paid = read_records(team, Conversion.PAYMENT, asked, window)
    if len(paid.kinds[Conversion.PAYMENT].who):
        return paid
    return read_records(team, Conversion.WON, asked, window)


def _won(read: Read, asked: Asked, window: Window) -> _Won:
    """Customers whose first purchase lies in the window, and what they bought since."""
    (amounts,) = read.kinds.values()
    amounts = amounts.where((amounts.who < NOBODY) | (amounts.who >= ACCOUNTS))
    first = amounts.firsts()
    fresh = first.where(first.at >= round(window.begins.timestamp() * MICROS))
    number = np.searchsorted(fresh.who, amounts.who)
    theirs = np.append(fresh.who, -1)[number] == amounts.who
    customers = Customers(
        since=_days(fresh.at),
        customer=number[theirs],
        day=_days(amounts.at[theirs]),
        amount=amounts.micros[theirs] / MICROS,
        until=window.last_day.toordinal(),
    )
    months = [f"{date.fromordinal(int(day)):%Y-%m}" for day in customers.since]
    return _Won(customers, _channels(read, fresh, asked), months)


def _days(at: IntArray) -> IntArray:
    """The day of each moment (UTC) as an ordinal, never after the window's last one."""
    first = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
    found: IntArray = at // (86_400 * MICROS) + first
    return found


def _channels(read: Read, fresh: Amounts, asked: Asked) -> list[str]:
    """The channel of the last touch before each first purchase; of the first, where asked for."""
    touches = read.touches
    place = np.searchsorted(fresh.who, touches.who)
    theirs = np.append(fresh.who, -1)[place] == touches.who
    theirs &= touches.at <= np.append(fresh.at, -1)[place]
    place, at, channel = place[theirs], touches.at[theirs], touches.channel[theirs]
    order = np.lexsort((channel, at, place))
    if asked.model == "first":
        order = order[::-1]
    found = np.full(len(fresh.who), -1)
    found[place[order]] = channel[order]
    return [touches.channels[code] if code >= 0 else UNKNOWN for code in found]


def _computed(
    won: _Won, asked: Asked, cost: Mapping[str, int | None], monthly: Mapping[str, int]
) -> dict[str, Any]:
    margin = asked.margin / 100
    costs = {name: micros / MICROS for name, micros in cost.items() if micros}
    by_month = {month: micros / MICROS for month, micros in monthly.items() if micros}
    customers = won.customers
    everybody = [EVERYBODY] * len(won.channels)
    all_costs = {EVERYBODY: sum(costs.values())} if costs else {}
    return {
        "channels": [
            _told(cohort, _only(customers, won.channels, cohort.name))
            for cohort in _cohorts(customers, won.channels, costs, margin)
        ],
        "all": [
            _told(cohort, customers) for cohort in _cohorts(customers, everybody, all_costs, margin)
        ],
        "months": [_told(one, None) for one in _cohorts(customers, won.months, by_month, margin)],
        "ages": list(AGES),
    }


def _cohorts(
    customers: Customers, names: Sequence[str], costs: Mapping[str, float], margin: float
) -> tuple[Cohort, ...]:
    if not names:
        return ()
    return cohorts(customers, names, seed=SEED, costs=costs, margin=margin, horizons=AGES)


def _only(customers: Customers, names: Sequence[str], name: str) -> Customers:
    return customers.only(np.array([one == name for one in names], dtype=np.bool_))


def _told(cohort: Cohort, members: Customers | None) -> dict[str, Any]:
    """A cohort as plain data: amounts in whole micros, with what is expected after a year."""
    payback = cohort.payback
    expected = (
        predicted_value(members, horizon=HORIZONS[-1], seed=SEED) if members is not None else None
    )
    return {
        "name": cohort.name,
        "customers": cohort.customers,
        "values": {str(one.horizon): _value(one) for one in cohort.values},
        "expected": _value(expected) if expected else None,
        "cac": _micros(payback.cac),
        "ratio": payback.ratio,
        "ratio_at": payback.horizon,
        "ratio_ends": [payback.ratio_interval.low, payback.ratio_interval.high]
        if payback.ratio_interval
        else None,
        "payback_days": payback.days,
        "chance": payback.chance,
        "reason": str(payback.reason) if payback.reason else "",
    }


def _value(found: LifetimeValue) -> dict[str, Any]:
    ends = found.interval
    return {
        "micros": _micros(found.value),
        "low": _micros(ends.low) if ends else None,
        "high": _micros(ends.high) if ends else None,
        "seen": found.seen,
        "reason": str(found.reason) if found.reason else "",
    }


def _micros(amount: float | None) -> int | None:
    return None if amount is None else round(amount * MICROS)


def _monthly(team: Team, window: Window, currency: str, money: Mapping[str, Any]) -> dict[str, int]:
    """Spend by month, of the same lines."""
    where: dict[str, Any] = {"team": team.pk}
    if money["line_numbers"]:
        where["line"] = money["line_numbers"]
    answer = query(
        metrics=["spend"], by=["day"], where=where, viewer=None, currency=currency,
        period=Period("run", window.first_day, window.last_day),
    )  # fmt: skip
    found: dict[str, int] = {}
    for row in answer.rows:
        month = f"{row['day']:%Y-%m}"
        found[month] = found.get(month, 0) + (row["spend"] or 0)
    return found


@transaction.atomic
def _kept(
    team: Team, user: User | None, at: datetime, *, window: Window, **fields: Any
) -> LifetimeRun:
    run = LifetimeRun.objects.create(
        team=team,
        first_day=window.first_day,
        last_day=window.last_day,
        batch=Batch.objects.filter(known_at__lte=at).order_by("-known_at", "-pk").first(),
        known_at=at,
        ran_at=at,
        ran_by=user,
        **fields,
    )
    events.record(
        actor=user.as_actor() if user else AUTOMATION,
        action="lifetime.ran",
        subject=run,
        at=at,
        after={"customers": run.customers, "purchases": run.purchases},
        team_path=team.path,
        live=["attribution"],
    )
    return run
