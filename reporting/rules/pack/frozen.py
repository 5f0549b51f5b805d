"""Content to JSON and back: what a stored report keeps, so that its pages never ask the facts again.

``thaw(freeze(content)) == content``, also after a round through a ``jsonb`` column: decimals and
floats are kept as text, tuples as lists, everything else as a record with its ``type``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from reporting.rules.pack import content as parts
from reporting.rules.pack.content.documents import PackContent, ReviewContent
from reporting.rules.pack.errors import PackError
from reporting.rules.pack.figures import Figure, Name, Provenance, Ref, When
from reporting.rules.pack.judgement import Judgement, Verdict
from reporting.rules.pack.scale import Interval

Json = dict[str, Any]
_OTHERS = (Figure, Name, Provenance, Ref, When, Interval)
_RECORDS: Mapping[str, Any] = {
    item.__name__: item
    for item in (*(getattr(parts, name) for name in parts.__all__), *_OTHERS)
    if isinstance(item, type)
}
_ENUMS: Mapping[str, type[Enum]] = {"Judgement": Judgement, "Verdict": Verdict}


def freeze(content: PackContent | ReviewContent) -> Json:
    """The whole document as JSON."""
    frozen: Json = _freeze(content)
    return frozen


def thaw(frozen: Json) -> PackContent | ReviewContent:
    """The document again; raises ``PackError`` for JSON that is none."""
    document = _thaw(frozen)
    if not isinstance(document, PackContent | ReviewContent):
        raise PackError("What is stored is not a report.", where=type(document).__name__)
    return document


def _freeze(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_freeze(item) for item in value]
    if is_dataclass(value):
        found = {item.name: _freeze(getattr(value, item.name)) for item in fields(value)}
        return {"type": type(value).__name__, **found}
    if isinstance(value, Enum):
        return {"type": type(value).__name__, "value": value.value}
    if isinstance(value, Decimal | float):
        return {"type": type(value).__name__, "value": str(value)}
    if isinstance(value, datetime):
        return {"type": "datetime", "value": value.isoformat()}
    return value


def _thaw(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_thaw(item) for item in value)
    if not isinstance(value, dict):
        return value
    name = value.get("type", "")
    if name in _ENUMS:
        return _ENUMS[name](value["value"])
    if name == "Decimal":
        return Decimal(value["value"])
    if name == "float":
        return float(value["value"])
    if name == "datetime":
        return datetime.fromisoformat(value["value"])
    if name not in _RECORDS:
        raise PackError(f"“{name}” is nothing a report is made of.")
    return _RECORDS[name](**{key: _thaw(item) for key, item in value.items() if key != "type"})
