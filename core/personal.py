"""Personal data: what says who somebody is becomes a token before it is kept anywhere.

    token(Kind.EMAIL, " Jane@Example.com ")   "p2e-6f0c…"  the same person, always the same token

A token is an HMAC-SHA256 (its first 128 bits) of the normalised value; the value itself is
kept nowhere. Keys form a chain: the token of generation 2 is the HMAC, under the second key,
of the token of generation 1. So a new key can be put on top of every token that is kept
(``renew``) although nobody knows the values, a key that leaked is worth nothing once that
was done, and until then tokens of both generations are found (``tokens``). The former keys
stay in the settings, because every new value has to go through the whole chain.

Apps say what they hold of people by registering a ``Holder``; finding, erasing and renewing
then reach every room of the house without this floor knowing any of them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from django.conf import settings


class Kind(StrEnum):
    """What a token stands for; its first letter is part of the token."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    NUMBER = "id"


LETTERS = {kind.value[0]: kind for kind in Kind}
TOKEN = re.compile(r"\bp(\d{1,3})([enpi])-([0-9a-f]{32})\b")
# The same as the database writes patterns, for the columns of a table.
IN_COLUMNS = r"p\d{1,3}[enpi]-[0-9a-f]{32}"
EMAIL = re.compile(r"[\w.%+'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}")
ERASED = "erased"
# Customer numbers are only unique within the system that gave them.
SYSTEMS = ("hubspot", "salesforce", "")


def normal(kind: Kind, value: str) -> str:
    """The one way a value is written before it is hashed; "" where nothing is left of it."""
    text = " ".join(unicodedata.normalize("NFKC", value).split())
    if kind is Kind.PHONE:
        digits = re.sub(r"\D", "", text)
        return digits.removeprefix("00") if text[:1] != "+" else digits
    return text if kind is Kind.NUMBER else text.casefold()


def token(kind: Kind, value: str, system: str = "") -> str:
    """The token of a value under the newest key; "" for none, and tokens stay what they are."""
    if is_token(value):
        return renew(value)
    found = tokens(kind, value, system)
    return found[-1] if found else ""


def tokens(kind: Kind, value: str, system: str = "") -> list[str]:
    """The tokens of a value under every key there was, oldest first."""
    text = normal(kind, value)
    if not text:
        return []
    content = f"{kind}:{system}:{text}" if kind is Kind.NUMBER else f"{kind}:{text}"
    first = _token(1, kind.value[0], _digest(settings.PERSONAL_KEYS[0], content))
    chain = [first]
    for generation in range(2, len(settings.PERSONAL_KEYS) + 1):
        chain.append(_next(chain[-1], generation))
    return chain


def is_token(value: str) -> bool:
    """Whether a value was hashed already."""
    return TOKEN.fullmatch(value.strip()) is not None


def renew(text: str) -> str:
    """The text with every token in it carried on to the newest key."""
    return TOKEN.sub(lambda found: _newest(found[0], int(found[1])), text)


def is_outdated(text: str) -> bool:
    """Whether some token in the text is of an earlier key."""
    newest = len(settings.PERSONAL_KEYS)
    return any(int(found[1]) < newest for found in TOKEN.finditer(text))


def label(value: str) -> str:
    """How a person is called on pages: the same six letters everywhere, and no name."""
    found = TOKEN.fullmatch(value)
    return f"Person {found[3][:6].upper()}" if found else "Erased person"


def mark(value: str) -> str:
    """What is remembered of an erased token, to keep it from coming back with the next file.

    Whoever is asked about again goes through the whole chain, so the mark of one
    generation is enough, and a new key on top changes nothing.
    """
    return _digest(settings.PERSONAL_KEYS[0], f"erased:{value}")


def is_erased(kind: Kind, value: str, system: str, erased: Collection[str]) -> bool:
    """Whether a value, or a token, is of somebody whose marks are among the erased ones."""
    if not erased:
        return False
    found = [value] if is_token(value) else tokens(kind, value, system)
    return any(mark(one) in erased for one in found)


def _is_name(value: str) -> bool:
    found = TOKEN.fullmatch(value)
    return found is not None and found[2] == Kind.NAME.value[0]


