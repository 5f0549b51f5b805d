"""The tables of each kind of page, with the columns and rows of the PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from reporting.rules.pack import content as parts
from reporting.rules.pack.content import Headline, Note
from reporting.rules.pack.figures import Name, Sentence, When
from reporting.rules.pack.judgement import OF_VERDICT
from reporting.selectors.shown.pieces import TONES, Cell, Head, Piece, Row, Sheet, Words


@dataclass(frozen=True, slots=True)
class Points:
    """The open points of a review, as a page of their own."""

    headline: Headline
    rows: tuple[parts.OpenPoint, ...]
    notes: tuple[Note, ...] = ()


def sheets_of(page: Any, show: Words) -> tuple[Sheet, ...]:
    """The tables of a page that have rows, without the columns that no row fills."""
    sheets = (_whole(sheet) for sheet in _SHEETS[type(page)](page, show))
    return tuple(sheet for sheet in sheets if sheet.rows)


def _whole(sheet: Sheet) -> Sheet:
    """Without the columns that no row fills."""
    rows = [row for row in sheet.rows if not row.group]
    used = [any(row.cells[n].pieces or row.cells[n].under for row in rows) for n in range(len(sheet.heads))]  # fmt: skip
    keep = [number for number, is_used in enumerate(used) if is_used]
    return Sheet(
        tuple(sheet.heads[n] for n in keep),
        tuple(row if row.group else replace(row, cells=tuple(row.cells[n] for n in keep)) for row in sheet.rows),
    )  # fmt: skip


def _heads(show: Words, *columns: tuple[str | Sentence, bool]) -> tuple[Head, ...]:
    return tuple(
        Head(show.words((label,) if isinstance(label, str) else label), numeric)
        for label, numeric in columns
    )


def _scorecard(page: parts.ScorecardPage, show: Words) -> Iterator[Sheet]:
    heads = _heads(
        show, ("Measure", False), ((page.period,), True), ("Target", True), ("vs target", True),
        (("vs ", page.compared), True),
    )  # fmt: skip
    yield Sheet(
        heads,
        tuple(
            Row((show.name(Name(row.name), row.sentence), show.ref(row.value), show.ref(row.target),
                 show.change(row.vs_target), show.ref(row.vs_last_year)))
            for row in page.rows
        ),
    )  # fmt: skip
    yield Sheet(
        _heads(show, (page.asks_heading, False), ("Asked by", False), ("When", False)),
        tuple(
            Row((Cell(show.words(ask.title), show.words(ask.sentence)), show.name(ask.owner), show.name(ask.due)))
            for ask in page.asks
        ),
    )  # fmt: skip


def _trend(page: parts.TrendPage, show: Words) -> Iterator[Sheet]:
    unit = (*page.bars_heading, " · ", *page.bars_unit)
    bars = [bar for bar in page.periods if bar.figure]
    yield Sheet(
        _heads(show, (unit, False), *(((When(bar.label),), True) for bar in bars)),
        (Row((Cell((Piece("Actual"),)), *(show.ref(bar.figure) for bar in bars))),),
    )
    yield Sheet(
        _heads(show, (page.parts_heading, False), (page.parts_note, True), (page.change_head or "Change", True)),
        tuple(
            Row((show.name(part.name), show.ref(part.figure), replace(show.ref(part.change), tone=TONES[part.judgement])))
            for part in page.parts
        ),
    )  # fmt: skip


def _channels(page: parts.ChannelsPage, show: Words) -> Iterator[Sheet]:
    heads = _heads(
        show, ("Channel", False), (("Spend, ", *page.unit), True), (("Revenue, ", *page.unit), True),
        (page.ratio_head, True), ("vs target", True), (page.cost_head, True), (("vs ", page.compared), True),
    )  # fmt: skip
    rows = [(page.total, True), *((row, False) for row in page.rows)]
    yield Sheet(heads, tuple(_channel(row, show, is_total=total) for row, total in rows))


def _channel(row: parts.ChannelRow, show: Words, *, is_total: bool) -> Row:
    cells = (
        show.name(row.name), show.ref(row.spend), show.ref(row.revenue), show.ref(row.ratio),
        show.change(row.vs_target), show.ref(row.cost_per), show.ref(row.vs_last_year),
    )  # fmt: skip
    return Row(cells, is_total=is_total)


def _campaigns(page: parts.CampaignsPage, show: Words) -> Iterator[Sheet]:
    heads = _heads(
        show, ("Campaign", False), (("Spend, ", *page.unit), True), (("Revenue, ", *page.unit), True),
        (page.ratio_head, True), ("vs target", True), ("What to look at", False),
    )  # fmt: skip
    rows: list[Row] = []
    for group in page.groups:
        rows.append(Row((), group.heading))
        rows += [
            Row((show.name(row.name, (row.channel,)), show.ref(row.spend), show.ref(row.revenue),
                 show.ref(row.ratio), show.change(row.vs_target), Cell(show.words(row.attention))))
            for row in group.rows
        ]  # fmt: skip
    yield Sheet(heads, tuple(rows))


def _targets(page: parts.TargetsPage, show: Words) -> Iterator[Sheet]:
    heads = _heads(
        show, ("Measure", False), ("Actual", True), ("Target", True), ("of target", True),
        ("vs pace", True), ("Owner and due", False),
    )  # fmt: skip
    yield Sheet(
        heads,
        tuple(
            Row((show.name(row.name), show.ref(row.actual), show.ref(row.target), show.ref(row.attained),
                 show.change(row.change), show.name(row.owner, (row.due,))))
            for row in page.rows
        ),
    )  # fmt: skip


def _budget(page: parts.BudgetPage, show: Words) -> Iterator[Sheet]:
    heads = _heads(
        show, (page.line_head, False), ("Planned", True), ("Actual", True), ("Available", True),
        ("Spent", True), ("Pace", True),
    )  # fmt: skip
    rows = [(page.total, True), *((row, False) for row in page.rows)]
    yield Sheet(
        heads,
        tuple(
            Row((show.name(row.name), show.ref(row.planned), show.ref(row.actual), show.ref(row.available),
                 show.ref(row.spent_share), show.change(row.pace)), is_total=total)
            for row, total in rows
        ),
    )  # fmt: skip


def _decisions(page: parts.DecisionsPage, show: Words) -> Iterator[Sheet]:
    heads = _heads(
        show, ("Made", False), ("Change and who made it", False), ("How measured", False),
        ("Before", True), ("After", True), (page.effect_head, True), ("Verdict", False), ("Since then", False),
    )  # fmt: skip
    yield Sheet(heads, tuple(_decision(row, show) for row in page.rows))


def _decision(row: parts.DecisionRow, show: Words) -> Row:
    verdict = Cell((Piece(""),), tone=TONES[OF_VERDICT[row.verdict]], word=row.verdict.value)
    return Row((
        show.name(row.taken), show.name(row.name, (row.owner,)), show.name(row.method, row.method_note),
        show.ref(row.before), show.ref(row.after), show.ref(row.effect), verdict, show.name(row.since),
    ))  # fmt: skip


def _alerts(page: parts.AlertsPage, show: Words) -> Iterator[Sheet]:
    heads = _heads(
        show, ("Raised", False), ("What, and the evidence", False), (page.stake_head, True),
        ("State", False), ("Owner", False),
    )  # fmt: skip
    rows: list[Row] = []
    for group in page.groups:
        rows.append(Row((), group.heading))
        rows += [
            Row((show.name(row.raised), show.name(row.name, row.evidence), show.ref(row.stake),
                 Cell((Piece(""),), tone=TONES[row.judgement], word=row.state), show.name(row.owner, row.response)))
            for row in group.rows
        ]  # fmt: skip
        if group.total:
            rows.append(Row((Cell(), Cell((Piece("Total"),)), show.ref(group.total), Cell(), Cell()), is_total=True))  # fmt: skip
    yield Sheet(heads, tuple(rows))


def _plan(page: parts.PlanPage, show: Words) -> Iterator[Sheet]:
    heads = _heads(
        show, (page.name_head, False), (page.money_head, True), (page.expected_head, True),
        ("State, owner and date", False),
    )  # fmt: skip
    yield Sheet(
        heads,
        tuple(
            Row((show.name(row.name, row.sentence), show.ref(row.money), show.ref(row.expected),
                 Cell((Piece(row.state),), show.words((row.owner, ", ", row.due)))))
            for row in page.rows
        ),
    )  # fmt: skip


def _changes(page: parts.ChangesPage, show: Words) -> Iterator[Sheet]:
    heads = _heads(show, ("Figure", False), ("Was", True), ("Is now", True), ("Change", True), ("Why", False))  # fmt: skip
    yield Sheet(
        heads,
        tuple(
            Row((show.name(row.name), show.ref(row.was), show.ref(row.now), show.change(row.change), Cell(show.words(row.why))))
            for row in page.restated
        ),
    )  # fmt: skip


def _points(page: Points, show: Words) -> Iterator[Sheet]:
    yield Sheet(
        _heads(show, ("Open point", False), ("Owner", False), ("By", False)),
        tuple(
            Row((show.name(row.name, row.sentence), show.name(row.owner), show.name(row.due)))
            for row in page.rows
        ),
    )


_SHEETS: dict[type, Callable[[Any, Words], Iterator[Sheet]]] = {
    parts.ScorecardPage: _scorecard,
    parts.TrendPage: _trend,
    parts.ChannelsPage: _channels,
    parts.CampaignsPage: _campaigns,
    parts.TargetsPage: _targets,
    parts.BudgetPage: _budget,
    parts.DecisionsPage: _decisions,
    parts.AlertsPage: _alerts,
    parts.PlanPage: _plan,
    parts.ChangesPage: _changes,
    Points: _points,
}
