"""Charts as declarations: what is shown and what it says; the browser draws, the server tells.

A chart's table twin and its text summary are written here from the same values that
are drawn. Amounts become plain numbers only in ``Chart.as_json``, for drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from core import formats
from core.money import Money

Value = Money | Decimal | int | float | None
X = date | str


@dataclass(frozen=True, slots=True)
class Unit:
    """How a chart's values are written; ``kind`` money, number, percent or ratio."""

    kind: str
    currency: str = ""
    digits: int | None = None

    @classmethod
    def money(cls, currency: str, digits: int | None = None) -> Unit:
        return cls("money", currency, digits)

    @classmethod
    def number(cls, digits: int | None = None) -> Unit:
        return cls("number", digits=digits)

    @classmethod
    def percent(cls, digits: int | None = None) -> Unit:
        """Values are shares of 1."""
        return cls("percent", digits=digits)

    @classmethod
    def ratio(cls, digits: int | None = 2) -> Unit:
        return cls("ratio", digits=digits)

    def write(self, value: Value) -> str:
        """A value in words, with its unit; a missing one is an en dash."""
        if value is None:
            return formats.NOTHING
        if isinstance(value, Money):
            return formats.money(value)
        if self.kind == "money":
            return formats.money(Money(int(formats.decimal(value) * 10**6), self.currency))
        if self.kind == "percent":
            return formats.percent(value, self.digits)
        if self.kind == "ratio":
            return formats.ratio(value, 2 if self.digits is None else self.digits)
        return formats.number(value, self.digits or 0)

    def write_exact(self, value: Value) -> str:
        """The same at full precision, for the table."""
        return formats.money_exact(value) if isinstance(value, Money) else self.write(value)


@dataclass(frozen=True, slots=True)
class Series:
    """One line or set of bars, a value for each x. Styles: actual target limit forecast compare.

    ``color`` names a channel key or a tone; ``end`` is written at the line's end (the name when empty).
    ``tones`` may judge single bars; ``shade`` fills the gap to the target series: "up_is_good" or "up_is_bad".
    """

    name: str
    values: Sequence[Value]
    style: str = "actual"
    color: str = ""
    end: str = ""
    tones: Sequence[str] = ()
    shade: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """A range around the values: ``expected`` (neutral), ``p80`` or ``p50``."""

    low: Sequence[Value]
    high: Sequence[Value]
    label: str = ""
    style: str = "expected"


@dataclass(frozen=True, slots=True)
class Marker:
    """A change on the time axis: a numbered circle above the plot, tied to the log by number.

    A remark carries a ``letter`` instead.
    """

    at: X
    number: int
    label: str = ""
    tone: str = "neutral"
    url: str = ""
    letter: str = ""

    @property
    def sign(self) -> str:
        """What stands in the circle."""
        return self.letter or str(self.number)


@dataclass(frozen=True, slots=True)
class Young:
    """Days whose figures still grow: hatched. ``words`` say by how much, below the title."""

    start: X
    end: X
    label: str = "maturing"
    words: str = ""


@dataclass(frozen=True, slots=True)
class WaterStep:
    """One step of a bridge."""

    label: str
    value: Value
    tone: str = "neutral"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """So many go from ``source`` at a step (from 0) to ``target``, which may be an end.

    ``tone`` colours an end: ``good`` or ``neutral``.
    """

    step: int
    source: str
    target: str
    value: Value
    is_end: bool = False
    tone: str = "neutral"


def plain(value: Value) -> float | None:
    """A value as the browser draws it."""
    if value is None:
        return None
    return float(value.amount if isinstance(value, Money) else value)


