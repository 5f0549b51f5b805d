"""The end of a reading: completeness, counts, totals, and whether the file may be imported."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from integrations.rules.answers import Outcome, Reading, RowProblem
from integrations.rules.batch import frame_of, segments_of
from integrations.rules.body import Body
from integrations.rules.checks import cautions_about, provisional_days
from integrations.rules.codes import Code
from integrations.rules.control import Control, control, footers
from integrations.rules.draft import Draft
from integrations.rules.facts import Facts
from integrations.rules.grid import Flags
from integrations.rules.records import Sorted
from integrations.rules.totals import exact_amount, exact_sum, in_units


def conclude(body: Body, sorting: Sorted, facts: Facts, draft: Draft) -> Reading:
    """Totals, completeness, and the verdict."""
    checked = control(body, sorting, facts)
    _note_broken_rows(body, sorting, checked)
    keep = body.good()
    draft.questions += body.questions
    draft.cautions += [*body.cautions, *cautions_about(body, keep, facts), *checked.cautions]
    draft.evidence |= {
        "footers": tuple(footers(body, sorting)),
        "control_totals": tuple(checked.totals),
        "decimal_mark": body.measured.mark,
        "decimal_why": body.measured.why,
        "date_order": body.date_order,
        "date_why": body.date_why,
    }
    skipped = len(checked.total_records) + len(sorting.repeated) + len(sorting.notes)
    accepted, rejected = int(keep.sum()), len(body.issues)
    data = accepted + rejected
    count = {"data_rows": data + skipped, "skipped": skipped}
    refusals = [*_no_rows(data), *checked.refusals, *_too_many(body), *_no_day_column(body, draft)]
    if draft.questions or refusals or not accepted:
        count["rejected"] = data
        own = () if draft.questions else body.issues.problems()
        held = () if draft.questions else body.issues.held()
        return draft.refused([*refusals, *own], held=held, **count)
    result: dict[str, Any] = {**count, "accepted": accepted, "rejected": rejected}
    result |= _content(body, keep, facts)
    if checked.unfit:
        return draft.refused([*checked.unfit, *body.issues.problems()], **result)
    outcome = Outcome.PARTIAL if rejected else Outcome.ACCEPT
    return draft.reading(outcome, problems=body.issues.problems(), **result)


def _note_broken_rows(body: Body, sorting: Sorted, checked: Control) -> None:
    width = len(body.table.headers)
    for record in sorting.miscounted:
        cells = int(body.grid.widths[record])
        if record == sorting.cut_off:
            sentence = "The file ends in the middle of this row. Download it again."
            body.issues.add(record, None, Code.TRUNCATED, sentence)
        else:
            sentence = f"The row has {cells} cells, the header has {width}."
            body.issues.add(record, None, Code.COLUMN_COUNT, sentence)
    for record in checked.nameless:
        column = body.found.columns.get("campaign_name")
        body.issues.add(record, column, Code.MISSING_VALUE, "The campaign is missing.")


def _no_day_column(body: Body, draft: Draft) -> list[RowProblem]:
    """A file without days is whole-period because a column is missing; say both."""
    has_day = {"day", "hour", "period_start", "month_name"} & set(body.found.columns)
    if has_day or not any(question.key == "grain" for question in draft.questions):
        return []
    sentence = "There is no column for the day. Add it to the export (segment by day)."
    return [RowProblem(None, "day", Code.MISSING_COLUMN, sentence)]


def _no_rows(data: int) -> list[RowProblem]:
    sentence = "The file has headers but no rows of data."
    return [] if data else [RowProblem(None, "", Code.EMPTY_FILE, sentence)]


def _too_many(body: Body) -> list[RowProblem]:
    """So many broken rows that the export or its mapping is wrong, not the rows."""
    if not body.issues.overflow:
        return []
    sentence = (
        f"{len(body.issues):,} rows cannot be read, too many to repair one by one. Check how the "
        "columns are mapped, or export again."
    )
    return [RowProblem(None, "", Code.TOO_MANY_PROBLEMS, sentence)]


def _content(body: Body, keep: Flags, facts: Facts) -> dict[str, Any]:
    """The frame of the kept rows with its totals, period and held rows."""
    texts = dict(body.texts)
    is_events = body.found.layout.kind == "events"
    if not is_events:
        segment = segments_of(body.segments, len(body.records))
        texts |= {"segment": segment} if segment is not None else {}
    numbers = body.measured.numbers
    held = body.issues.held()
    return {
        "held": held,
        "sums": {
            measure: in_units(measure, exact_sum(values, keep))
            for measure, values in numbers.items()
        },
        "totals": _totals(body, keep, "revenue" if is_events else "spend"),
        "period": _period(body, keep),
        "provisional_days": provisional_days(body, keep, facts),
        "rows": frame_of(body.lines(), body.days, texts, numbers, keep, body.found.layout.kind),
    }


def _totals(body: Body, keep: Flags, measure: str) -> dict[str, Decimal]:
    numbers = body.measured.numbers.get(measure)
    codes = body.texts["currency"]
    used = {codes.values[int(code)] for code in np.unique(codes.codes[keep])} - {""}
    if numbers is None or len(used) != 1:
        return {}
    currency = used.pop()
    return {currency: exact_amount(in_units(measure, exact_sum(numbers, keep)), currency)}


def _period(body: Body, keep: Flags) -> tuple[date, date]:
    start, end = int(body.days.start[keep].min()), int(body.days.end[keep].max())
    return date.fromordinal(start), date.fromordinal(end)
