"""Tables, filters and pages of lists; loaded through ``adroit``."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django import template
from django.forms import CheckboxSelectMultiple, SelectMultiple
from django.template import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from core.cells import text_of
from core.parts import Delta
from core.saved import saved_views
from core.slots import split_slots
from core.tables import Cell, Table
from core.templatetags import adroit_marks
from core.templatetags.adroit_forms import name_empty_choice, use_day_picker
from core.templatetags.adroit_marks import draw

register = template.Library()


@register.simple_block_tag(takes_context=True)
def table(
    context: Context,
    content: str,
    table: Table,
    title: str = "",
    sub: str = "",
    link: str = "",
    url: str = "",
    live: str = "",
    bare: bool = False,
) -> SafeString:
    """A table with everything around it. Slots: ``bulk``, ``actions``, ``footer``."""
    return draw(
        "table",
        table=table,
        title=title,
        sub=sub,
        link=link,
        url=url,
        live=live,
        bare=bare,
        today=context.get("today"),
        request=context.get("request"),
        csrf_token=context.get("csrf_token"),
        **split_slots(content),
    )


@register.simple_tag
def cell(cell: Cell, today: date | None = None) -> SafeString:
    """One value of a table as its column's kind draws it."""
    return CELLS.get(cell.column.kind, _text_cell)(cell, today)


def _text_cell(cell: Cell, today: date | None) -> SafeString:
    value = cell.value
    text = conditional_escape(
        value if isinstance(value, SafeString) else text_of(cell.column, value, today)
    )
    shown = format_html('<span class="t-{}">{}</span>', cell.tone, text) if cell.tone else text
    shown = format_html('<a href="{}">{}</a>', cell.url, shown) if cell.url else shown
    return (
        format_html('{}<span class="sub">{}</span>', shown, cell.sub)
        if cell.sub
        else SafeString(shown)
    )


def _delta_cell(cell: Cell, today: date | None) -> SafeString:
    """A signed value judged by its column: ``up_is_good`` decides the colour."""
    value = cell.value
    if not isinstance(value, Delta):
        return _text_cell(cell, today)
    return adroit_marks.delta(value, plain=True)


def _drawn_cell(cell: Cell, _: date | None) -> SafeString:
    """Marks: bars and sparks take the value, the others a tuple of their parameters."""
    value, kind = cell.value, cell.column.kind
    if value is None:
        return SafeString("")
    if kind == "bar":
        return adroit_marks.bar(value, tick=cell.tick, low=cell.low, tone=cell.tone)
    if kind == "spark":
        return adroit_marks.spark(value, tone=cell.tone or "accent")
    mark = adroit_marks.interval if kind == "interval" else adroit_marks.before_after
    return mark(*value)


def _channel_cell(cell: Cell, _: date | None) -> SafeString:
    mark = adroit_marks.channel(*_key_and_label(cell.value), url=cell.url)
    return format_html('{}<span class="sub">{}</span>', mark, cell.sub) if cell.sub else mark


CELLS = {
    "badge": lambda c, _: adroit_marks.chip(str(c.value), c.tone) if c.value else SafeString(""),
    "user": lambda c, _: adroit_marks.person(c.value, c.sub) if c.value else SafeString("–"),
    "channel": _channel_cell,
    "code": lambda c, _: adroit_marks.code(c.value or ""),
    "delta": _delta_cell,
    "bar": _drawn_cell,
    "spark": _drawn_cell,
    "interval": _drawn_cell,
    "before_after": _drawn_cell,
}


def _key_and_label(value: Any) -> tuple[str, str]:
    """A channel cell holds a key, or a pair of key and label."""
    return (value[0], value[1]) if isinstance(value, tuple | list) else (str(value or ""), "")


@register.simple_block_tag(takes_context=True)
def filter_bar(context: Context, content: str, form: Any, target: str = "") -> SafeString:
    """A GET form whose state stands in the URL. Slot: ``saved``."""
    request = context.get("request")
    return draw(
        "filter_bar",
        form=form,
        fields=[FilterField(field) for field in form.visible_fields()],
        target=target,
        active=active_filters(form, request),
        kept=kept_parameters(form, request),
        request=request,
        views=saved_views(request),
        **split_slots(content),
    )


class FilterField:
    """One filter as it is drawn: a choice of many is a list of check boxes behind a button."""

    def __init__(self, bound: Any) -> None:
        name_empty_choice(bound, "Any")
        use_day_picker(bound)
        self.bound = bound
        self.is_many = isinstance(bound.field.widget, SelectMultiple | CheckboxSelectMultiple)

    @property
    def label(self) -> str:
        """What it filters; a filter set without a label of its own says so in brackets."""
        label = str(self.bound.label)
        return self.bound.name.replace("_", " ").capitalize() if label.startswith("[") else label

    @cached_property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Value, words, whether it is chosen."""
        chosen = {str(value) for value in self.bound.value() or ()}
        flat = [(str(key), str(words)) for key, words in self.bound.field.widget.choices]
        return [(key, words, key in chosen) for key, words in flat if key]

    @property
    def summary(self) -> str:
        """What is chosen, in a word."""
        words = [words for _, words, is_chosen in self.choices if is_chosen]
        return words[0] if len(words) == 1 else f"{len(words)} chosen" if words else "Any"


def active_filters(form: Any, request: Any) -> list[tuple[str, str, str]]:
    """Label, value in words and the address without it, for each filter that is set."""
    if request is None:
        return []
    found = []
    for field in form.visible_fields():
        for value in filter(None, request.GET.getlist(field.html_name)):
            query = request.GET.copy()
            rest = [v for v in query.getlist(field.html_name) if v != value]
            query.setlist(field.html_name, rest)
            query.pop("page", None)
            label = FilterField(field).label
            found.append((label, _choice_label(field, value), f"?{query.urlencode()}"))
    return found


def kept_parameters(form: Any, request: Any) -> list[tuple[str, str]]:
    """What else stands in the address and stays there: a table's order and columns."""
    own = {field.html_name for field in form}
    others = request.GET.lists() if request is not None else ()
    return [
        (name, value)
        for name, values in others
        if name not in own and not name.endswith("page") and name != "export"
        for value in values
    ]


def _choice_label(field: Any, value: str) -> str:
    choices = getattr(field.field, "choices", ())
    flat = {str(key): label for key, label in choices if not isinstance(label, list | tuple)}
    return str(flat.get(value, value))


@register.simple_tag(takes_context=True)
def pagination(context: Context, page: Any) -> SafeString:
    return draw("pagination", page=page, request=context.get("request"))
