"""Pages filled from the top: a sheet is a heading and what is to be painted on it.

Everything is laid out first, so the number of pages is known before the first one is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from reporting.rules.pack.content.cover import Headline
from reporting.rules.pack.figures import FigureStore
from reporting.rules.pack.look import BODY_BOTTOM, LEFT, RIGHT, STANDFIRST, TITLE, Style
from reporting.rules.pack.wording import Line, set_lines, set_title

TITLE_TOP = 72.0
_ROUNDING = 0.01
TITLE_ROOM = 660.0  # beyond this a title breaks after its clause


@dataclass(slots=True)
class Sheet:
    """One page to be drawn: its heading set in type, and painters in order."""

    section: str
    title: list[Line]
    title_style: Style
    standfirst: list[Line]
    body_top: float
    bookmark: str
    continued: bool = False
    painters: list[Callable[..., None]] = field(default_factory=list)


class Flow:
    """Stacks pieces down a sheet and opens the next when one does not fit."""

    def __init__(self, headline: Headline, store: FigureStore, bookmark: str) -> None:
        self.store = store
        self._headline = headline
        self._bookmark = bookmark
        self.sheets: list[Sheet] = []
        self.y = 0.0
        self.open_sheet()

    @property
    def sheet(self) -> Sheet:
        return self.sheets[-1]

    @property
    def room(self) -> float:
        """Points left above the end of the body."""
        return BODY_BOTTOM - self.y

    def open_sheet(self) -> None:
        """Go on at the top of a new page under the same heading."""
        continued = bool(self.sheets)
        title, style = set_title(self._headline.title, TITLE, self.store, TITLE_ROOM)
        last = TITLE_TOP + (len(title) - 1) * 25
        standfirst = set_lines(self._headline.standfirst, STANDFIRST, self.store, RIGHT - LEFT, 2)
        top = last + 17 + (len(standfirst) - 1) * STANDFIRST.leading + 22
        bookmark = f"{self._bookmark}-{len(self.sheets) + 1}" if continued else self._bookmark
        self.sheets.append(
            Sheet(self._headline.section, title, style, standfirst, top, bookmark, continued)
        )
        self.y = top

    def need(self, height: float) -> None:
        """Make sure ``height`` points are free, on a new page if they are not here."""
        if height > self.room + _ROUNDING and self.y > self.sheet.body_top:
            self.open_sheet()

    def paint(self, painter: Callable[..., None]) -> None:
        """Add something to be painted on this sheet; it is called with the pen."""
        self.sheet.painters.append(painter)

    def down(self, by: float) -> float:
        """Move down and return the y reached."""
        self.y += by
        return self.y
