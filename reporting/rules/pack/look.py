"""The look of the printed reports in one place: page, grid, colours, rules and type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from reporting.rules.pack import typefaces as faces

# A4 landscape in points; y is measured from the top edge.
PAGE_WIDTH: Final = 841.89
PAGE_HEIGHT: Final = 595.28
LEFT: Final = 44.0
RIGHT: Final = 798.0
BODY_BOTTOM: Final = 545.0
COLUMN: Final = 50.0
GUTTER: Final = 14.0

INK: Final = "#17211D"
SECONDARY: Final = "#46524C"
TERTIARY: Final = "#626D67"  # palest colour allowed for text
GREEN: Final = "#0E5A4F"  # us, ahead, helped
OCHRE: Final = "#9A5B0B"  # behind, hurt, rival, risk
GREEN_FILL: Final = "#6E9F95"
GREEN_PALE: Final = "#B7D0CA"
GREEN_WASH: Final = "#DCE9E6"
OCHRE_FILL: Final = "#E3C08C"
GREY_FILL: Final = "#CDD2CF"
LINE_GREY: Final = "#8B9490"
RULE_GREY: Final = "#A9B0AC"
RULE_PALE: Final = "#DDE1DE"
TINT: Final = "#F4F3EE"
WHITE: Final = "#FFFFFF"

RULE_INK: Final = (0.8, INK)  # start and end of a table
RULE_GROUP: Final = (0.6, LINE_GREY)
RULE_ROW: Final = (0.5, RULE_PALE)


@dataclass(frozen=True, slots=True)
class Style:
    """How words are set: face, size and leading in points, colour, and the size of footnote ids."""

    face: str
    size: float
    leading: float
    colour: str = INK
    id_size: float = 5.6
    strong: str = faces.SEMIBOLD

    def coloured(self, colour: str) -> Style:
        return replace(self, colour=colour)

    def sized(self, size: float) -> Style:
        return replace(self, size=size, leading=self.leading * size / self.size)


TITLE: Final = Style(faces.TITLE, 20.5, 25, INK, 8.2, faces.TITLE)
COVER_TITLE: Final = Style(faces.TITLE, 38, 44, INK, 8.2, faces.TITLE)
COVER_PERIOD: Final = Style(faces.COVER, 38, 44, INK, 8.2, faces.TITLE)
VERDICT: Final = Style(faces.REGULAR, 11.2, 16.5, SECONDARY, 6.4)
SECTION: Final = Style(faces.SEMIBOLD, 7.6, 10, GREEN)
STANDFIRST: Final = Style(faces.REGULAR, 8.8, 12.5, SECONDARY)
HERO: Final = Style(faces.SEMIBOLD, 15, 18, INK)
BLOCK: Final = Style(faces.SEMIBOLD, 10, 13, GREEN)
ROW_NAME: Final = Style(faces.SEMIBOLD, 9.6, 12.5)
ROW_MEDIUM: Final = Style(faces.MEDIUM, 9, 12)
NUMBER: Final = Style(faces.REGULAR, 9.2, 12, SECONDARY)
NUMBER_STRONG: Final = Style(faces.SEMIBOLD, 9.2, 12)
BODY: Final = Style(faces.REGULAR, 8.6, 12.5, SECONDARY)
NOTE: Final = Style(faces.REGULAR, 7.8, 10.8, SECONDARY)
HEAD: Final = Style(faces.MEDIUM, 7.4, 9.4, TERTIARY)
AXIS: Final = Style(faces.REGULAR, 7.2, 9, TERTIARY)
FOOTER: Final = Style(faces.REGULAR, 7, 9, TERTIARY)
PROVENANCE: Final = Style(faces.REGULAR, 6.5, 7.6, SECONDARY)


def column(number: int) -> float:
    """Left edge of grid column 1 to 12."""
    return LEFT + (number - 1) * (COLUMN + GUTTER)


def span(columns: int) -> float:
    """Width of that many grid columns with the gutters between them."""
    return columns * COLUMN + (columns - 1) * GUTTER
