"""Completeness: do the platform's own totals, row count and time zone fit the rows read?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from integrations.rules.answers import AMOUNTS, Caution, ControlTotal, RowProblem
from integrations.rules.body import Body
from integrations.rules.codes import Code
from integrations.rules.day_columns import zone_named
from integrations.rules.facts import Facts, same_zone
from integrations.rules.records import Sorted
from integrations.rules.totals import (
    StatedTotal,
    Sums,
    compare,
    exact_amount,
    is_sum_of_rows,
    read_stated,
    sums_of,
)

_MOST_FOOTERS = 200


@dataclass(slots=True)
class Control:
    """``refusals`` stop the import for what the file says; ``unfit`` because it does not fit the
    account. ``nameless`` are records without a campaign that turned out to be no total."""

    totals: list[ControlTotal] = field(default_factory=list)
    refusals: list[RowProblem] = field(default_factory=list)
    unfit: list[RowProblem] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)
    total_records: list[int] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)


def control(body: Body, sorting: Sorted, facts: Facts) -> Control:
    """Compare everything the file states about itself with what was read."""
    result = Control(total_records=list(sorting.totals))
    sums = sums_of(body.measured, ~body.repeated)
    currency = next((code for code in body.texts["currency"].values if code), "")
    account = _sort_nameless(body, sorting, sums, currency, result)
    stated = read_stated(body.grid, sorting.totals, body.measured)
    result.totals = compare(stated, sums, currency, binding=True)
    result.totals += compare(account, sums, currency, binding=False)
    override = body.options.settings.get("override", "")
    _judge_totals(result, sums, currency, override, only_file=len(stated) + len(account))
    _judge_count(result, body, sorting, facts, override)
    _judge_zone(result, body, facts)
    return result


def _sort_nameless(
    body: Body, sorting: Sorted, sums: Sums, currency: str, result: Control
) -> list[StatedTotal]:
    """Rows without a campaign: the account's total, a proved sum of the rows, or broken rows."""
    account = []
    for total in read_stated(body.grid, sorting.nameless, body.measured):
        first = total.record == sorting.first_of_body
        if (first and body.found.layout.nameless_first_row) or is_sum_of_rows(
            total, sums, currency
        ):
            account.append(total)
            result.total_records.append(total.record)
        else:
            result.nameless.append(total.record)
    return account


def _judge_totals(
    result: Control, sums: Sums, currency: str, override: str, *, only_file: int
) -> None:
    for total in result.totals:
        if not total.difference or (
            not total.binding and not _covers_rows(result, total, only_file)
        ):
            continue
        sentence = _difference(total, currency)
        if not total.binding or total.agrees:
            result.cautions.append(Caution(Code.CONTROL_TOTAL_DIFFERS, sentence, (total.row or 0,)))
        elif total.measure in sums.unreadable:
            result.cautions.append(
                Caution(
                    Code.CONTROL_TOTAL_UNCHECKED,
                    f"{sentence} Some rows could not be read, so this is not checked.",
                )
            )
        elif override == Code.CONTROL_TOTAL_MISMATCH:
            result.cautions.append(Caution(Code.CONTROL_TOTAL_OVERRIDDEN, sentence))
        else:
            result.refusals.append(
                RowProblem(
                    total.row, total.measure, Code.CONTROL_TOTAL_MISMATCH,
                    f"{sentence} Rows were lost or changed on the way; export again.",
                    str(total.expected),
                )
            )  # fmt: skip


def _difference(total: ControlTotal, currency: str) -> str:
    expected, actual, gap = (
        _shown(total.measure, amount, currency)
        for amount in (total.expected, total.actual, abs(total.difference))
    )
    return (
        f"{total.label} (row {total.row}) says {total.measure.replace('_', ' ')} {expected}, "
        f"the rows add up to {actual}: a difference of {gap}."
    )


def _shown(measure: str, amount: Decimal, currency: str) -> str:
    """An amount with its currency and cents, a count with its groups."""
    if measure not in AMOUNTS or not currency:
        return f"{amount:,}"
    return f"{currency} {exact_amount(amount, currency):,}"


def _covers_rows(result: Control, total: ControlTotal, only_file: int) -> bool:
    """Whether a difference is worth saying: the first total, or the only one of the file."""
    first = min((item.row or 0 for item in result.totals), default=0)
    return total.row == first or only_file == 1


def _judge_count(result: Control, body: Body, sorting: Sorted, facts: Facts, override: str) -> None:
    if facts.rows_stated is None:
        return
    count = len(body.records) + len(sorting.miscounted) + len(result.nameless)
    if count == facts.rows_stated:
        return
    sentence = f"The file says it has {facts.rows_stated:,} rows, but {count:,} are there."
    if override == Code.ROW_COUNT_MISMATCH:
        result.cautions.append(Caution(Code.CONTROL_TOTAL_OVERRIDDEN, sentence))
        return
    result.refusals.append(
        RowProblem(None, "", Code.ROW_COUNT_MISMATCH, f"{sentence} Export it again.")
    )


def _judge_zone(result: Control, body: Body, facts: Facts) -> None:
    account = zone_named(body.options.settings.get("account_tz", ""))
    if account is None or not facts.time_zone:
        return
    if same_zone(facts.time_zone, account, body.options.today):
        return
    sentence = (
        f"The report's days follow {facts.time_zone}, the account's follow {account.key}. They are "
        "not the same 24 hours; export in the account's time zone."
    )
    result.unfit.append(RowProblem(None, "", Code.TIMEZONE_MISMATCH, sentence))
    result.cautions.append(Caution(Code.TIMEZONE_MISMATCH, sentence))


def footers(body: Body, sorting: Sorted) -> Iterator[tuple[int, str]]:
    """Notes and totals as they stand, with their rows."""
    for record in sorted((*sorting.notes, *sorting.totals))[:_MOST_FOOTERS]:
        raw = body.grid.raw_record(record).decode().replace("\0", "\t").strip()
        yield body.grid.line(record), raw
