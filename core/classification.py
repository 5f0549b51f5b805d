"""How confidential a document is, and the order of the labels.

A label is what is printed ("Board confidential"); its level is the strictest of the four
words it holds, and "Internal" when it holds none.
"""

from __future__ import annotations

from django.db import models


class Level(models.TextChoices):
    """From open to closed."""

    PUBLIC = "public", "Public"
    INTERNAL = "internal", "Internal"
    CONFIDENTIAL = "confidential", "Confidential"
    RESTRICTED = "restricted", "Restricted"


ORDER = list(Level)


def level_of(label: str) -> Level:
    """The level of a printed label."""
    words = label.casefold()
    found = [level for level in ORDER if level.value in words]
    return found[-1] if found else Level.INTERNAL


def is_cleared(highest: str, label: str) -> bool:
    """Whether somebody cleared up to ``highest`` may take a document of this label away."""
    return ORDER.index(level_of(label)) <= ORDER.index(Level(highest))
