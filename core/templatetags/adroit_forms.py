"""Forms, files, long work, dialogs and menus; loaded through ``adroit``."""

# The names of parameters are what a template author writes.
# ruff: noqa: A002

from __future__ import annotations

from typing import Any

from django import template
from django.forms import DateInput
from django.utils.safestring import SafeString

from core.parts import Number
from core.slots import split_slots
from core.templatetags.adroit_marks import across, draw

register = template.Library()

# Controls whose label stands behind them.
CHECKS = frozenset({"checkbox"})
GROUPS = frozenset({"radioselect", "checkboxselectmultiple"})


NO_CHOICE = "---------"


def name_empty_choice(bound: Any, words: str) -> None:
    """Write words where Django's fields write dashes for "nothing chosen"."""
    field = bound.field
    if getattr(field, "empty_label", None) == NO_CHOICE:
        field.empty_label = words
    if hasattr(field, "queryset") or not hasattr(field.widget, "choices"):
        return
    choices = list(field.widget.choices)
    if choices and choices[0] == ("", NO_CHOICE):
        field.widget.choices = [("", words), *choices[1:]]


def use_day_picker(bound: Any) -> None:
    """Let the browser offer its calendar for days."""
    widget = bound.field.widget
    if isinstance(widget, DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"


@register.simple_tag
def field(field: Any, wide: bool = False, prefix: str = "", suffix: str = "") -> SafeString:
    """Label, control, help and errors of one form field."""
    name_empty_choice(field, "Choose" if field.field.required else "None")
    use_day_picker(field)
    widget = field.field.widget
    kind = widget.__class__.__name__.lower()
    is_check = getattr(widget, "input_type", "") in CHECKS and kind not in GROUPS
    return draw(
        "field",
        field=field,
        wide=wide or kind == "textarea",
        prefix=prefix,
        suffix=suffix,
        is_check=is_check,
        is_group=kind in GROUPS,
        is_optional=not field.field.required,
    )


@register.simple_tag
def form_fields(form: Any) -> SafeString:
    """Every field of a form, what concerns the whole form first."""
    return draw("form_fields", form=form)


@register.simple_tag
def form_errors(form: Any) -> SafeString:
    """What concerns the whole form."""
    return draw("form_errors", form=form)


@register.simple_tag
def dropzone(
    name: str, label: str = "Drop a file here or choose one", help: str = "", accept: str = ""
) -> SafeString:
    """A place to drop a file; it is an ordinary file field without JavaScript."""
    return draw("dropzone", name=name, label=label, help=help, accept=accept)


@register.simple_tag
def work_progress(
    url: str, share: Number | None = None, text: str = "", stop_url: str = "", title: str = ""
) -> SafeString:
    """Long work: asks ``url`` each second until the answer holds no work any more."""
    width = None if share is None else across(share)
    said = "" if share is None else f"{float(share) * 100:.0f}"
    return draw(
        "work_progress", url=url, width=width, said=said, text=text, stop_url=stop_url, title=title
    )


@register.simple_block_tag
def dialog(content: str, id: str, title: str, text: str = "", is_open: object = None) -> SafeString:
    """A dialog; a button with ``data-open="id"`` opens it. Slot: ``footer``.

    ``is_open`` opens it at once, for a form that came back with errors.
    """
    return draw("dialog", id=id, title=title, text=text, is_open=is_open, **split_slots(content))


@register.simple_block_tag
def menu(
    content: str, label: str, icon: str = "", id: str = "", small: bool = False, quiet: bool = False
) -> SafeString:
    """A button that opens a list of links and buttons."""
    ident = id or "menu-" + "-".join(label.lower().split())
    parts = split_slots(content)
    return draw("menu", label=label, icon=icon, id=ident, small=small, quiet=quiet, **parts)
