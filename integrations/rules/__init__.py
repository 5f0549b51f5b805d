"""Files of advertising results, read strictly: see `reading.read_file`.

Pure functions: no Django, no database, no clock. What a person must decide comes back as a
question, what cannot be read comes back with its row, column and reason.
"""

from integrations.rules.answers import (
    AMOUNTS,
    COUNTS,
    DIMENSIONS,
    EVENT_MEASURES,
    FRACTIONS,
    MARKET_SHARES,
    MEASURES,
    Caution,
    Choice,
    ColumnProposal,
    ControlTotal,
    Evidence,
    HeldRow,
    LayoutFound,
    Outcome,
    Question,
    Reading,
    RowProblem,
)
from integrations.rules.codes import Code
from integrations.rules.limits import DEFAULT_LIMITS, Limits
from integrations.rules.options import ReadOptions
from integrations.rules.reading import read_file

__all__ = [
    "AMOUNTS",
    "COUNTS",
    "DEFAULT_LIMITS",
    "DIMENSIONS",
    "EVENT_MEASURES",
    "FRACTIONS",
    "MARKET_SHARES",
    "MEASURES",
    "Caution",
    "Choice",
    "Code",
    "ColumnProposal",
    "ControlTotal",
    "Evidence",
    "HeldRow",
    "LayoutFound",
    "Limits",
    "Outcome",
    "Question",
    "ReadOptions",
    "Reading",
    "RowProblem",
    "read_file",
]
