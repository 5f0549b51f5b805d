"""Monitors: what is odd about the data of a source. Pure functions on frames; see ``registry``."""

from integrations.rules.monitors.answers import (
    COLUMNS,
    Key,
    Link,
    NewLine,
    Observed,
    Signal,
    Statement,
    frame_of,
)
from integrations.rules.monitors.registry import SPECS, Action, Spec
from integrations.rules.monitors.score import FORMULA, score

__all__ = [
    "COLUMNS",
    "FORMULA",
    "SPECS",
    "Action",
    "Key",
    "Link",
    "NewLine",
    "Observed",
    "Signal",
    "Spec",
    "Statement",
    "frame_of",
    "score",
]
