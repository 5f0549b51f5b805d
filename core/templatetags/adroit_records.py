"""Records: life cycle, decisions, comments, evidence; loaded through ``adroit``."""

# The names of parameters are what a template author writes.
# ruff: noqa: A002

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from core.parts import ApprovalStep, Comment, Entry, Need, Step
from core.slots import split_slots
from core.templatetags.adroit_marks import draw

register = template.Library()


@register.simple_tag
def stepper(steps: Sequence[Step]) -> SafeString:
    return draw("stepper", steps=steps)


@register.simple_tag
def timeline(entries: Sequence[Entry]) -> SafeString:
    return draw("timeline", entries=entries)


@register.simple_tag
def needs_you(
    needs: Sequence[Need], title: str = "", url: str = "", link: str = "All", sub: str = ""
) -> SafeString:
    return draw("needs_you", needs=needs, title=title, url=url, link=link, sub=sub)


@register.simple_block_tag
def approval_panel(
    content: str,
    steps: Sequence[ApprovalStep],
    title: str,
    clock: str = "",
    clock_note: str = "",
) -> SafeString:
    """Who decided, who decides, until when; the content holds the buttons."""
    parts = split_slots(content)
    return draw(
        "approval_panel", steps=steps, title=title, clock=clock, clock_note=clock_note, **parts
    )


@register.simple_tag(takes_context=True)
def comments(
    context: Context, items: Sequence[Comment], url: str = "", mentions: str = ""
) -> SafeString:
    """``mentions`` is the address that suggests whom to mention."""
    token = context.get("csrf_token")
    return draw("comments", items=items, url=url, mentions=mentions, csrf_token=token)


@register.simple_tag
def key_values(pairs: Sequence[tuple[str, Any]]) -> SafeString:
    return draw("key_values", pairs=pairs)


@register.simple_block_tag
def how(
    content: str, formula: str = "", data: str = "", choices: str = "", id: str = ""
) -> SafeString:
    """How a figure was computed."""
    parts = split_slots(content)
    return draw("how", formula=formula, data=data, choices=choices, id=id, **parts)


@register.simple_block_tag
def unsaved(content: str, text: str, title: str = "") -> SafeString:
    """The dark bar that says what is not saved and what it would do."""
    return draw("unsaved", text=text, title=title, content=split_slots(content)["content"])
