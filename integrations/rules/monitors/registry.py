"""Every monitor once: what it looks at, how it is set when nobody says otherwise, what can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from integrations.choices import Monitor, Severity
from integrations.rules.monitors.answers import Observed, Signal
from integrations.rules.monitors.arriving import gap, late
from integrations.rules.monitors.doubled import duplicate
from integrations.rules.monitors.faults import (
    clicks_above,
    conversions_unclicked,
    negative,
    spend_unseen,
)
from integrations.rules.monitors.level import shift, volume
from integrations.rules.monitors.stated import currency_or_zone, landing, naming, unknown, utm

Look = Callable[[Observed, float], Iterator[Signal]]
Action = Literal["accept", "exclude", "refetch", "remap"]


@dataclass(frozen=True, slots=True)
class Spec:
    """``threshold`` is counted in ``unit``. ``action`` corrects what it finds, beside accepting it."""

    monitor: Monitor
    look: Look
    severity: Severity
    threshold: float
    unit: str
    text: str
    action: Action = "accept"

    @property
    def may_hold(self) -> bool:
        """Whether the rows in question are known, so that they can be held back."""
        return self.action == "exclude"


_ALL = (
    Spec(
        Monitor.LATE, late, Severity.WARNING, 1, "days beyond the longest pause so far",
        "Nothing new comes in, longer than it ever took.", "refetch",
    ),
    Spec(
        Monitor.GAP, gap, Severity.ERROR, 1, "missing days",
        "Days without any row between days with rows.", "refetch",
    ),
    Spec(
        Monitor.VOLUME, volume, Severity.WARNING, 2, "times more or less than usual",
        "Impressions of a day against the same weekday of eight weeks.", "refetch",
    ),
    Spec(
        Monitor.DUPLICATE, duplicate, Severity.ERROR, 3, "equal days",
        "Two campaigns with the same numbers, or a day that repeats the day before.", "exclude",
    ),
    Spec(
        Monitor.NEGATIVE, negative, Severity.WARNING, 1, "rows",
        "A measure below zero.", "exclude",
    ),
    Spec(
        Monitor.CLICKS, clicks_above, Severity.ERROR, 1, "rows",
        "More clicks than impressions.", "exclude",
    ),
    Spec(
        Monitor.SPEND, spend_unseen, Severity.WARNING, 1, "rows",
        "Spend on a day without impressions.", "exclude",
    ),
    Spec(
        Monitor.CONVERSIONS, conversions_unclicked, Severity.WARNING, 3, "conversions",
        "Conversions on a day without clicks.", "exclude",
    ),
    Spec(
        Monitor.CURRENCY, currency_or_zone, Severity.ERROR, 1, "deliveries",
        "Another currency or time zone than before.", "refetch",
    ),
    Spec(
        Monitor.SHIFT, shift, Severity.WARNING, 1.5, "times the usual rate",
        "Clicks or cost per impression jump in most campaigns at once.", "refetch",
    ),
    Spec(
        Monitor.UNKNOWN, unknown, Severity.WARNING, 1, "campaigns",
        "A campaign that nobody planned.", "remap",
    ),
    Spec(
        Monitor.NAMING, naming, Severity.WARNING, 1, "names",
        "Names that do not follow the team’s pattern.",
    ),
    Spec(
        Monitor.LANDING, landing, Severity.ERROR, 1, "links",
        "Landing pages that answer with an error, asked once a day.",
    ),
    Spec(
        Monitor.UTM, utm, Severity.WARNING, 1, "links",
        "Links without the parameters that analytics needs.",
    ),
)  # fmt: skip
SPECS: Mapping[str, Spec] = {spec.monitor.value: spec for spec in _ALL}
