"""Small marks that stand in lines and table cells; loaded through ``adroit``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.parts import Delta, Number

register = template.Library()

VERDICTS = {
    "helped": ("Helped", "good", "arrow-up-right"),
    "hurt": ("Hurt", "bad", "arrow-down-right"),
    "cannot_tell": ("Can’t tell", "neutral", "help-circle"),
    "measuring": ("Measuring", "accent", "hourglass"),
}
ARROWS = {"up": "arrow-up", "down": "arrow-down"}
ICON = '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>'
LABELLED_ICON = '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>'
# Where the target's tick stands in every bullet bar.
TICK_AT = 80.0


def draw(component: str, /, **context: Any) -> SafeString:
    """A component's template with exactly these values."""
    return render_to_string(f"components/{component}.html", context)


def across(share: Number, of: float = 100.0) -> str:
    """A share as a length in percent, kept inside its track."""
    return f"{min(max(float(share), 0.0), 1.0) * of:.2f}%"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An outline icon; ``label`` when it stands alone."""
    sprite = static("web/icons.svg")
    return (
        format_html(LABELLED_ICON, label, sprite, name)
        if label
        else format_html(ICON, sprite, name)
    )


@register.simple_tag
def chip(text: str, tone: str = "neutral", icon: str = "") -> SafeString:
    """A state in a word."""
    return draw("chip", text=text, tone=tone or "neutral", icon=icon)


@register.simple_tag
def flag(text: str, evidence: str, tone: str = "warn") -> SafeString:
    """A judgement with its evidence: ``Tired, CTR −31 % since 9 Nov``."""
    return draw("chip", text=f"{text}, {evidence}", tone=tone, icon="")


@register.simple_tag
def verdict(value: str, note: str = "") -> SafeString:
    """Helped, hurt, cannot tell or measuring, with a reason where there is one."""
    word, tone, mark = VERDICTS[value]
    return draw("chip", text=f"{word}, {note}" if note else word, tone=tone, icon=mark)


@register.simple_tag
def badge(count: int, label: str = "") -> SafeString:
    """A count."""
    return draw("badge", count=count, label=label)


@register.simple_tag
def channel(key: str, label: str = "", url: str = "") -> SafeString:
    """A channel's colour mark and name, which may lead somewhere."""
    name = label or key.replace("_", " ").capitalize()
    return draw("channel", key=key.lower().replace("-", "_"), label=name, url=url)


def initials(name: str) -> str:
    """``Mara Lindqvist`` is ``ML``."""
    words = [word for word in name.replace(".", " ").split() if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def hue(name: str) -> int:
    """One of six quiet grounds for a person's initials, the same on every page."""
    return sum(map(ord, name)) % 6


@register.simple_tag
def avatar(name: Any) -> SafeString:
    """Initials in a circle."""
    text = str(name)
    return draw("avatar", initials=initials(text), hue=hue(text), name=text)


@register.simple_tag
def person(name: Any, note: str = "") -> SafeString:
    """Initials, name and a grey line."""
    text = str(name)
    return draw("person", initials=initials(text), hue=hue(text), name=text, note=note)


@register.simple_tag
def delta(value: Delta | None, plain: bool = False) -> SafeString:
    """A difference: the arrow is its direction, the colour its judgement."""
    if value is None:
        return SafeString("")
    return draw("delta", delta=value, plain=plain, arrow=ARROWS.get(value.direction, ""))


@register.simple_tag
def progress(
    share: Number, tone: str = "accent", tick: Number | None = None, label: str = ""
) -> SafeString:
    """How much of a whole is done; ``tick`` is where it should be today."""
    at = None if tick is None else across(tick)
    said = label or f"{float(share) * 100:.0f} %"
    return draw("progress", width=across(share), tone=tone, tick=at, label=said)


@register.simple_tag
def bullet(share: Number | None, tone: str = "accent", label: str = "") -> SafeString:
    """Actual against target; the tick stands at the same place in every tile."""
    if share is None:
        return SafeString("")
    width = across(float(share) * TICK_AT / 100)
    return draw("progress", width=width, tone=tone, tick=f"{TICK_AT}%", label=label, bullet=True)


@register.simple_tag
def bar(
    share: Number | None, tick: Number | None = None, low: Number = 0, tone: str = ""
) -> SafeString:
    """A table's bar: 1 is the longest, what is longer is cut; ``low`` (0 or less) is the column's lowest value."""
    if share is None:
        return SafeString("")
    zero = float(-low) / (1 - float(low)) * 100
    length = min(float(share), 1.0) * (100 - zero)
    start = zero if length >= 0 else zero + length
    at = None if tick is None else f"{zero + min(float(tick), 1.0) * (100 - zero):.2f}%"
    colour = tone or ("bad" if length < 0 else "accent")
    place = {"x": f"{max(start, 0):.2f}%", "width": f"{abs(length):.2f}%", "zero": f"{zero:.2f}%"}
    return draw("bar", tone=colour, tick=at, **place)


@register.simple_tag
def interval(
    low: Number,
    mid: Number,
    high: Number,
    axis_low: Number,
    axis_high: Number,
    raw: Number | None = None,
    clear: bool = True,
) -> SafeString:
    """An estimate with its range; grey when its sign is unclear, the raw value as a tick."""
    width = float(axis_high) - float(axis_low) or 1.0

    def at(value: Number) -> str:
        return across((float(value) - float(axis_low)) / width)

    place = {"low": at(low), "mid": at(mid), "high": at(high)}
    return draw("interval", raw=None if raw is None else at(raw), clear=clear, **place)


@register.simple_tag
def before_after(before: Number, after: Number, maximum: Number) -> SafeString:
    """What stays, what goes (outlined) and what comes (green)."""
    top = float(maximum) or 1.0
    old, new = float(before) / top, float(after) / top
    return draw(
        "before_after",
        stays=across(min(old, new)),
        changed=across(abs(new - old)),
        grows=new > old,
    )


@register.simple_tag
def spark(values: Sequence[Number | None], tone: str = "accent") -> SafeString:
    """A small line without axes; it says a shape, the number stands beside it."""
    known = [(i, float(v)) for i, v in enumerate(values) if v is not None]
    if len(known) < 2:
        return SafeString("")
    low, high = min(v for _, v in known), max(v for _, v in known)
    reach = (high - low) or 1.0
    last = len(values) - 1
    points = [(i / last * 100, 20 - (v - low) / reach * 18 + 1) for i, v in known]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return draw("spark", points=line, tone=tone, x=f"{points[-1][0]:.1f}", y=f"{points[-1][1]:.1f}")


@register.simple_tag
def code(text: Any) -> SafeString:
    return format_html('<code class="code">{}</code>', text)


@register.simple_tag(name="hash")
def hash_code(value: str) -> SafeString:
    """A short fingerprint in fours, with a copy button."""
    text = str(value)
    short = " ".join(text[i : i + 4] for i in range(0, min(len(text), 12), 4))
    return draw("hash", value=text, short=short)
