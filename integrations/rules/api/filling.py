"""Places in questions (``{account}``) and places in answers (``campaign.id``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PLACE = re.compile(r"\{(\w+)\}")


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """``template`` with every ``{place}`` filled; a text that is one place alone keeps the value's type."""
    if isinstance(template, Mapping):
        return {fill(key, values): fill(item, values) for key, item in template.items()}
    if isinstance(template, list | tuple):
        return [fill(item, values) for item in template]
    if not isinstance(template, str):
        return template
    if (alone := PLACE.fullmatch(template)) is not None:
        return values[alone[1]]
    return PLACE.sub(lambda found: str(values[found[1]]), template)


def at(data: Any, place: str) -> Any:
    """What stands at ``a.b.0.c`` of an answer; None where there is nothing."""
    for part in place.split(".") if place else ():
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list) and part.lstrip("-").isdecimal():
            data = data[int(part)] if -len(data) <= int(part) < len(data) else None
        else:
            return None
    return data


def put(question: Mapping[str, Any], place: str, value: Any) -> dict[str, Any]:
    """``question`` (of query and body) with ``value`` at ``query.after``."""
    found: dict[str, Any] = _put(question, place, value)
    return found


def _put(data: Any, place: str, value: Any) -> Any:
    if not place:
        return value
    head, _, rest = place.partition(".")
    if isinstance(data, list):
        return [
            _put(one, rest, value) if number == int(head) else one
            for number, one in enumerate(data)
        ]
    return {**data, head: _put(data.get(head) or {}, rest, value)}
