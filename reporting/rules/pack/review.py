"""The monthly performance review: target attainment, what was changed, what came of it, open points, signatures."""

from __future__ import annotations

from reporting.rules.pack.blocks import label_block, stacked, words_block
from reporting.rules.pack.checks import check_printed, check_sums, digest
from reporting.rules.pack.content.documents import OpenPoint, ReviewContent, Signature
from reporting.rules.pack.drawing import (
    checked_store,
    close_document,
    draw_sheets,
    open_document,
)
from reporting.rules.pack.figures import FigureStore
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.frame import Running
from reporting.rules.pack.judgement import TEXT_COLOUR, draw_judgement
from reporting.rules.pack.look import (
    BLOCK,
    INK,
    LEFT,
    LINE_GREY,
    NOTE,
    ROW_MEDIUM,
    SECTION,
    TERTIARY,
    column,
    span,
)
from reporting.rules.pack.pages.annex import lay_annex
from reporting.rules.pack.pages.decisions import lay_decisions
from reporting.rules.pack.pages.targets import lay_targets
from reporting.rules.pack.pen import Pen, Printed
from reporting.rules.pack.table import Column, Row, Table, flow_table
from reporting.rules.pack.wording import shortened

_SIGNATURE_HEIGHT = 62.0


def draw_review(content: ReviewContent) -> bytes:
    """The review as a PDF in the frame of the board pack, its provenance on the last page.

    Raises a ``PackError`` like ``draw_pack``.
    """
    return trace_review(content)[0]


def trace_review(content: ReviewContent) -> tuple[bytes, list[Printed]]:
    """Like ``draw_review``, and every piece of text with its place, for checks of the layout."""
    store = checked_store(content, content.figures, content.provenance)
    check_sums(content.sums, store)
    hexadecimal = digest(content)
    sheets = [
        *lay_targets(content.targets, store, "targets").sheets,
        *lay_decisions(content.decisions, store, "decisions").sheets,
        *_lay_points(content, store).sheets,
        *lay_annex(store, content.imprint, hexadecimal, "provenance").sheets,
    ]
    for sheet in sheets:
        sheet.section = f"{content.imprint.document}\u2002·\u2002{sheet.section}"
    file, pen = open_document(content.imprint)
    draw_sheets(pen, Running(content.imprint, hexadecimal, len(sheets)), sheets)
    check_printed((text.figure for text in pen.printed), store)
    return close_document(file, pen), pen.printed


def _lay_points(content: ReviewContent, store: FigureStore) -> Flow:
    flow = Flow(content.points_headline, store, "open-points")
    signatures = 30 + (len(content.signatures) + 3) // 4 * _SIGNATURE_HEIGHT
    if content.open_points:
        flow_table(flow, _points_table(content, store), reserve=signatures, most_pad=14)
    if content.signatures:
        _flow_signatures(flow, content.signatures, signatures)
    return flow


def _points_table(content: ReviewContent, store: FigureStore) -> Table:
    columns = [
        Column("point", LEFT, span(8) - 12, ("Open point",), "left"),
        Column("owner", column(9), span(2), ("Owner",), "left"),
        Column("due", column(11), span(2), ("By",), "left"),
    ]
    return Table(columns, [_point_row(point, store) for point in content.open_points])


def _point_row(point: OpenPoint, store: FigureStore) -> Row:
    room = span(8) - 12
    name = label_block(point.name.text, ROW_MEDIUM.coloured(INK), room - 14)

    def paint(pen: Pen, x: float, y: float) -> None:
        draw_judgement(pen, point.judgement, x + 4, y - 3)
        name.paint(pen, x + 14, y)

    lead = type(name)(name.above, name.below, paint)
    sentence = words_block(point.sentence, NOTE, store, room - 14, most=3)
    inset = type(name)(
        sentence.above, sentence.below, lambda pen, x, y: sentence.paint(pen, x + 14, y)
    )
    tone = ROW_MEDIUM.coloured(TEXT_COLOUR[point.judgement])
    cells = {
        "point": stacked([lead, inset]) if point.sentence else lead,
        "owner": label_block(point.owner.text, ROW_MEDIUM.sized(8.6), span(2)),
        "due": label_block(point.due.text, tone.sized(8.6), span(2)),
    }
    return Row(cells)


def _flow_signatures(flow: Flow, signatures: tuple[Signature, ...], height: float) -> None:
    flow.need(height)
    top = flow.down(26)
    flow.down(height - 26)

    def paint(pen: Pen) -> None:
        pen.text(LEFT, top, "Sign-off", BLOCK)
        for index, signature in enumerate(signatures):
            y = top + 20 + index // 4 * _SIGNATURE_HEIGHT
            _draw_signature(pen, signature, column(1 + index % 4 * 3), y)

    flow.paint(paint)


def _draw_signature(pen: Pen, signature: Signature, x: float, y: float) -> None:
    """Role and name; the moment it was signed, or an empty line to sign on paper."""
    room = span(3) - 14
    pen.text(x, y, shortened(signature.role, SECTION, room), SECTION)
    pen.text(x, y + 13, shortened(signature.person.text, ROW_MEDIUM, room), ROW_MEDIUM)
    if signature.signed.text:
        pen.text(x, y + 25, shortened(signature.signed.text, NOTE, room), NOTE)
    else:
        pen.line(x, y + 34, x + room, y + 34, (0.6, LINE_GREY))
        pen.text(x, y + 43, "Not signed yet", NOTE.sized(7.2).coloured(TERTIARY))