def x_text(value: X, today: date | None = None) -> str:
    return value if isinstance(value, str) else formats.day(value, today, weekday=False)


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its finding (``title``), its method (``sub``), its table and its summary.

    ``kind`` line, bar, bars_h, waterfall, ranges (a dot on a span for each x) or sankey (``flows``). ``zero`` starts a line's axis at zero (bars always
    do). ``how`` links to how it was computed. ``today`` decides whether years are printed.
    """

    kind: str
    title: str = ""
    sub: str = ""
    x: Sequence[X] = ()
    unit: Unit = field(default_factory=Unit.number)
    series: Sequence[Series] = ()
    bands: Sequence[Band] = ()
    markers: Sequence[Marker] = ()
    young: Young | None = None
    start: tuple[str, Value] | None = None
    steps: Sequence[WaterStep] = ()
    flows: Sequence[Flow] = ()
    end: tuple[str, Value] | None = None
    height: int = 240
    summary: str = ""
    how: str = ""
    zero: bool = False
    id: str = "chart"
    x_label: str = "Day"
    today: date | None = None
    # For each x where its figures come from, for the drawer.
    where: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """What ``charts.ts`` draws."""
        return {
            "kind": self.kind,
            "x": [x.isoformat() if isinstance(x, date) else x for x in self.x],
            "labels": [x_text(x, self.today) for x in self.x],
            "time": bool(self.x) and isinstance(self.x[0], date),
            "unit": {
                "kind": self.unit.kind,
                "currency": self.unit.currency,
                "digits": self.unit.digits,
            },
            "series": [_series_json(s) for s in self.series],
            "bands": [_band_json(b) for b in self.bands],
            "markers": [_marker_json(m) for m in self.markers],
            "young": _young_json(self.young),
            "water": self._water_json() if self.kind == "waterfall" else None,
            "flows": [_flow_json(flow) for flow in self.flows] if self.kind == "sankey" else None,
            "height": self.height,
            "zero": self.zero,
        }

    def _water_json(self) -> list[dict[str, Any]]:
        ends = [{"label": label, "value": plain(v), "end": True} for label, v in self._ends()]
        steps = [
            {"label": s.label, "value": plain(s.value), "tone": s.tone, "note": s.note}
            for s in self.steps
        ]
        return [*ends[:1], *steps, *ends[1:]]

    def _ends(self) -> list[tuple[str, Value]]:
        return [end for end in (self.start, self.end) if end is not None]

    @property
    def heads(self) -> list[str]:
        """Column heads of the table twin."""
        if self.kind == "waterfall":
            return ["Step", "Value"]
        if self.kind == "sankey":
            return ["From", "To", "Step", self.x_label]
        bands = [h for b in self.bands for h in (f"{b.label} from", f"{b.label} to")]
        return [self.x_label, *(s.name for s in self.series), *bands]

    @property
    def rows(self) -> list[list[str]]:
        """Rows of the table twin, every value written out with its unit."""
        if self.kind == "waterfall":
            return self._water_rows()
        if self.kind == "sankey":
            return [
                [f.source, f.target, str(f.step + 1), self.unit.write_exact(f.value)]
                for f in self.flows
            ]
        columns = [s.values for s in self.series]
        columns += [side for b in self.bands for side in (b.low, b.high)]
        return [
            [x_text(x, self.today), *(self.unit.write_exact(column[i]) for column in columns)]
            for i, x in enumerate(self.x)
        ]

    @property
    def linked_rows(self) -> list[tuple[list[str], str]]:
        """The same rows, each with where it comes from."""
        return list(zip_longest(self.rows, self.where[: len(self.rows)], fillvalue=""))  # type: ignore[arg-type]

    def _water_rows(self) -> list[list[str]]:
        ends = [[label, self.unit.write_exact(value)] for label, value in self._ends()]
        steps = [[s.label, self._signed(s.value)] for s in self.steps]
        return [*ends[:1], *steps, *ends[1:]]

    def _signed(self, value: Value) -> str:
        text = self.unit.write_exact(value)
        number = plain(value)
        return f"+{text}" if number and number > 0 else text

    @property
    def told(self) -> str:
        """The chart in words, for those who cannot see it; ``summary`` when given."""
        if self.summary:
            return self.summary
        if self.kind == "waterfall":
            return f"{'; '.join(f'{label} {value}' for label, value in self._water_rows())}."
        return " ".join(
            filter(
                None,
                (
                    *(self._told_series(s) for s in self.series),
                    self.young.words if self.young else "",
                    self._told_marks(),
                ),
            )
        )

    def _told_series(self, series: Series) -> str:
        known = [
            (plain(value) or 0.0, i) for i, value in enumerate(series.values) if value is not None
        ]
        if not known:
            return f"{series.name}: no values."
        low, high, last = min(known), max(known), known[-1]
        if low[0] == high[0]:
            return f"{series.name}: {self.unit.write(series.values[last[1]])} throughout."
        told = (
            (which, i) for which, (_, i) in (("lowest", low), ("highest", high), ("last", last))
        )
        words = (f"{which} {self._at(series, i)}" for which, i in told)
        return f"{series.name}: {', '.join(words)}."

    def _at(self, series: Series, index: int) -> str:
        return f"{self.unit.write(series.values[index])} ({x_text(self.x[index], self.today)})"

    def _told_marks(self) -> str:
        marks = [
            f"{m.sign}. {m.label} ({x_text(m.at, self.today)})" for m in self.markers if m.label
        ]
        return f"Changes: {'; '.join(marks)}." if marks else ""


def _flow_json(flow: Flow) -> dict[str, Any]:
    return {
        "step": flow.step,
        "source": flow.source,
        "target": flow.target,
        "value": plain(flow.value),
        "is_end": flow.is_end,
        "tone": flow.tone,
    }


def _series_json(series: Series) -> dict[str, Any]:
    return {
        "name": series.name,
        "values": [plain(v) for v in series.values],
        "style": series.style,
        "color": series.color,
        "end": series.end,
        "tones": list(series.tones),
        "shade": series.shade,
    }


def _band_json(band: Band) -> dict[str, Any]:
    return {
        "low": [plain(v) for v in band.low],
        "high": [plain(v) for v in band.high],
        "label": band.label,
        "style": band.style,
    }


def _marker_json(marker: Marker) -> dict[str, Any]:
    at = marker.at.isoformat() if isinstance(marker.at, date) else marker.at
    return {
        "at": at,
        "number": marker.letter or marker.number,
        "label": marker.label,
        "tone": marker.tone,
        "url": marker.url,
    }


def _young_json(young: Young | None) -> dict[str, str] | None:
    if young is None:
        return None
    start, end = (v.isoformat() if isinstance(v, date) else v for v in (young.start, young.end))
    return {"start": start, "end": end, "label": young.label}
