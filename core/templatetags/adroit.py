"""The components as template tags: ``{% load adroit %}``; see templates/components/README.md.

Page frame and figures stand here; the rest is gathered from the modules beside it.
"""

# The names of parameters are what a template author writes.
# ruff: noqa: A002

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from core import fragments
from core.charts import Chart
from core.parts import DataStatus, Fact, Limit, Part, Ranked, Step, Tab, Tile
from core.slots import as_slot, split_slots
from core.templatetags import (
    adroit_formats,
    adroit_forms,
    adroit_marks,
    adroit_records,
    adroit_tables,
)
from core.templatetags.adroit_marks import across, draw

register = template.Library()
register.filters.update(adroit_formats.register.filters)
for part in (adroit_marks, adroit_tables, adroit_records, adroit_forms):
    register.tags.update(part.register.tags)
register.tag("fragment", fragments.compile_fragment)


@register.simple_block_tag
def slot(content: str, name: str) -> SafeString:
    """Put content into a named place of the nearest component."""
    return as_slot(name, content)


# Page frame


@register.simple_block_tag
def page_head(
    content: str,
    title: str,
    kicker: str = "",
    lead: str = "",
    chip: str = "",
    tone: str = "warn",
    steps: Sequence[Step] | None = None,
) -> SafeString:
    """The page's title, which states the situation, and its buttons."""
    parts = split_slots(content)
    return draw(
        "page_head",
        title=title,
        kicker=kicker,
        lead=lead,
        chip=chip,
        tone=tone,
        steps=steps,
        actions=parts["content"],
    )


@register.simple_tag(takes_context=True)
def status_strip(context: Context, status: DataStatus) -> SafeString:
    """How fresh and complete the figures of the page are."""
    return draw("status_strip", status=status, today=context.get("today"))


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    sub: str = "",
    link: str = "",
    url: str = "",
    chip: str = "",
    tone: str = "neutral",
    flush: bool = False,
    id: str = "",
    live: str = "",
) -> SafeString:
    """A white card; its title is a finding. Slots: ``actions``, ``footer``."""
    return draw(
        "card",
        title=title,
        sub=sub,
        link=link,
        url=url,
        chip=chip,
        tone=tone or "neutral",
        flush=flush,
        id=id,
        live=live,
        **split_slots(content),
    )


@register.simple_block_tag
def notice(
    content: str,
    title: str,
    tone: str = "bad",
    chip: str = "",
    since: str = "",
    icon: str = "alert-triangle",
) -> SafeString:
    """The situation of a record. Slots: ``actions``, ``side``."""
    parts = split_slots(content)
    return draw("notice", title=title, tone=tone, chip=chip, since=since, icon=icon, **parts)


@register.simple_block_tag
def fact_strip(content: str, facts: Sequence[Fact]) -> SafeString:
    """Labels above values; the content stands at the right."""
    return draw("fact_strip", facts=facts, content=split_slots(content)["content"])


@register.simple_tag
def tabs(items: Sequence[Tab], label: str = "Parts of this page") -> SafeString:
    return draw("tabs", items=items, label=label, kind="tabs")


@register.simple_tag
def segmented(items: Sequence[Tab], label: str = "View") -> SafeString:
    return draw("tabs", items=items, label=label, kind="segmented")


@register.simple_block_tag
def empty(content: str, title: str, text: str = "", icon: str = "inbox") -> SafeString:
    """Why there is nothing, and what to do."""
    parts = split_slots(content)
    return draw("empty", title=title, text=text, icon=icon, actions=parts["content"])


@register.simple_tag
def crumbs(items: Sequence[tuple[str, str]]) -> SafeString:
    """Where this page stands; the last one is the page itself."""
    return draw("crumbs", items=items)


# Figures


@register.simple_tag
def kpis(tiles: Sequence[Tile]) -> SafeString:
    """One card with a hairline column for each figure."""
    return draw("kpis", tiles=tiles)


@register.simple_tag
def tile(tile: Tile, bare: bool = False) -> SafeString:
    return draw("tile", tile=tile, bare=bare)


@register.simple_tag
def tile_grid(tiles: Sequence[Tile]) -> SafeString:
    """Smaller figures, two in a row."""
    return draw("tile_grid", tiles=tiles)


@register.simple_tag
def ranked(rows: Sequence[Ranked]) -> SafeString:
    return draw("ranked", rows=[(row, across(row.share)) for row in rows])


@register.simple_tag
def shares(parts: Sequence[Part]) -> SafeString:
    """One divided bar; every part says its count and word."""
    start, placed = 0.0, []
    for part, length in zip(parts, _readable_shares(parts), strict=True):
        placed.append((part, across(start), across(length), across(start + length / 2)))
        start += length
    return draw("shares", parts=placed)


def _readable_shares(parts: Sequence[Part]) -> list[float]:
    """Shares of a divided bar, none too narrow for its own words."""
    total = sum(part.count for part in parts) or 1
    wanted = [max(p.count / total, 0.07 + 0.02 * len(f"{p.count} {p.label}")) if p.count else 0.0 for p in parts]  # fmt: skip
    return [share / (sum(wanted) or 1) for share in wanted]


@register.simple_tag
def limits(rows: Sequence[Limit]) -> SafeString:
    return draw("limits", rows=rows)


@register.simple_tag
def net_proof(text: str, ok: bool = True, title: str = "Net zero proved") -> SafeString:
    """The sum, written out."""
    return draw("net_proof", text=text, ok=ok, title=title)


@register.simple_tag(takes_context=True)
def chart(
    context: Context, spec: Chart, bare: bool = False, link: str = "", url: str = ""
) -> SafeString:
    """A chart with its finding, its table and its summary; years are left out when they are today's."""
    if spec.today is None:
        spec = replace(spec, today=context.get("today"))
    return draw(
        "chart",
        chart=spec,
        bare=bare,
        link=link,
        url=url,
        data=spec.as_json(),
        data_id=f"{spec.id}-data",
    )
