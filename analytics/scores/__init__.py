"""Chances of an outcome (a lead converts, an account leaves or buys more), with their reasons.

rating      what a table can tell about an outcome, cross-validated, and the model of it
record      the frozen model: plain data, scores a row without the library that fitted it
leaks       columns that were filled in after the outcome
encoding    columns to numbers
fitting     the two models: logistic regression and boosted trees
validation  honest chances of every row, and how good they are
"""

from analytics.scores.encoding import Column, Columns
from analytics.scores.leaks import leak_suspects
from analytics.scores.rating import MIN_POSITIVES, MIN_ROWS, rate
from analytics.scores.record import Chance, Effect, Record, record_from_plain
from analytics.scores.results import (
    Factor,
    Group,
    LeakSuspect,
    LeakSuspicion,
    Quality,
    Rating,
)

__all__ = [
    "MIN_POSITIVES",
    "MIN_ROWS",
    "Chance",
    "Column",
    "Columns",
    "Effect",
    "Factor",
    "Group",
    "LeakSuspect",
    "LeakSuspicion",
    "Quality",
    "Rating",
    "Record",
    "leak_suspects",
    "rate",
    "record_from_plain",
]
