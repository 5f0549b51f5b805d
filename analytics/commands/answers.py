"""Turns answers into plain values for JSON, and into lines for people."""

from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from analytics.results import REASON_TEXT, Interval, Reason


def plain(value: Any) -> Any:
    """Dataclasses as dictionaries, day ordinals as dates; ready for `json.dumps`."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _day_or_plain(field.name, getattr(value, field.name))
            for field in fields(value)
        }
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _day_or_plain(name: str, value: Any) -> Any:
    if name == "first_day" and isinstance(value, int):
        return date.fromordinal(value).isoformat()
    return plain(value)


def percent(value: float | None) -> str:
    return "unknown" if value is None else f"{value:+.1%}"


def percent_range(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f" ({interval.level:.0%} interval {interval.low:+.1%} to {interval.high:+.1%})"


def why(reason: Reason) -> str:
    return f"No answer: {REASON_TEXT[reason]} [{reason}]"
