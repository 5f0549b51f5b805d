"""How a platform's HTTP API is asked and read: pure, from the files in ``integrations/connectors/api``."""

from integrations.rules.api.answers import Kind, Said, judge, retry_after
from integrations.rules.api.commands import is_same, understood, wanted_value, written
from integrations.rules.api.counting import Count, counts_of, with_counts
from integrations.rules.api.filling import at, fill
from integrations.rules.api.grammar import Api, Command, Read, api_for, platforms
from integrations.rules.api.paging import following
from integrations.rules.api.records import cells_of
from integrations.rules.api.shaping import items_of, window_values

__all__ = [
    "Api",
    "Command",
    "Count",
    "Kind",
    "Read",
    "Said",
    "api_for",
    "at",
    "cells_of",
    "counts_of",
    "fill",
    "following",
    "is_same",
    "items_of",
    "judge",
    "platforms",
    "retry_after",
    "understood",
    "wanted_value",
    "window_values",
    "with_counts",
    "written",
]
