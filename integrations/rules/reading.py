"""Read a file of advertising results: the one entrance to everything in this folder.

    unpack      plain, gzip, zip or workbook, by content, within limits
    decode      UTF-8, UTF-16, Windows text; refuses what is no text
    sections    the one table meant, where a file holds several
    split       cells, strictly quoted          workbook    cells of the one sheet with a table
    mending     rows a person wrote anew, in their place
    headers     separator and header row        facts       what the lines above say
    recognise   the layout, a column for every target, questions where two would do
    records     data, totals, repeated headers, notes, broken rows
    crm         instead of the next four, where a row is a customer record
    market      instead of them, where a row is an advertiser's shares of a period
    body        days, texts, numbers, currencies of the data rows, with every problem
    control     the platform's own totals, row count and time zone against the rows
    batch       the good rows as one data frame
    verdict     counts, totals, and whether the file may be imported

Nothing here writes, asks the clock or guesses: what can be read in two ways becomes a question.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from integrations.rules.answers import FileRefused, Reading
from integrations.rules.body import read_body
from integrations.rules.codes import Code
from integrations.rules.crm import CRM, read_crm
from integrations.rules.decode import decode
from integrations.rules.draft import Draft
from integrations.rules.facts import Facts, read_facts
from integrations.rules.grid import Grid
from integrations.rules.headers import find_header, find_separator, first_records, header_hash
from integrations.rules.limits import DEFAULT_LIMITS, Limits
from integrations.rules.market import MARKET, read_market
from integrations.rules.mending import with_mended
from integrations.rules.options import ReadOptions
from integrations.rules.proposals import propose
from integrations.rules.recognise import Recognised, Table, is_column_choice, recognise, require
from integrations.rules.records import sort_records
from integrations.rules.sections import SectionUnclear, one_section
from integrations.rules.split import SEPARATORS, split
from integrations.rules.unpack import refuse_size, unpack
from integrations.rules.verdict import conclude
from integrations.rules.words import is_total_label
from integrations.rules.workbook import FILLER, SheetUnclear, read_workbook

_LONGEST_LINE = 500


def read_file(
    data: bytes | Path, *, name: str, options: ReadOptions, limits: Limits = DEFAULT_LIMITS
) -> Reading:
    """Read ``data`` (or the file at a path) under the account's ``options``.

    ``name`` is shown to people and decides nothing. Every file gets an answer; a refusal is a
    ``Reading`` with its reasons, not an exception.
    """
    draft = Draft(name)
    try:
        content = _load(data, limits)
        draft.content_hash = hashlib.sha256(content).hexdigest()
        return _read(content, options, limits, draft)
    except (SheetUnclear, SectionUnclear) as refusal:
        draft.questions.append(refusal.question)
        return draft.refused([])
    except FileRefused as refusal:
        return draft.refused([refusal.problem])


def _load(data: bytes | Path, limits: Limits) -> bytes:
    if isinstance(data, bytes):
        return data
    refuse_size(data.stat().st_size, limits)
    return data.read_bytes()


def _read(content: bytes, options: ReadOptions, limits: Limits, draft: Draft) -> Reading:
    grid, header, separator = _open_table(content, options, limits, draft)
    table = _table(grid, header, limits, draft)
    found = recognise(table, options)
    draft.layout = found.found
    draft.columns = propose(found, table)
    facts = _facts(grid, header, table, found, options, draft)
    require(found, table, has_period=facts.period is not None)
    draft.questions += found.questions
    if found.problems or any(q.key in {"day", "campaign_name", "spend"} for q in draft.questions):
        return draft.refused(found.problems)
    _refuse_broken(grid)
    if found.layout.kind == CRM:
        return read_crm(grid, header, separator, table, found, options, limits, draft)
    if found.layout.kind == MARKET:
        return read_market(
            grid, header, separator, table, found, options, limits, facts.period, draft
        )
    sorting = sort_records(grid, header, separator, found)
    body = read_body(grid, sorting.data, table, found, options, limits, facts.period)
    return conclude(body, sorting, facts, draft)


def _open_table(
    content: bytes, options: ReadOptions, limits: Limits, draft: Draft
) -> tuple[Grid, int, int]:
    """The grid, the index of its header record, and the byte between its cells."""
    unpacked = unpack(content, limits)
    draft.evidence["container"] = unpacked.container
    wanted = _named_headers(options)
    if unpacked.kind == "workbook":
        sheet = read_workbook(unpacked.content, options.settings, limits)
        draft.evidence |= {"sheet": sheet.name, "encoding": "xlsx"}
        draft.cautions += sheet.cautions
        grid = with_mended(sheet.grid, options.mended, FILLER, limits)
        return grid, _header_of(grid, wanted, limits), FILLER
    text = decode(unpacked.content)
    draft.cautions += text.cautions
    content = one_section(text.content, options.settings)
    separator = find_separator(content, wanted, limits)
    draft.evidence |= {"encoding": text.encoding, "separator": separator}
    grid = split(content, SEPARATORS[separator], limits)
    grid = with_mended(grid, options.mended, SEPARATORS[separator], limits)
    return grid, _header_of(grid, wanted, limits), SEPARATORS[separator]


def _named_headers(options: ReadOptions) -> list[str]:
    chosen = [value for key, value in options.settings.items() if is_column_choice(key)]
    return [header for header in (*options.mapping.values(), *chosen) if header]


def _header_of(grid: Grid, wanted: list[str], limits: Limits) -> int:
    start = find_header(first_records(grid, limits), wanted)
    if start is None:
        raise FileRefused(
            Code.NOT_TABULAR, "No row of headers was found in the first 100 rows of the table."
        )
    return start.record


def _table(grid: Grid, header: int, limits: Limits, draft: Draft) -> Table:
    width = int(grid.widths[header])
    if width > limits.columns:
        raise FileRefused(
            Code.TOO_MANY_COLUMNS,
            f"The table has {width:,} columns; at most {limits.columns:,} are read.",
        )
    headers = tuple(grid.record(header))
    draft.header_hash = header_hash(headers)
    draft.evidence["header_row"] = grid.line(header)
    below = first_records(grid, limits)[header + 1 :]
    return Table(headers, tuple(tuple(row) for row in below if _is_typical(row)))


def _is_typical(row: list[str]) -> bool:
    """Whether a row may serve as an example of the data: filled, and no total."""
    first = next((cell for cell in row if cell.strip()), "")
    return bool(first) and not is_total_label(first)


def _facts(
    grid: Grid, header: int, table: Table, found: Recognised, options: ReadOptions, draft: Draft
) -> Facts:
    lines = [
        grid.raw_record(record).decode().replace("\0", "\t")[:_LONGEST_LINE]
        for record in range(header)
    ]
    order = options.settings.get("date_order", "") or found.layout.date_order
    facts = read_facts(lines, table.headers, order)
    draft.evidence |= {
        "preamble": facts.lines,
        "period": facts.period,
        "exported_on": facts.exported_on,
        "time_zone": facts.time_zone,
        "rows_stated": facts.rows_stated,
    }
    return facts


def _refuse_broken(grid: Grid) -> None:
    if grid.broken is not None:
        line = grid.line(grid.broken)
        raise FileRefused(
            Code.UNBALANCED_QUOTE,
            f"A quote in line {line} is not closed where its cell ends, so the rest cannot be told "
            "apart. Export again, or double the quotes inside of names.",
            row=line,
        )
