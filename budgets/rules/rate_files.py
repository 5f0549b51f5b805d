"""Rate files: our own columns, and the layouts in which the European Central Bank publishes."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.parsers import expat

from budgets.rules.rate_rows import RateRow, read_rate
from core.errors import Invalid

OWN = ("kind", "base", "quote", "valid_from", "rate", "source")
NEEDED = {"base", "quote", "valid_from", "rate"}
ECB = "ECB euro reference rate"
# The bank's whole history since 1999 has a bit less.
LARGEST = 4_000_000
NO_RATE = {"", "N/A", "-"}


@dataclass(frozen=True, slots=True)
class FileRow:
    """A rate with the line it stands in; ``problem`` says what is wrong when there is none."""

    line: int
    row: RateRow | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is taken of a file: the kind and source where it names none, and from which day on."""

    kind: str
    source: str = ""
    since: date | None = None


def read_rate_file(content: bytes, wanted: Wanted) -> list[FileRow]:
    """Every rate of a file with its line number; raises ``Invalid`` for what is no rate file."""
    if len(content) > LARGEST:
        raise Invalid(
            f"A rate file has at most {LARGEST // 1_000_000} MB.", where="file", remedy="Split it."
        )
    text = _decoded(content)
    if text.lstrip()[:1] == "<":
        rows = list(_from_xml(text, wanted))
    else:
        try:
            rows = list(_from_csv(text, wanted))
        except csv.Error as error:
            raise Invalid(
                "This file cannot be read as lines of columns.",
                where="file",
                remedy="Save it as CSV with a comma or a semicolon between the columns.",
            ) from error
    if not rows:
        raise Invalid(
            "There is no rate in this file from the day you chose on.",
            where="file",
            remedy=f"Columns are {', '.join(OWN)}, or the European Central Bank’s own.",
        )
    return rows


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("This file is not text.", where="file", remedy="Save it as CSV.") from error
    if "\0" in text:
        raise Invalid("This file is not text.", where="file", remedy="Save it as CSV.")
    return text


def _from_csv(text: str, wanted: Wanted) -> Iterator[FileRow]:
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    head = [cell.strip().lower().replace(" ", "_") for cell in next(reader, [])]
    body = ((reader.line_num, [c.strip() for c in cells]) for cells in reader if any(cells))
    if set(head) >= NEEDED:
        yield from _own(head, body, wanted)
    elif head[:1] == ["date"] and len(head) > 1:
        yield from _ecb([name.upper() for name in head[1:]], body, wanted)
    else:
        raise Invalid(
            "The first line names no columns that are known.",
            where="file",
            remedy=f"Write {', '.join(OWN)}, or use the European Central Bank’s file.",
        )


def _own(
    head: Sequence[str], body: Iterator[tuple[int, list[str]]], wanted: Wanted
) -> Iterator[FileRow]:
    standard = {"kind": wanted.kind, "source": wanted.source}
    for line, cells in body:
        named = dict(zip(head, cells, strict=False))
        found = _row(line, {**named, **{k: named.get(k) or v for k, v in standard.items()}})
        if not _is_before(found, wanted):
            yield found


def _ecb(
    currencies: Sequence[str], body: Iterator[tuple[int, list[str]]], wanted: Wanted
) -> Iterator[FileRow]:
    for line, (day, *values) in body:
        iso = _ecb_day(day)
        for currency, value in zip(currencies, values, strict=False):
            if currency and value not in NO_RATE:
                found = _row(line, _of_ecb(wanted, currency, iso, value))
                if not _is_before(found, wanted):
                    yield found


def _ecb_day(text: str) -> str:
    """The day as ISO writes it; the bank's daily file says "20 November 2026"."""
    try:
        return datetime.strptime(text, "%d %B %Y").date().isoformat()  # noqa: DTZ007 - a day only
    except ValueError:
        return text


def _of_ecb(wanted: Wanted, currency: str, day: str, rate: str) -> Mapping[str, str]:
    return {
        "kind": wanted.kind,
        "base": "EUR",
        "quote": currency,
        "valid_from": day,
        "rate": rate,
        "source": wanted.source or ECB,
    }


def _row(line: int, cells: Mapping[str, str]) -> FileRow:
    try:
        return FileRow(line, read_rate(cells))
    except Invalid as error:
        return FileRow(line, None, error.message)


def _is_before(found: FileRow, wanted: Wanted) -> bool:
    """Whether a rate lies before the days that were asked for."""
    return bool(wanted.since and found.row and found.row.valid_from < wanted.since)


def _from_xml(text: str, wanted: Wanted) -> list[FileRow]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Invalid("A rate file declares no entities.", where="file")
    rows: list[FileRow] = []
    day = ""
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal day
        if name.rpartition(":")[2] != "Cube":
            return
        day = attributes.get("time", day)
        if "currency" in attributes:
            cells = _of_ecb(wanted, attributes["currency"], day, attributes.get("rate", ""))
            found = _row(parser.CurrentLineNumber, cells)
            if not _is_before(found, wanted):
                rows.append(found)

    parser.StartElementHandler = start
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise Invalid(f"Line {error.lineno} is not XML.", where="file") from error
    return rows
