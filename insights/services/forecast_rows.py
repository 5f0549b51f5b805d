"""Writing an issue's forecasts at once, by COPY: thousands of rows with their arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from django.db import connection
from psycopg import sql

from accounts.models import Team
from analytics.arrays import FloatArray
from analytics.forecast import Forecast as Told
from analytics.results import Reason
from campaigns.models import Channel
from insights.models import Forecast, ForecastIssue
from insights.rules.forecast_run import Block
from insights.services.forecast_inputs import Inputs
from metrics.selectors import METRICS

ENDS = ("yhat", "lo80", "hi80", "lo95", "hi95")
COLUMNS = (
    "issue_id", "version_id", "cutoff", "issued_at", "known_at", "horizon",
    "metric", "level", "subject", "team_id", "channel_id", "campaign_id", "line_id", "currency",
    "method", "reason", "base7", "call", "chances", "days_known", "days_matured", "tested",
    *ENDS, *(f"sum_{end}" for end in ENDS),
)  # fmt: skip
PLAIN = (Reason.TOO_FEW_DAYS, Reason.PAUSED, Reason.ENDED)


def forecasts_write(issue: ForecastIssue, told: Sequence[Block], inputs: Inputs, top: Team) -> None:
    """Write every block's rows; call it inside the transaction of the issue."""
    places = _Places(inputs, top)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(Forecast._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    )
    shared = (
        issue.pk, issue.version_id, issue.cutoff, issue.issued_at, issue.known_at, issue.horizon,
    )  # fmt: skip
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in told:
            for row in _rows(block, inputs, places):
                copy.write_row((*shared, *row))


class _Places:
    """Whose a subject is: the keys of its row."""

    def __init__(self, inputs: Inputs, top: Team) -> None:
        self.top = top.pk
        self.channels = {key: pk for pk, key in Channel.objects.values_list("pk", "key")}
        self.lines = {line.pk: line for line in inputs.lines}
        self.teams = {line.campaign: line.team for line in inputs.lines}
        self.planned = {
            f"line:{line.pk}"
            for line, is_planned in zip(inputs.lines, inputs.ahead.is_planned, strict=True)
            if is_planned
        }

    def of(self, subject: str) -> tuple[int, int | None, int | None, int | None]:
        """Team, channel, campaign and line of a subject."""
        level, _, key = subject.partition(":")
        if level == "team":
            return int(key), None, None, None
        if level == "channel":
            channel, _, team = key.partition("@")
            return int(team or self.top), self.channels[channel], None, None
        if level == "campaign":
            return self.teams[int(key)], None, int(key), None
        if level == "line":
            line = self.lines[int(key)]
            return line.team, line.channel, line.campaign, line.pk
        return self.top, None, None, None


def _rows(block: Block, inputs: Inputs, places: _Places) -> Iterator[tuple[Any, ...]]:
    metric = METRICS[block.metric]
    arrays = zip(*_columns(block.told), *_columns(block.running), strict=True)
    tested = (~np.isnan(block.told.past.truth)).any(axis=2).sum(axis=0)
    matured = max(inputs.matured.get(measure, 0) for measure in metric.measures)
    currency = inputs.currency if metric.is_money else ""
    for row, (subject, days) in enumerate(zip(block.told.names, arrays, strict=True)):
        reason = block.told.reason[row]
        yield (
            block.metric, block.level, subject, *places.of(subject), currency,
            _method(block, row, places), reason.value if reason else "",
            None if np.isnan(block.base[row]) else float(block.base[row]),
            *_call(block.chances[row]),
            int(block.known[row]), matured, int(tested[row]),
            *days,
        )  # fmt: skip


def _call(chances: FloatArray) -> tuple[int | None, str]:
    """The likeliest way, and how likely each is; nothing where nothing can be said."""
    if np.isnan(chances).any():
        return None, "{}"
    return int(chances.argmax()) - 1, _listed(chances)


def _columns(told: Told) -> list[list[str]]:
    """The five arrays of a forecast, row by row, as the database reads them."""
    arrays = (told.mean, told.low80, told.high80, told.low95, told.high95)
    return [[_listed(row) for row in values] for values in arrays]


def _listed(values: FloatArray) -> str:
    text = ",".join(map(repr, values.tolist()))
    return "{" + text.replace("nan", "NULL") + "}"


def _method(block: Block, row: int, places: _Places) -> str:
    """How a series was forecast; a line with planned spend says so."""
    if block.method != "combined":
        return block.method
    if block.told.reason[row] in PLAIN:
        return Forecast.Method.LEVEL
    planned = block.told.names[row] in places.planned
    return Forecast.Method.PLAN if planned else Forecast.Method.COMBINED
