"""Events as senders write them, one JSON object a line: read, checked, and put into one form.

A line that cannot be taken is told with its number, field and reason, and keeps nobody else's
from being taken. What a line says is exact: amounts become whole millionths or are refused.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from integrations.choices import EventKind as Kind

MICROS: Final = 1_000_000
MEGABYTE: Final = 1_000_000
EARLY = timedelta(minutes=10)
LATE = timedelta(days=400)
# Above these nothing is an event any more, and sums of them could leave 64 bits.
MOST_MONEY, MOST_COUNT = 10_000_000, 1_000_000_000
PAID = ("succeeded", "failed", "refunded")
PERSON = ("email", "phone", "id")

_ID = re.compile(r"[!-\[\]-~]{1,100}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_UNKEPT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_CAMPAIGN = {"campaign": 300, "campaign_id": 120, "channel": 40}
_ALWAYS = frozenset({"id", "kind", "at"})


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Sizes in bytes, counts in pieces; ``backlog`` is how many accepted events may wait to be counted."""

    packed: int = 5 * MEGABYTE
    unpacked: int = 20 * MEGABYTE
    line: int = 16 * 1024
    lines: int = 10_000
    backlog: int = 200_000


LIMITS = StreamLimits()


class TooLarge(Exception):
    """The body is larger than is read; the sentence says by which measure."""


