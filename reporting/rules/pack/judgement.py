"""Good or bad, helped or hurt: the word, the mark and the colour of each, always together.

The sign of a number shows direction; the mark shows whether that is good. No mark does both.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from reporting.rules.pack.look import (
    GREEN,
    GREEN_FILL,
    GREEN_PALE,
    GREY_FILL,
    INK,
    LINE_GREY,
    OCHRE,
    OCHRE_FILL,
    SECONDARY,
)
from reporting.rules.pack.pen import Pen


class Judgement(StrEnum):
    """How a figure stands against what it is compared with."""

    AHEAD = "ahead"
    BEHIND = "behind"
    NEUTRAL = "neutral"
    CANNOT_TELL = "cannot tell"


class Verdict(StrEnum):
    """What came of a change, measured after its data matured."""

    HELPED = "Helped"
    HURT = "Hurt"
    CANNOT_TELL = "Cannot tell"
    MEASURING = "Measuring"


TEXT_COLOUR: Final = {
    Judgement.AHEAD: GREEN,
    Judgement.BEHIND: OCHRE,
    Judgement.NEUTRAL: SECONDARY,
    Judgement.CANNOT_TELL: SECONDARY,
}
PALE_COLOUR: Final = {
    Judgement.AHEAD: GREEN_PALE,
    Judgement.BEHIND: OCHRE_FILL,
    Judgement.NEUTRAL: GREY_FILL,
    Judgement.CANNOT_TELL: GREY_FILL,
}
FILL_COLOUR: Final = {
    Judgement.AHEAD: GREEN_FILL,
    Judgement.BEHIND: OCHRE_FILL,
    Judgement.NEUTRAL: LINE_GREY,
    Judgement.CANNOT_TELL: GREY_FILL,
}
OF_VERDICT: Final = {
    Verdict.HELPED: Judgement.AHEAD,
    Verdict.HURT: Judgement.BEHIND,
    Verdict.CANNOT_TELL: Judgement.CANNOT_TELL,
    Verdict.MEASURING: Judgement.NEUTRAL,
}


def draw_judgement(pen: Pen, judgement: Judgement, x: float, y: float) -> None:
    """The mark centred at ``x, y``: disc ahead, diamond behind, ring cannot tell, nothing when neutral."""
    if judgement is Judgement.AHEAD:
        pen.disc(x, y, 3.0, GREEN)
    elif judgement is Judgement.BEHIND:
        pen.diamond(x, y, 4.0, OCHRE)
    elif judgement is Judgement.CANNOT_TELL:
        pen.ring(x, y, 2.5, SECONDARY)


def draw_verdict(pen: Pen, verdict: Verdict, x: float, y: float) -> None:
    """The mark centred at ``x, y``: triangle up helped, down hurt, ring cannot tell, bar still measuring."""
    if verdict is Verdict.HELPED:
        pen.triangle(x, y, 3.9, GREEN, up=True)
    elif verdict is Verdict.HURT:
        pen.triangle(x, y, 3.9, OCHRE, up=False)
    elif verdict is Verdict.CANNOT_TELL:
        pen.ring(x, y, 2.7, SECONDARY)
    else:
        pen.box(x - 3, y - 0.8, 6, 1.6, INK)
