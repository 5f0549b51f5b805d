"""A pen over the ReportLab canvas: y runs down from the top edge, text is literal, nothing leaves the page.

Strings go to the canvas as glyphs and are never parsed as markup, so ``A & B <b>unclosed`` prints as typed
and no address or path inside a name is ever opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from reporting.rules.pack.errors import DoesNotFit
from reporting.rules.pack.look import LEFT, PAGE_HEIGHT, RIGHT, WHITE, Style
from reporting.rules.pack.typefaces import UNPRINTABLE, cleaned, kerned_pieces, runs, width

Align = Literal["left", "right", "centre"]
Point = tuple[float, float]
Rule = tuple[float, str]

# Footnote ids hang outside the aligned edge, so the right frame is a little wider.
FRAME = (LEFT - 2.0, 24.0, RIGHT + 14.0, 580.0)
_COLOURS: dict[str, Color] = {}


class Printed(NamedTuple):
    """One piece of text on a page: its box in points from the top left, and the figure it shows, if any."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str
    figure: str


class Pen:
    """Draws one document.

    ``printed`` lists every piece of text drawn so far; ``unprintable`` says whether a character had to
    be replaced by an open square.
    """

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.page = 1
        self.printed: list[Printed] = []
        self.unprintable = False
        self._fill = ""
        self._stroke: tuple[float, str] = (0, "")

    def turn_page(self) -> None:
        """Finish this page and start the next; colours and widths start anew."""
        self.canvas.showPage()
        self.page += 1
        self._fill, self._stroke = "", (0, "")

    # --- text

    def text(
        self,
        x: float,
        y: float,
        words: str,
        style: Style,
        align: Align = "left",
        *,
        figure: str = "",
    ) -> float:
        """Print ``words`` with the baseline at ``y``; returns the width. Raises ``DoesNotFit`` off the page."""
        pieces = runs(cleaned(words), style.face)
        size = style.size
        total = sum([width(text, face, size) for face, text in pieces])
        left = x - (total if align == "right" else total / 2 if align == "centre" else 0)
        self._record(left, y, total, words, size, figure)
        self.fill(style.colour)
        at = left
        for face, text in pieces:
            self.unprintable = self.unprintable or UNPRINTABLE in text
            self._glyphs(at, y, text, face, size)
            at += width(text, face, size)
        return total

    def _glyphs(self, x: float, y: float, text: str, face: str, size: float) -> None:
        writer = self.canvas.beginText()
        writer.setFont(face, size)
        for piece, shift in kerned_pieces(text, face):
            writer.setTextOrigin(x, PAGE_HEIGHT - y)
            writer.textOut(piece)
            if shift:
                x += width(piece, face, size) + shift * size / 1000
        self.canvas.drawText(writer)

    def _record(
        self, left: float, y: float, total: float, words: str, size: float, figure: str
    ) -> None:
        if left < FRAME[0] or left + total > FRAME[2] or y - size * 0.75 < FRAME[1] or y > FRAME[3]:
            raise DoesNotFit(f"“{words[:60]}” would leave page {self.page}.")
        self.printed.append(
            Printed(self.page, left, y - size * 0.72, left + total, y + size * 0.2, words, figure)
        )

    def link(self, footnote: str, x: float, y: float, wide: float, high: float) -> None:
        """Make the box with its lower left at ``x, y`` jump to the row of ``footnote``."""
        low = PAGE_HEIGHT - y
        self.canvas.linkRect(
            f"Footnote {footnote}",
            bookmark_of(footnote),
            (x, low, x + wide, low + high),
            relative=0,
            thickness=0,
        )

    def land(self, footnote: str, x: float, y: float) -> None:
        """Here is the row of ``footnote``."""
        self.canvas.bookmarkHorizontal(bookmark_of(footnote), x, PAGE_HEIGHT - y)

    # --- lines and areas

    def fill(self, colour: str) -> None:
        if colour != self._fill:
            self.canvas.setFillColor(_colour(colour))
            self._fill = colour

    def stroke(self, rule: Rule) -> None:
        if rule != self._stroke:
            self.canvas.setLineWidth(rule[0])
            self.canvas.setStrokeColor(_colour(rule[1]))
            self._stroke = rule

    def line(
        self, x1: float, y1: float, x2: float, y2: float, rule: Rule, dash: Sequence[float] = ()
    ) -> None:
        self.stroke(rule)
        if dash:
            self.canvas.setDash(list(dash))
        self.canvas.line(x1, PAGE_HEIGHT - y1, x2, PAGE_HEIGHT - y2)
        if dash:
            self.canvas.setDash()

    def rule(self, y: float, rule: Rule, left: float = LEFT, right: float = RIGHT) -> None:
        """A horizontal line, by default over the full width between the margins."""
        self.line(left, y, right, y, rule)

    def box(self, x: float, y: float, wide: float, high: float, colour: str) -> None:
        """A filled rectangle; ``x, y`` is its upper left."""
        if wide > 0 and high > 0:
            self.fill(colour)
            self.canvas.rect(x, PAGE_HEIGHT - y - high, wide, high, stroke=0, fill=1)

    def outline(self, x: float, y: float, wide: float, high: float, rule: Rule) -> None:
        """An empty rectangle with its line inside the given edges."""
        if wide > rule[0]:
            self.stroke(rule)
            inset = rule[0] / 2
            self.canvas.rect(
                x + inset,
                PAGE_HEIGHT - y - high + inset,
                wide - rule[0],
                high - rule[0],
                stroke=1,
                fill=0,
            )

    def area(self, points: Sequence[Point], colour: str, edge: Rule | None = None) -> None:
        """A filled polygon, with a line along its ``edge`` if given."""
        self.fill(colour)
        if edge is not None:
            self.stroke(edge)
        stroke = 0 if edge is None else 1
        self.canvas.drawPath(self._path(points, close=True), stroke=stroke, fill=1)

    def polyline(self, points: Sequence[Point], rule: Rule, dash: Sequence[float] = ()) -> None:
        """A line through ``points`` with round joins."""
        if len(points) < 2:
            return
        self.stroke(rule)
        self.canvas.setLineJoin(1)
        if dash:
            self.canvas.setDash(list(dash))
        self.canvas.drawPath(self._path(points, close=False), stroke=1, fill=0)
        if dash:
            self.canvas.setDash()

    def _path(self, points: Sequence[Point], *, close: bool) -> object:
        path = self.canvas.beginPath()
        path.moveTo(points[0][0], PAGE_HEIGHT - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, PAGE_HEIGHT - y)
        if close:
            path.close()
        return path

    # --- the marks that carry a judgement

    def disc(self, x: float, y: float, radius: float, colour: str, *, halo: bool = False) -> None:
        if halo:
            self.disc(x, y, radius + 0.9, WHITE)
        self.fill(colour)
        self.canvas.circle(x, PAGE_HEIGHT - y, radius, stroke=0, fill=1)

    def ring(self, x: float, y: float, radius: float, colour: str) -> None:
        """Not filled: cannot tell, or the position before."""
        self.disc(x, y, radius + 0.8, colour)
        self.disc(x, y, radius - 0.7, WHITE)

    def diamond(self, x: float, y: float, radius: float, colour: str) -> None:
        self.area(((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)), colour)

    def triangle(self, x: float, y: float, radius: float, colour: str, *, up: bool) -> None:
        tip = -radius if up else radius
        self.area(
            ((x - radius, y - tip * 0.85), (x + radius, y - tip * 0.85), (x, y + tip * 0.95)),
            colour,
        )


def bookmark_of(footnote: str) -> str:
    """The name of the place where a footnote is explained."""
    return f"figure-{footnote}"


def _colour(name: str) -> Color:
    if name not in _COLOURS:
        _COLOURS[name] = HexColor(name)
    return _COLOURS[name]