def _newest(current: str, generation: int) -> str:
    for following in range(generation + 1, len(settings.PERSONAL_KEYS) + 1):
        current = _next(current, following)
    return current


def _next(current: str, generation: int) -> str:
    digest = _digest(settings.PERSONAL_KEYS[generation - 1], current)
    letter = TOKEN.fullmatch(current)
    return _token(generation, letter[2] if letter else "i", digest)


def _token(generation: int, letter: str, digest: str) -> str:
    return f"p{generation}{letter}-{digest}"


def _digest(key: str, content: str) -> str:
    return hmac.new(key.encode(), content.encode(), hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to look for: every token of what was typed, and the words themselves.

    The words are looked for where people write freely; they are never kept.
    """

    tokens: frozenset[str]
    words: tuple[str, ...] = field(default=(), repr=False)
    # Tokens of the person's name: others may share it, so it finds nobody, and goes with the rest.
    names: frozenset[str] = frozenset()

    @classmethod
    def typed(cls, values: Mapping[Kind, str]) -> Person:
        """From what an administrator typed; a number is looked for in every system.

        A name belongs to many people, so it is only looked for as words of free text, and
        only when it has a first and a last part.
        """
        given = [(kind, text.strip()) for kind, text in values.items() if text.strip()]
        asked = [
            (kind, text, system)
            for kind, text in given
            for system in (SYSTEMS if kind is Kind.NUMBER else ("",))
            if kind is not Kind.NAME
        ]
        words = (text for kind, text in given if kind is not Kind.NUMBER)
        return cls(
            frozenset(found for one in asked for found in tokens(*one)),
            tuple(text for text in words if "@" in text or " " in text or text.isdigit()),
        )

    def with_tokens(self, more: Iterable[str]) -> Person:
        """The same person, known by further tokens (the number of an e-mail address)."""
        found = {one for one in more if is_token(one)}
        names = {one for one in found if _is_name(one)}
        return Person(self.tokens | (found - names), self.words, self.names | names)

    @property
    def marks(self) -> frozenset[str]:
        return frozenset(map(mark, self.tokens))

    def is_in(self, text: str) -> bool:
        """Whether some text names the person."""
        low = text.casefold()
        return any(one in text for one in self.tokens | self.names) or any(
            word.casefold() in low for word in self.words
        )

    def taken_out(self, text: str) -> str:
        """The text with the person replaced by the word "erased"; with a token goes every name.

        Give it no more than a line: the name beside somebody's number is theirs.
        """
        if any(one in text for one in self.tokens):
            text = TOKEN.sub(lambda found: ERASED if _is_name(found[0]) else found[0], text)
        for one in self.tokens | self.names:
            text = text.replace(one, ERASED)
        for word in self.words:
            text = re.sub(re.escape(word), ERASED, text, flags=re.IGNORECASE)
        return text


class Holder(Protocol):
    """A place that holds something about people."""

    key: str
    label: str

    def known(self, person: Person) -> Collection[str]:
        """Further tokens of the same person that this place knows."""

    def count(self, person: Person) -> int:
        """How many of its entries name the person."""

    def erase(self, person: Person, at: datetime) -> int:
        """Take the person out of them and keep what they add up to; answers how many."""

    def renew(self) -> int:
        """Carry tokens of earlier keys on to the newest; answers how many entries changed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of data that may be kept for so many days; ``forget`` with ``dry`` only counts."""

    key: str
    label: str
    what: str
    forget: Forget


class Forget(Protocol):
    def __call__(self, *, before: datetime, at: datetime, dry: bool) -> int:
        """Forget what was last of use before a moment; answers how many entries."""


_holders: list[Holder] = []
_kept: dict[str, Kept] = {}


def register_holder(holder: Holder) -> None:
    """Add a place that finding, erasing and renewing must reach."""
    if holder.key not in {known.key for known in _holders}:
        _holders.append(holder)


def holders() -> tuple[Holder, ...]:
    return tuple(_holders)


def register_kept(kept: Kept) -> None:
    """Add a kind of data whose days are counted."""
    _kept[kept.key] = kept


def all_kept() -> tuple[Kept, ...]:
    return tuple(_kept.values())
