"""Text as it is kept: without what nobody sees and what turns a name around on the screen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

NOTHING: Final = "\x00"
# C0 and C1 controls but tab and the ends of lines, and what overrides the direction of writing.
UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BREAKS: Final = re.compile("[\t\r\n]+")
# Fields that hold a name: what people and programs find a thing by.
_NAMED: Final = re.compile(r"(?:^|[_-])(?:name|title|label)$")


def plain_name(text: str) -> str:
    """A name on one line, without blanks around it and without characters that nobody sees."""
    return UNSEEN.sub("", _BREAKS.sub(" ", text)).strip()


def holds_name(field: str) -> bool:
    """Whether a field of a form or an API request holds a name."""
    return _NAMED.search(field) is not None


def kept(field: str, text: str) -> str:
    """What a field says as the database can hold it: no zero character, names plain."""
    if holds_name(field):
        return plain_name(text) if UNSEEN.search(text) else text
    return text.replace(NOTHING, "")


def has_unkept(pairs: Iterable[tuple[str, Any]]) -> bool:
    """Whether something in the texts of a form would be kept differently."""
    return any(
        isinstance(text, str) and (NOTHING in field or kept(field, text) != text)
        for field, texts in pairs
        for text in texts
    )


def counted(count: int, one: str, many: str) -> str:
    """``1 row has``, ``1,204 rows have``."""
    return f"{count:,} {one if count == 1 else many}"


def cut(text: str, longest: int) -> str:
    """At most ``longest`` characters of a text, with an ellipsis where something is left out."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
