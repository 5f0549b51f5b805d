"""Sentences set in type: words measured, broken into lines, shortened by measure, drawn with their footnotes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from reporting.rules.pack.errors import DoesNotFit
from reporting.rules.pack.figures import Figure, FigureStore, Name, Ref, Sentence
from reporting.rules.pack.look import TERTIARY, Style
from reporting.rules.pack.pen import Align, Pen
from reporting.rules.pack.typefaces import ELLIPSIS, ITALIC, REGULAR, cleaned, runs, width

_CLOSING = ".,;:)!?"
_CLAUSE_END = (";", ":")
_NAME_LIMITS = (None, 60, 40, 24, 12)
_SMALLEST_TITLE = 0.7
_ROUNDING = 0.01


class Span(NamedTuple):
    """A piece of one word in one style. ``footnote`` is set on the raised id, ``figure`` on a number."""

    text: str
    style: Style
    width: float
    rise: float = 0.0
    figure: str = ""
    footnote: str = ""


Word = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Words on one line; ``gap`` is the space between two of them."""

    words: tuple[Word, ...]
    gap: float

    @property
    def width(self) -> float:
        return sum(map(_word_width, self.words)) + self.gap * max(0, len(self.words) - 1)


def text_width(text: str, style: Style) -> float:
    """Width in points of ``text`` as it would be printed."""
    return sum(width(piece, face, style.size) for face, piece in runs(cleaned(text), style.face))


def shortened(text: str, style: Style, room: float) -> str:
    """``text``, cut with an ellipsis to at most ``room`` points."""
    text = cleaned(text).strip()
    if text_width(text, style) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(text[:middle].rstrip() + ELLIPSIS, style) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + ELLIPSIS


def figure_spans(figure: Figure, style: Style, *, with_id: bool = True) -> Word:
    """The spans of one printed figure: its text, "est." where estimated, its raised footnote id."""
    spans = [Span(figure.text, style, text_width(figure.text, style), 0.0, figure.id)]
    if figure.estimated:
        small = Style(ITALIC, style.size * 0.86, style.leading, TERTIARY)
        spans.append(Span("\u00a0est.", small, text_width("\u00a0est.", small)))
    if with_id:
        spans.append(id_span(figure.footnote, style))
    return tuple(spans)


def id_span(footnote: str, style: Style, *, separated: bool = False) -> Span:
    """A raised footnote id to hang after a number or a column head."""
    small = Style(REGULAR, style.id_size, style.leading, TERTIARY)
    text = f"\u200a{footnote}" if not separated else f"\u2009{footnote}"
    return Span(text, small, text_width(text, small), style.size * 0.33, "", footnote)


def compose(
    sentence: Sentence, style: Style, store: FigureStore, *, name_limit: int | None = None
) -> list[Word]:
    """The words of ``sentence``; a figure, its punctuation and its footnote id stay together."""
    words: list[list[Span]] = [[]]
    for part in sentence:
        if isinstance(part, Ref):
            face = style.strong if part.strong else style.face
            words[-1].extend(figure_spans(store[part], replace(style, face=face)))
            continue
        text = (
            _clipped(part, name_limit)
            if isinstance(part, Name)
            else part
            if isinstance(part, str)
            else part.text
        )
        _append_text(words, cleaned(text), style)
    return [tuple(word) for word in words if word]


def _clipped(name: Name, limit: int | None) -> str:
    text = cleaned(name.text).strip()
    most = min(name.limit, limit or name.limit)
    return text if len(text) <= most else text[: most - 1].rstrip() + ELLIPSIS


def _append_text(words: list[list[Span]], text: str, style: Style) -> None:
    pieces = text.split(" ")
    for index, piece in enumerate(pieces):
        if index:
            words.append([])
        if piece:
            _append_piece(words[-1], piece, style)


def _append_piece(word: list[Span], piece: str, style: Style) -> None:
    """Add to a word; closing punctuation goes before a footnote id, where it reads better."""
    if word and word[-1].footnote:
        closing = len(piece) - len(piece.lstrip(_CLOSING))
        if closing:
            word.insert(
                len(word) - 1, Span(piece[:closing], style, text_width(piece[:closing], style))
            )
            piece = piece[closing:]
    if piece:
        word.append(Span(piece, style, text_width(piece, style)))


def lines_of(words: Sequence[Word], room: float, style: Style) -> list[Line]:
    """Greedy lines at most ``room`` wide; a word that is wider alone is cut with an ellipsis."""
    gap = text_width(" ", style)
    lines: list[list[Word]] = []
    at = room + 1
    for word in (_fitted_word(found, room) for found in words):
        wide = _word_width(word)
        if at + gap + wide > room + _ROUNDING:
            lines.append([])
            at = -gap
        lines[-1].append(word)
        at += gap + wide
    return [Line(tuple(line), gap) for line in lines]


def _word_width(word: Word) -> float:
    return sum(span.width for span in word)


