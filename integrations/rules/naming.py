"""Names of campaigns by a pattern, and what links must carry.

``{market}_{channel}_{campaign}`` takes ``DE_search_Winter Layers`` apart. A part ends where the text
after it begins, so only the last part may contain that text itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

_PART = re.compile(r"\{([^{}]*)\}")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_PARTS = 12
# What a link carries so that a visit can be told apart, when a team says nothing else.
USUAL_UTM: Mapping[str, Sequence[str]] = {"utm_source": (), "utm_medium": (), "utm_campaign": ()}


class PatternWrong(Exception):
    """A pattern that cannot take names apart; the message says why and what to write."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: its parts in order, and the values each may have (none: any)."""

    text: str
    parts: tuple[str, ...]
    regex: re.Pattern[str]
    allowed: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SplitName:
    """What a name says. ``problems`` are sentences; ``parts`` is empty when it does not fit."""

    name: str
    parts: Mapping[str, str]
    problems: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        return not self.problems


def compile_pattern(text: str, allowed: Mapping[str, Sequence[str]] | None = None) -> Pattern:
    """The pattern of ``text``; raises ``PatternWrong`` with a sentence."""
    pieces = _PART.split(text)
    literals, parts = pieces[::2], tuple(pieces[1::2])
    _refuse_wrong(text, parts, literals)
    shapes = [
        f"(?P<{part}>{_shape(literals[place + 1], is_last=place == len(parts) - 1)})"
        for place, part in enumerate(parts)
    ]
    body = "".join(re.escape(a) + b for a, b in zip(literals, [*shapes, ""], strict=True))
    unknown = [key for key in allowed or {} if key not in parts]
    if unknown:
        raise PatternWrong(f"Values are given for {unknown[0]}, which is no part of the pattern.")
    return Pattern(text, parts, re.compile(body), dict(allowed or {}))


def _shape(following: str, *, is_last: bool) -> str:
    """Anything up to what follows; the last part may hold that text, too."""
    return ".+" if is_last or not following else f"[^{re.escape(following[0])}]+"


def _refuse_wrong(text: str, parts: Sequence[str], literals: Sequence[str]) -> None:
    if not parts:
        raise PatternWrong("Write at least one part in braces, such as {market}_{campaign}.")
    if len(parts) > MOST_PARTS:
        raise PatternWrong(f"A name can have {MOST_PARTS} parts; this has {len(parts)}.")
    if "{" in "".join(literals) or "}" in "".join(literals):
        raise PatternWrong(f"A brace in “{text}” is not closed.")
    for part in parts:
        if not _KEY.fullmatch(part):
            raise PatternWrong(
                f"“{part}” cannot name a part; use small letters, digits and underscores."
            )
    if len(set(parts)) < len(parts):
        raise PatternWrong("Each part may stand only once.")
    if not all(literals[1:-1]):
        raise PatternWrong("Two parts touch; put a delimiter such as _ or - between them.")


def split_name(pattern: Pattern, name: str) -> SplitName:
    """The parts of a name; values that the list has in another case are written as in the list."""
    found = pattern.regex.fullmatch(name.strip())
    if found is None:
        return SplitName(name, {}, (f"It does not follow {pattern.text}.",))
    parts, problems = {}, []
    for key, value in found.groupdict().items():
        wanted = list(pattern.allowed.get(key, ()))
        known = next((item for item in wanted if item.casefold() == value.casefold()), None)
        if wanted and known is None:
            problems.append(f"{key} “{value}” is not one of {', '.join(wanted)}.")
        parts[key] = known or value
    return SplitName(name, parts, tuple(problems))


def link_problems(link: str, wanted: Mapping[str, Sequence[str]]) -> list[str]:
    """Which parameters a link lacks, or has with a value outside the list."""
    given = parse_qs(urlsplit(link).query)
    found = []
    for key, values in wanted.items():
        value = given.get(key, [""])[0]
        if not value:
            found.append(f"{key} is missing")
        elif values and value.casefold() not in {item.casefold() for item in values}:
            found.append(f"{key} “{value}” is not one of {', '.join(values)}")
    return found
