"""Named places of a component: ``{% slot "actions" %}…{% endslot %}`` inside its block."""

from __future__ import annotations

import re

from django.utils.safestring import SafeString, mark_safe

# A slot's content travels inside the block's content between these private-use characters.
SLOT = re.compile("\ue000(\\w+)\ue001(.*?)\ue002", re.DOTALL)


def as_slot(name: str, content: str) -> SafeString:
    """Rendered content, marked with the place it is for."""
    return mark_safe(f"\ue000{name}\ue001{content}\ue002")  # noqa: S308 - rendered already


def split_slots(content: str) -> dict[str, SafeString]:
    """Slots by name, and what is left as ``content``."""
    found: dict[str, str] = {}
    for name, inner in SLOT.findall(content):
        found[name] = found.get(name, "") + inner
    rest = SLOT.sub("", content)
    parts = {**found, "content": rest if rest.strip() else ""}
    return {name: mark_safe(text) for name, text in parts.items()}  # noqa: S308 - rendered already
