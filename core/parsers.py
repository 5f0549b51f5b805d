"""What the API reads as text: a module of its own, because every API view loads it first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from core.text import kept

UNKEPT = re.compile("[\x00\ud800-\udfff]")


class TextOnly(JSONParser):
    """JSON whose texts can be kept: no zero character, no half of a surrogate pair.

    Names lose the characters that nobody sees, as they do on pages.
    """

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        data = super().parse(stream, media_type, parser_context)
        if not _can_be_kept(data):
            raise ParseError(
                "A text holds a character that cannot be kept: zero, or half of a surrogate pair."
            )
        return _with_plain_names(data)


def _can_be_kept(data: Any) -> bool:
    if isinstance(data, dict):
        return all(_can_be_kept(key) and _can_be_kept(value) for key, value in data.items())
    if isinstance(data, list):
        return all(map(_can_be_kept, data))
    return not isinstance(data, str) or not UNKEPT.search(data)


def _with_plain_names(data: Any) -> Any:
    if isinstance(data, dict):
        return {
            key: kept(key, value) if isinstance(value, str) else _with_plain_names(value)
            for key, value in data.items()
        }
    return list(map(_with_plain_names, data)) if isinstance(data, list) else data
