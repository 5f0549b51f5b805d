"""Lifetime value as people read it: cohorts with their values, cost to win, and payback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.results import REASON_TEXT, Reason
from core.money import Money
from insights.models import LifetimeRun
from insights.rules.attribution import Asked

HORIZONS = (90, 180, 365)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a customer brought in so many days, with its 90 % range; ``reason`` says why not."""

    value: Money | None
    low: Money | None
    high: Money | None
    seen: int
    reason: str


@dataclass(frozen=True, slots=True)
class CohortShown:
    """A cohort: values by age in days, the year as expected, cost to win and payback.

    ``ratio`` is margin over cost after ``ratio_at`` days, with its 90 % range in ``ratio_ends``.
    """

    name: str
    customers: int
    values: Mapping[int, Worth]
    expected: Worth | None
    cac: Money | None
    ratio: float | None
    ratio_at: int
    ratio_ends: tuple[float, float] | None
    payback_days: int | None
    chance: float | None
    reason: str


def cohorts_shown(run: LifetimeRun, part: str) -> list[CohortShown]:
    """The cohorts of ``channels``, ``all`` or ``months``, the largest first; months in order."""
    found = [_cohort(run, one) for one in run.record[part]]
    return found if part == "months" else sorted(found, key=lambda one: -one.customers)


def asked_of(run: LifetimeRun) -> Asked:
    """The settings of the run."""
    return Asked.read(run.settings)


def ages_of(run: LifetimeRun) -> Sequence[int]:
    """Ages in days that values are known at."""
    found: Sequence[int] = run.record["ages"]
    return found


def _cohort(run: LifetimeRun, kept: Mapping[str, Any]) -> CohortShown:
    ends = kept["ratio_ends"]
    return CohortShown(
        name=kept["name"],
        customers=kept["customers"],
        values={int(age): _worth(run, one) for age, one in kept["values"].items()},
        expected=_worth(run, kept["expected"]) if kept["expected"] else None,
        cac=_money(run, kept["cac"]),
        ratio=kept["ratio"],
        ratio_at=kept["ratio_at"],
        ratio_ends=(ends[0], ends[1]) if ends else None,
        payback_days=kept["payback_days"],
        chance=kept["chance"],
        reason=REASON_TEXT[Reason(kept["reason"])] if kept["reason"] else "",
    )


def _worth(run: LifetimeRun, kept: Mapping[str, Any]) -> Worth:
    return Worth(
        value=_money(run, kept["micros"]),
        low=_money(run, kept["low"]),
        high=_money(run, kept["high"]),
        seen=kept["seen"],
        reason=REASON_TEXT[Reason(kept["reason"])] if kept["reason"] else "",
    )


def _money(run: LifetimeRun, micros: int | None) -> Money | None:
    return None if micros is None else Money(micros, run.currency)