def _fitted_word(word: Word, room: float) -> Word:
    excess = _word_width(word) - room
    if excess <= _ROUNDING:
        return word
    longest = max(
        (span for span in word if not span.figure and not span.footnote),
        key=lambda s: s.width,
        default=None,
    )
    if longest is None or longest.width < excess:
        raise DoesNotFit(f"“{''.join(span.text for span in word)[:60]}” is wider than its column.")
    text = shortened(longest.text, longest.style, longest.width - excess)
    short = longest._replace(text=text, width=text_width(text, longest.style))
    return tuple(short if span is longest else span for span in word)


def set_lines(
    sentence: Sentence, style: Style, store: FigureStore, room: float, most: int
) -> list[Line]:
    """``sentence`` in at most ``most`` lines. Names give way first; a cut figure raises ``DoesNotFit``."""
    lines: list[Line] = []
    for limit in _NAME_LIMITS if _names_beside_figures(sentence) else (None,):
        lines = lines_of(compose(sentence, style, store, name_limit=limit), room, style)
        if len(lines) <= most:
            return lines
    return _cut_lines(lines, most, room, style)


def _names_beside_figures(sentence: Sentence) -> bool:
    kinds = {type(part) for part in sentence}
    return {Name, Ref} <= kinds


def _cut_lines(lines: list[Line], most: int, room: float, style: Style) -> list[Line]:
    """The first ``most`` lines with an ellipsis at the end; refuses to drop a figure."""
    lost = [
        span.figure for line in lines[most:] for word in line.words for span in word if span.figure
    ]
    kept = list(lines[most - 1].words)
    dots = Span(ELLIPSIS, style, text_width(ELLIPSIS, style))
    while kept and _line_width(kept, lines[0].gap) + dots.width > room:
        lost.extend(span.figure for span in kept.pop() if span.figure)
    if lost:
        raise DoesNotFit(
            f"A sentence is too long for its place and would lose the figure {lost[0]}."
        )
    if kept:
        kept[-1] = (*kept[-1], dots)
    return [*lines[: most - 1], Line(tuple(kept), lines[0].gap)]


def _line_width(words: Iterable[Word], gap: float) -> float:
    return Line(tuple(words), gap).width


def set_balanced(sentence: Sentence, style: Style, store: FigureStore, room: float) -> list[Line]:
    """One line, or two of like width; a column head."""
    words = compose(sentence, style, store)
    return _two_lines(words, style, room, clauses=False) or set_lines(
        sentence, style, store, room, 2
    )


def set_title(
    sentence: Sentence, style: Style, store: FigureStore, room: float
) -> tuple[list[Line], Style]:
    """A finding in one or two lines: broken after a clause, else balanced, else set a little smaller."""
    scale = 1.0
    while scale >= _SMALLEST_TITLE:
        smaller = style.sized(style.size * scale)
        for limit in _NAME_LIMITS:
            words = compose(sentence, smaller, store, name_limit=limit)
            if lines := _two_lines(words, smaller, room, clauses=True):
                return lines, smaller
        scale -= 0.1
    return set_lines(sentence, smaller, store, room, 2), smaller


def _two_lines(words: list[Word], style: Style, room: float, *, clauses: bool) -> list[Line]:
    """One or two lines, or none when they would not fit. A title keeps two words on each at least."""
    gap = text_width(" ", style)
    fewest = 2 if clauses else 1
    whole = Line(tuple(words), gap)
    if whole.width <= room:
        return [whole]
    best: tuple[float, list[Line]] | None = None
    for cut in range(fewest, len(words) - fewest + 1):
        pair = [Line(tuple(words[:cut]), gap), Line(tuple(words[cut:]), gap)]
        if max(line.width for line in pair) > room:
            continue
        cost = abs(pair[0].width - pair[1].width)
        if clauses and any(span.text.endswith(_CLAUSE_END) for span in words[cut - 1]):
            cost -= room * 2
        if best is None or cost < best[0]:
            best = (cost, pair)
    return best[1] if best else []


def draw_line(pen: Pen, line: Line, x: float, y: float, align: Align = "left") -> None:
    """Print one line with its baseline at ``y``, footnote ids raised and linked."""
    at = x - (line.width if align == "right" else line.width / 2 if align == "centre" else 0)
    for word in line.words:
        for span in word:
            draw_span(pen, span, at, y)
            at += span.width
        at += line.gap


def draw_span(pen: Pen, span: Span, x: float, y: float) -> None:
    """Print one span at ``x``; a footnote id becomes a link to its row on the last page."""
    pen.text(x, y - span.rise, span.text, span.style, figure=span.figure)
    if span.footnote:
        pen.link(span.footnote, x - 1, y - span.rise + 2, span.width + 2, span.style.size + 3)


def draw_lines(
    pen: Pen, lines: Sequence[Line], x: float, y: float, leading: float, align: Align = "left"
) -> float:
    """Print lines from the first baseline ``y``; returns the last baseline."""
    for index, line in enumerate(lines):
        draw_line(pen, line, x, y + index * leading, align)
    return y + max(0, len(lines) - 1) * leading
