"""Documents to bytes: lay everything out, check it, count the pages, then draw.

The same content gives the same bytes: no clock, no random ids, fonts prepared at build time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from reporting.rules.pack.checks import (
    check_moment,
    check_printed,
    check_sums,
    check_usage,
    check_words,
    digest,
    sums_of,
)
from reporting.rules.pack.content.cover import Imprint
from reporting.rules.pack.content.documents import PackContent
from reporting.rules.pack.content.follow_up import (
    AlertsPage,
    BudgetPage,
    ChangesPage,
    DecisionsPage,
    PlanPage,
)
from reporting.rules.pack.content.performance import (
    CampaignsPage,
    ChannelsPage,
    PositionPage,
    ScorecardPage,
    TargetsPage,
    TrendPage,
)
from reporting.rules.pack.figures import FigureStore
from reporting.rules.pack.flow import Flow, Sheet
from reporting.rules.pack.frame import Running, draw_frame, moment_text
from reporting.rules.pack.look import PAGE_HEIGHT, PAGE_WIDTH
from reporting.rules.pack.pages.alerts import lay_alerts
from reporting.rules.pack.pages.annex import lay_annex
from reporting.rules.pack.pages.budget import lay_budget
from reporting.rules.pack.pages.campaigns import lay_campaigns
from reporting.rules.pack.pages.changes import lay_changes
from reporting.rules.pack.pages.channels import lay_channels
from reporting.rules.pack.pages.cover import draw_cover
from reporting.rules.pack.pages.decisions import lay_decisions
from reporting.rules.pack.pages.plan import lay_plan
from reporting.rules.pack.pages.position import lay_position
from reporting.rules.pack.pages.scorecard import lay_scorecard
from reporting.rules.pack.pages.targets import lay_targets
from reporting.rules.pack.pages.trend import lay_trend
from reporting.rules.pack.pen import Pen, Printed
from reporting.rules.pack.typefaces import FACES, REGULAR, cleaned, face

# Compressed streams as they are, not wrapped in printable characters: a fifth less time and size.
rl_config.useA85 = 0

_LAYERS: dict[type, Callable[..., Flow]] = {
    ScorecardPage: lay_scorecard,
    TrendPage: lay_trend,
    ChannelsPage: lay_channels,
    CampaignsPage: lay_campaigns,
    BudgetPage: lay_budget,
    DecisionsPage: lay_decisions,
    AlertsPage: lay_alerts,
    TargetsPage: lay_targets,
    PlanPage: lay_plan,
    PositionPage: lay_position,
    ChangesPage: lay_changes,
}


def draw_pack(content: PackContent) -> bytes:
    """The board pack as a PDF, A4 landscape.

    Raises a ``PackError`` (see ``errors``) when a figure is undefined, unused or does not fit, when
    printed parts do not add up, or when the fonts have not been prepared.
    """
    return trace_pack(content)[0]


def trace_pack(content: PackContent) -> tuple[bytes, list[Printed]]:
    """Like ``draw_pack``, and every piece of text with its place, for checks of the layout."""
    store = checked_store(content, content.figures, content.provenance)
    check_sums([*content.sums, *sums_of(content.pages)], store)
    sheets = [
        sheet
        for number, page in enumerate(content.pages, 2)
        for sheet in _LAYERS[type(page)](page, store, f"section-{number}").sheets
    ]
    hexadecimal = digest(content)
    sheets += lay_annex(store, content.imprint, hexadecimal, "provenance").sheets
    running = Running(content.imprint, hexadecimal, len(sheets) + 1)
    file, pen = open_document(content.imprint)
    _outline(pen, "cover", content.imprint.document, 0)
    draw_cover(pen, content, store, running)
    pen.turn_page()
    draw_sheets(pen, running, sheets)
    check_printed((text.figure for text in pen.printed), store)
    return close_document(file, pen), pen.printed


def checked_store(
    content: object, figures: Sequence[object], provenance: Sequence[object]
) -> FigureStore:
    """The store of a document whose words, as-of moments and references have been checked."""
    store = FigureStore.of(figures, provenance)  # type: ignore[arg-type]
    for row in store.provenance.values():
        check_moment(row.as_of)
    check_words(content)
    check_usage(content, store)
    return store


def open_document(imprint: Imprint) -> tuple[BytesIO, Pen]:
    """A file in memory and a pen on its first page, with title, language and viewer settings."""
    check_moment(imprint.as_of)
    for name in FACES:
        face(name)
    file = BytesIO()
    canvas = Canvas(
        file,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        invariant=1,
        pageCompression=1,
        lang=imprint.language,
        initialFontName=REGULAR,  # type: ignore[arg-type]  # the stub says number, it is a name
    )
    canvas.setTitle(cleaned(f"{imprint.document}, {imprint.period}, {imprint.organisation}"))
    canvas.setSubject(
        cleaned(f"{imprint.classification}. Figures as of {moment_text(imprint.as_of)}.")
    )
    canvas.setAuthor(cleaned(imprint.organisation))
    canvas.setCreator("Adroit")
    canvas.setKeywords(cleaned(f"{imprint.document}; {imprint.period}; {imprint.currency}"))
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas.showOutline()
    return file, Pen(canvas)


def close_document(file: BytesIO, pen: Pen) -> bytes:
    """Finish the file. A link to a footnote that is not there raises here."""
    pen.canvas.save()
    return file.getvalue()


def draw_sheets(pen: Pen, running: Running, sheets: Sequence[Sheet]) -> None:
    """Draw laid-out sheets one after the other, each a page of its own with its outline entry."""
    for number, sheet in enumerate(sheets, 1):
        if not sheet.continued:
            _outline(pen, sheet.bookmark, sheet.section, 0)
        draw_frame(pen, running, sheet)
        for painter in sheet.painters:
            painter(pen)
        if number < len(sheets):
            pen.turn_page()


def _outline(pen: Pen, bookmark: str, title: str, level: int) -> None:
    pen.canvas.bookmarkPage(bookmark)
    pen.canvas.addOutlineEntry(cleaned(title), bookmark, level=level)
