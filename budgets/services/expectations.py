"""What somebody expects of a move: a metric's change with its range, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import formats
from core.errors import Invalid
from core.money import Money
from metrics.choices import Unit
from metrics.selectors import METRICS, Metric


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected change of a metric in micros of its unit; all None when nobody said."""

    metric: str = ""
    low: int | None = None
    mid: int | None = None
    high: int | None = None

    @property
    def range(self) -> tuple[int | None, int | None, int | None]:
        return self.low, self.mid, self.high


def read_expectation(payload: Mapping[str, Any]) -> Expectation:
    """``{"expected": {"metric": "revenue", "low": …, "mid": …, "high": …}}``, values in micros.

    Raises ``Invalid`` when a value is not a whole number or the range is not in order.
    """
    said = payload.get("expected") or {}
    if not isinstance(said, dict):
        raise Invalid("The expected effect cannot be read.", where="expected")
    values = [said.get(name) for name in ("low", "mid", "high")]
    known = [value for value in values if value is not None]
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in known):
        raise Invalid("The expected effect is given in whole micros.", where="expected")
    if known != sorted(known):
        raise Invalid("The expected effect is not in order: low, middle, high.", where="expected")
    return Expectation(str(said.get("metric") or ""), *values)


@dataclass(frozen=True, slots=True)
class ShownExpectation:
    """An expectation in words: label, figure and judgement of low, middle and high."""

    metric: str
    figures: Sequence[tuple[str, str, str]]
    note: str


def show_expectation(payload: Mapping[str, Any]) -> ShownExpectation | None:
    """What is expected, as an approver reads it; None when nobody said.

    It says so when the expectation was worked out for another amount than is asked for.
    """
    said = read_expectation(payload)
    if said.mid is None or said.metric not in METRICS:
        return None
    metric, currency = METRICS[said.metric], str(payload.get("currency") or "")
    levels = (("P10", said.low), ("P50", said.mid), ("P90", said.high))
    figures = [
        (label, _written(micros, metric, currency), _judged(micros, metric))
        for label, micros in levels
        if micros is not None
    ]
    return ShownExpectation(metric.label, figures, _basis(payload, currency))


def _written(micros: int, metric: Metric, currency: str) -> str:
    """A difference in the metric's own unit."""
    if metric.is_money:
        return formats.money_signed(Money(micros, currency))
    amount = Money(micros, "").amount
    if metric.unit == Unit.PERCENT:
        return formats.points(amount)
    return formats.ratio_signed(amount) if metric.is_ratio else formats.signed(amount)


def _judged(micros: int, metric: Metric) -> str:
    if metric.up_is_good is None or not micros:
        return "neutral"
    return "good" if (micros > 0) == metric.up_is_good else "bad"


def _basis(payload: Mapping[str, Any], currency: str) -> str:
    worked_out = payload.get("expected_for_micros")
    asked = sum(max(row["amount_micros"], 0) for row in payload["moves"])
    if not isinstance(worked_out, int) or worked_out == asked:
        return ""
    was, now = (formats.money_whole(Money(m, currency)) for m in (worked_out, asked))
    return f"Worked out for a move of {was}; this request moves {now}."


def details(payload: Mapping[str, Any], reason: str) -> Mapping[str, Any]:
    """What the evidence template shows: expectation, and hypothesis where it is not the reason."""
    said = payload.get("hypothesis") or ""
    shown = show_expectation(payload)
    title = "What should come of it"
    if shown:
        middle = next(text for label, text, _ in shown.figures if label == "P50")
        title = f"Expected: {middle} of {shown.metric.lower()}"
    return {
        "title": title,
        "sub": "Difference to keeping the plan; 8 of 10 cases lie between P10 and P90"
        if shown
        else "",
        "hypothesis": said if said != reason else "",
        "shown": shown,
    }
