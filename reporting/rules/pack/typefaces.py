"""The six faces of the printed reports, measured; made by ``python tools/fonts.py``.

A character a face lacks is taken from the sans of like weight; one that no face has is printed as
an open square, never as nothing.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import cast

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from reporting.rules.pack.errors import FontsMissing

FONTS = Path(__file__).resolve().parents[3] / "static" / "dist" / "fonts"
REGULAR = "AdroitSans-Regular"
MEDIUM = "AdroitSans-Medium"
SEMIBOLD = "AdroitSans-SemiBold"
ITALIC = "AdroitSans-Italic"
TITLE = "AdroitSerif-SemiBold"
COVER = "AdroitSerif-Regular"
FACES = (REGULAR, MEDIUM, SEMIBOLD, ITALIC, TITLE, COVER)
UNPRINTABLE = "□"
ELLIPSIS = "…"

_FALLBACK = {TITLE: SEMIBOLD, COVER: REGULAR}
_LOOKALIKES = str.maketrans(
    {"\u2011": "-", "\t": " ", "\n": " ", "\r": " ", "\u2028": " ", "\u2029": " "}
)
_SPACES = re.compile(" {2,}")
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Face:
    """One face: advance widths in thousandths of the size, its characters, its kerning pairs."""

    name: str
    widths: Mapping[str, float]
    characters: frozenset[str]
    kerning: Mapping[str, int]


@cache
def face(name: str) -> Face:
    """The face called ``name``; registers it on first use. Raises ``FontsMissing``."""
    with _lock:
        font = _registered(name)
    widths = {chr(code): float(width) for code, width in font.face.charWidths.items()}
    kerning_file = FONTS / f"{name}.kern.json"
    kerning = json.loads(kerning_file.read_text(encoding="utf-8")) if kerning_file.exists() else {}
    return Face(name, MappingProxyType(widths), frozenset(widths), MappingProxyType(kerning))


def _registered(name: str) -> TTFont:
    if name in pdfmetrics.getRegisteredFontNames():
        return cast(TTFont, pdfmetrics.getFont(name))
    try:
        font = TTFont(name, str(FONTS / f"{name}.ttf"))
    except (TTFError, OSError) as error:
        raise FontsMissing(
            f"The font {name} has not been prepared.",
            remedy="Run python tools/fonts.py (part of make setup).",
        ) from error
    pdfmetrics.registerFont(font)
    return font


@lru_cache(maxsize=65536)
def width(text: str, name: str, size: float) -> float:
    """Width in points of printable ``text`` in one face, kerned where the face is."""
    measured = face(name)
    widths = measured.widths
    total = sum(widths[character] for character in text)
    if measured.kerning:
        pairs = measured.kerning
        total += sum(pairs.get(text[i : i + 2], 0) for i in range(len(text) - 1))
    return total * size / 1000


@lru_cache(maxsize=16384)
def cleaned(text: str) -> str:
    """``text`` as one line of visible characters.

    Composed (NFC), white space made single spaces, control characters, direction overrides, joiners
    and variation selectors removed.
    """
    composed = unicodedata.normalize("NFC", text.translate(_LOOKALIKES))
    visible = "".join(character for character in composed if not _is_invisible(character))
    return _SPACES.sub(" ", visible)


def _is_invisible(character: str) -> bool:
    if character < "\u007f":
        return character < " "
    category = unicodedata.category(character)
    return category in ("Cc", "Cf", "Cs", "Co") or "\ufe00" <= character <= "\ufe0f"


@lru_cache(maxsize=16384)
def runs(text: str, name: str) -> tuple[tuple[str, str], ...]:
    """Clean ``text`` as (face name, piece) in order, each piece wholly in its face."""
    if face(name).characters.issuperset(text):
        return ((name, text),) if text else ()
    pieces: list[tuple[str, str]] = []
    for character in text:
        chosen, shown = _drawable(character, name)
        if pieces and pieces[-1][0] == chosen:
            pieces[-1] = (chosen, pieces[-1][1] + shown)
        else:
            pieces.append((chosen, shown))
    return tuple(pieces)


def _drawable(character: str, name: str) -> tuple[str, str]:
    if character in face(name).characters:
        return name, character
    fallback = _FALLBACK.get(name, name)
    return (fallback, character if character in face(fallback).characters else UNPRINTABLE)


@lru_cache(maxsize=16384)
def kerned_pieces(text: str, name: str) -> tuple[tuple[str, int], ...]:
    """``text`` cut where a pair is kerned: (piece, shift after it in thousandths of the size)."""
    pairs = face(name).kerning
    if not pairs:
        return ((text, 0),)
    pieces = []
    start = 0
    for index in range(1, len(text)):
        if shift := pairs.get(text[index - 1 : index + 1], 0):
            pieces.append((text[start:index], shift))
            start = index
    pieces.append((text[start:], 0))
    return tuple(pieces)