class NotPacked(Exception):
    """The body says it is gzip and is not, or ends too early."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``subject`` is (campaign_id, campaign, channel); ``person`` (kind, value) as it was sent.

    ``sums`` are impressions, clicks, spend, conversions and revenue; money and conversions
    in millionths, None where the event does not say.
    """

    line: int
    id: str
    digest: UUID
    kind: str
    at: datetime
    day: date
    sums: tuple[int | None, ...]
    topic: str = ""
    subject: tuple[str, str, str] | None = None
    person: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was not taken: where, why, and what stood there."""

    line: int
    code: str
    message: str
    field: str = ""
    value: str = ""
    text: str = ""


class _Bad(Exception):
    def __init__(self, code: str, message: str, field: str = "", value: object = "") -> None:
        super().__init__(message)
        self.code, self.message = code, message
        self.field = _UNKEPT.sub("�", field[:60])
        told = str(value) if isinstance(value, str | int | Decimal) else ""
        self.value = _UNKEPT.sub("�", told[:200])


def unpacked(body: bytes, encoding: str, limits: StreamLimits = LIMITS) -> bytes:
    """The body as text bytes; a gzip is opened no further than the limit.

    Raises ``TooLarge`` and ``NotPacked``.
    """
    if len(body) > limits.packed:
        raise TooLarge(f"The body is larger than {limits.packed // MEGABYTE} MB.")
    if encoding != "gzip":
        return body
    opened, rest = bytearray(), body
    while rest:
        part = zlib.decompressobj(wbits=31)
        try:
            opened += part.decompress(rest, limits.unpacked + 1 - len(opened))
        except zlib.error as error:
            raise NotPacked("The body says it is gzip, but cannot be unpacked.") from error
        if len(opened) > limits.unpacked or part.unconsumed_tail:
            raise TooLarge(f"Unpacked, the body is larger than {limits.unpacked // MEGABYTE} MB.")
        if not part.eof:
            raise NotPacked("The gzip ends too early.")
        rest = part.unused_data
    return bytes(opened)


def read_events(
    body: bytes, *, currency: str, zone: ZoneInfo, now: datetime, limits: StreamLimits = LIMITS
) -> tuple[list[Event], list[BadLine]]:
    """The events of a body and its bad lines; empty lines count for the numbers only.

    Days are those of ``zone``. Raises ``TooLarge`` where there are more lines than are taken
    at once.
    """
    lines = body.split(b"\n")
    if len(lines) > limits.lines + 1:
        raise TooLarge(f"At most {limits.lines:,} lines are taken at once.")
    good, bad = [], []
    read = _Reader(currency, zone, now)
    for number, line in enumerate(lines, 1):
        if not (line := line.strip()):
            continue
        try:
            if len(line) > limits.line:
                raise _Bad("LINE_TOO_LONG", f"A line has at most {limits.line:,} bytes.")
            good.append(read.event(number, _object(line)))
        except _Bad as found:
            text = line[: limits.line].decode("utf-8", "replace").replace("\x00", "�")
            bad.append(BadLine(number, found.code, found.message, found.field, found.value, text))
    return good, bad


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Bad("TWICE", "A field stands there twice.")
    return found


def _constant(name: str) -> None:
    raise _Bad("NOT_A_NUMBER", f"{name} is no number.", value=name)


_decode = json.JSONDecoder(
    parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_once
).decode


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = _decode(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise _Bad("NOT_UTF8", "The line is not written in UTF-8.") from None
    except (ValueError, RecursionError, ArithmeticError):
        raise _Bad("NOT_JSON", "The line is not one JSON object.") from None
    if not isinstance(found, dict):
        raise _Bad("NOT_JSON", "The line is not one JSON object.")
    return found


class _Reader:
    """What all lines of a body have in common."""

    def __init__(self, currency: str, zone: ZoneInfo, now: datetime) -> None:
        self.currency, self.zone = currency, zone
        self.earliest, self.latest = now - LATE, now + EARLY

    def event(self, number: int, given: Mapping[str, Any]) -> Event:
        kind = given.get("kind")
        reader = _READERS.get(kind) if isinstance(kind, str) else None
        if reader is None:
            raise _Bad("UNKNOWN_KIND", f"A kind is one of {', '.join(_READERS)}.", "kind", kind)
        unknown = given.keys() - reader.fields
        if unknown:
            name = min(unknown)
            raise _Bad("UNKNOWN_FIELD", f"An event of kind {kind} has no {name[:60]!r}.", name)
        at = self._moment(given.get("at"))
        sums, topic = reader.read(given, self.currency)
        subject = _subject(given, needed=reader.needs_campaign)
        person = _person(given.get("person"))
        key = _identity(given.get("id"))
        said = repr((kind, at.isoformat(), sums, topic, subject, person))
        digest = UUID(bytes=hashlib.blake2b(said.encode(), digest_size=16).digest())
        day = at.astimezone(self.zone).date()
        return Event(number, key, digest, str(kind), at, day, sums, topic, subject, person)

    def _moment(self, value: Any) -> datetime:
        try:
            at = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise _Bad("NO_TIME", "Say when, as in 2026-11-22T09:30:00Z.", "at", value) from None
        if at.tzinfo is None:
            raise _Bad("NO_ZONE", "Say in which time zone: end with Z or +01:00.", "at", value)
        try:
            at = at.astimezone(UTC)
        except OverflowError:
            raise _Bad("NO_TIME", "There is no such moment.", "at", value) from None
        if at > self.latest:
            raise _Bad("FUTURE", "The moment has not come yet.", "at", value)
        if at < self.earliest:
            raise _Bad("TOO_OLD", f"It is more than {LATE.days} days ago.", "at", value)
        return at


def _identity(value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise _Bad(
            "NO_ID", "An id has 1 to 100 visible ASCII characters, no backslash.", "id", value
        )
    return value


def _subject(given: Mapping[str, Any], *, needed: bool) -> tuple[str, str, str] | None:
    found = {name: _text(given.get(name), name, longest) for name, longest in _CAMPAIGN.items()}
    if found["campaign"] or found["campaign_id"]:
        return found["campaign_id"], found["campaign"], found["channel"]
    if needed:
        raise _Bad("NO_CAMPAIGN", "Say of which campaign: its name or its id.", "campaign")
    return None


def _text(value: Any, name: str, longest: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Bad("NOT_A_TEXT", f"{name} is a text.", name, value)
    if len(value) > longest or _UNKEPT.search(value):
        raise _Bad(
            "NOT_A_TEXT", f"{name} has at most {longest} characters on one line.", name, value
        )
    return value.strip()


def _person(value: Any) -> tuple[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or len(value) != 1 or next(iter(value)) not in PERSON:
        raise _Bad(
            "NO_PERSON", 'A person is one of {"email": …}, {"phone": …}, {"id": …}.', "person"
        )
    kind, text = next(iter(value.items()))
    if not isinstance(text, str) or not text.strip() or len(text) > 300 or _UNKEPT.search(text):
        raise _Bad(
            "NO_PERSON", f"The person's {kind} is a text of at most 300 characters.", "person"
        )
    return kind, text


def _number(given: Mapping[str, Any], name: str, default: int | None = None) -> Decimal:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _Bad("NOT_A_NUMBER", f"{name} is a number.", name, value)
    try:
        found = Decimal(value)
    except ArithmeticError:
        raise _Bad("NOT_A_NUMBER", f"{name} is a number.", name, value) from None
    if not found.is_finite():
        raise _Bad("NOT_A_NUMBER", f"{name} is a number.", name, value)
    return found


def _whole(
    given: Mapping[str, Any], name: str, *, unit: int, most: int, default: int | None = None
) -> int:
    """The number in units, exactly; ``most`` is its largest size."""
    found = _number(given, name, default)
    if not -most <= found <= most:
        raise _Bad("TOO_LARGE", f"{name} is larger than {most:,}.", name, found)
    exact = found.quantize(1 / Decimal(unit))
    if exact != found:
        digits = "no decimals" if unit == 1 else "at most 6 decimals"
        raise _Bad("NOT_EXACT", f"{name} has {digits}.", name, found)
    return int(exact * unit)


def _count(given: Mapping[str, Any], default: int | None = None, unit: int = 1) -> int:
    found = _whole(given, "count", unit=unit, most=MOST_COUNT // unit, default=default)
    if found < 0:
        raise _Bad("NEGATIVE", "count is not below zero.", "count", found)
    return found


def _money(given: Mapping[str, Any], name: str, currency: str) -> int:
    said = given.get("currency", currency)
    if said != currency:
        raise _Bad("OTHER_CURRENCY", f"This stream counts in {currency}.", "currency", said)
    return _whole(given, name, unit=MICROS, most=MOST_MONEY)


Sums = tuple[int | None, int | None, int | None, int | None, int | None]
Read = tuple[Sums, str]


def _spend(given: Mapping[str, Any], currency: str) -> Read:
    return (None, None, _money(given, "amount", currency), None, None), ""


def _impressions(given: Mapping[str, Any], _: str) -> Read:
    return (_count(given), None, None, None, None), ""


def _clicks(given: Mapping[str, Any], _: str) -> Read:
    return (None, _count(given, 1), None, None, None), ""


def _conversion(given: Mapping[str, Any], currency: str) -> Read:
    value = _money(given, "value", currency) if "value" in given else None
    return (None, None, None, _count(given, 1, MICROS), value), ""


def _touch(given: Mapping[str, Any], _: str) -> Read:
    return (None,) * 5, f"touch:{_name(given, 'name')}"


def _product(given: Mapping[str, Any], _: str) -> Read:
    return (None,) * 5, f"product:{_name(given, 'name')}"


def _payment(given: Mapping[str, Any], currency: str) -> Read:
    status = given.get("status", PAID[0])
    if status not in PAID:
        raise _Bad("UNKNOWN_STATUS", f"A status is one of {', '.join(PAID)}.", "status", status)
    amount = _money(given, "amount", currency)
    if amount < 0:
        raise _Bad("NEGATIVE", "A payment is not below zero; send a refund.", "amount", amount)
    return (None, None, None, None, amount), f"payment:{status}"


def _name(given: Mapping[str, Any], field: str) -> str:
    value = given.get(field)
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise _Bad(
            "NO_NAME", "A name has 1 to 60 of a-z, 0-9, dot, dash and underscore.", field, value
        )
    return value


@dataclass(frozen=True, slots=True)
class _KindReader:
    read: Callable[[Mapping[str, Any], str], Read]
    fields: frozenset[str]
    needs_campaign: bool


def _of(
    read: Callable[[Mapping[str, Any], str], Read], words: str, *, campaign: bool
) -> _KindReader:
    return _KindReader(read, _ALWAYS | set(_CAMPAIGN) | set(words.split()), campaign)


_READERS: dict[str, _KindReader] = {
    Kind.SPEND.value: _of(_spend, "amount currency", campaign=True),
    Kind.IMPRESSIONS.value: _of(_impressions, "count", campaign=True),
    Kind.CLICKS.value: _of(_clicks, "count", campaign=True),
    Kind.CONVERSION.value: _of(_conversion, "count value currency person", campaign=True),
    Kind.TOUCH.value: _of(_touch, "name person", campaign=False),
    Kind.PRODUCT.value: _of(_product, "name person", campaign=False),
    Kind.PAYMENT.value: _of(_payment, "amount currency status person", campaign=False),
}


def split(body: bytes, lines: int) -> Iterator[bytes]:
    """The body in pieces of so many lines, as a sender delivers a long file."""
    found = body.splitlines(keepends=True)
    for start in range(0, len(found), lines):
        yield b"".join(found[start : start + lines])
