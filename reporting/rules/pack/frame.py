"""What stands on every page: accent bar, section, context, title, standfirst, footer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reporting.rules.pack.content.cover import Imprint
from reporting.rules.pack.flow import TITLE_TOP, Sheet
from reporting.rules.pack.look import (
    FOOTER,
    GREEN,
    INK,
    LEFT,
    NOTE,
    RIGHT,
    RULE_GREY,
    SECTION,
    STANDFIRST,
    TERTIARY,
    Style,
    column,
)
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.typefaces import MEDIUM, SEMIBOLD
from reporting.rules.pack.wording import draw_lines, shortened

FOOTER_RULE = 563.0
FOOTER_LINE = 573.5
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Running:
    """What the frame needs to know about the whole document."""

    imprint: Imprint
    digest: str  # full SHA-256 of the content, hexadecimal
    pages: int

    @property
    def short_digest(self) -> str:
        return f"{self.digest[:4]} {self.digest[4:8]}"


def moment_text(moment: datetime) -> str:
    """A moment as readers meet it: 6 Nov 2026, 06:00 UTC."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} UTC"


def draw_accent(pen: Pen, y: float = 30.0) -> None:
    pen.box(LEFT, y, 26, 3.2, GREEN)


def draw_frame(pen: Pen, running: Running, sheet: Sheet) -> None:
    """Everything of a page but its body."""
    draw_accent(pen)
    imprint = running.imprint
    section = f"{sheet.section} (continued)" if sheet.continued else sheet.section
    wide = pen.text(LEFT, 46, shortened(section, SECTION, 300), SECTION)
    style = NOTE.coloured(TERTIARY)
    organisation = shortened(imprint.organisation, style, 200)
    context = "\u2002·\u2002".join(
        part for part in (organisation, imprint.period, imprint.period_note) if part
    )
    pen.text(RIGHT, 46, shortened(context, style, RIGHT - LEFT - wide - 24), style, "right")
    last = draw_lines(pen, sheet.title, LEFT, TITLE_TOP, 25)
    draw_lines(pen, sheet.standfirst, LEFT, last + 17, STANDFIRST.leading)
    draw_footer(pen, running)


def draw_footer(pen: Pen, running: Running) -> None:
    """Classification, as-of, currency, short hash, page of pages."""
    imprint = running.imprint
    pen.rule(FOOTER_RULE, (0.5, RULE_GREY))
    strong = Style(SEMIBOLD, FOOTER.size, FOOTER.leading, INK)
    medium = Style(MEDIUM, FOOTER.size, FOOTER.leading, INK)
    pen.text(LEFT, FOOTER_LINE, shortened(imprint.classification, strong, 180), strong)
    pen.text(column(4), FOOTER_LINE, f"Figures as of {moment_text(imprint.as_of)}", FOOTER)
    if imprint.currency:
        pen.text(column(7), FOOTER_LINE, f"Amounts in {imprint.currency} unless marked", FOOTER)
    pen.text(
        column(10),
        FOOTER_LINE,
        f"{imprint.document.split(' ')[-1].capitalize()} {running.short_digest}",
        FOOTER,
    )
    pen.text(RIGHT, FOOTER_LINE, f"Page {pen.page} of {running.pages}", medium, "right")
