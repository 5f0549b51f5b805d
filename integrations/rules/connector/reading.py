"""Connector rows as a `Reading`, so that they are imported the way a file is."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pandas as pd

from core.money import MICROS
from integrations.rules.answers import (
    COUNTS,
    MEASURES,
    HeldRow,
    LayoutFound,
    Outcome,
    Reading,
    RowProblem,
)
from integrations.rules.codes import Code
from integrations.rules.connector.grammar import Connector
from integrations.rules.connector.writing import rows_to_csv
from integrations.rules.currencies import is_code
from integrations.rules.headers import header_hash

_CAMPAIGN = ("campaign_name", "campaign_external_id")


def parts_of(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each account: two accounts of a platform are two sources, never one."""
    for account in sorted(map(str, rows["account"].unique())):
        part = rows[rows["account"] == account].reset_index(drop=True)
        yield account, part.assign(row=range(2, len(part) + 2))


def reading_of(rows: pd.DataFrame, connector: Connector, name: str, currency: str) -> Reading:
    """What ``run_import`` needs; ``currency`` is for rows that name none.

    Rows without a campaign or with a currency that is none are held back, with their reason.
    ``row`` is the line of the CSV that is kept as the run's file.
    """
    rows = rows.assign(currency=rows["currency"].astype(str).replace("", currency))
    problems = list(_problems(rows))
    lines = list(csv.reader(StringIO(rows_to_csv(rows)))) if problems else []
    held = [HeldRow(p.row, tuple(lines[p.row - 1]), (p,)) for p in problems if p.row]
    good = rows[~rows["row"].isin([each.row for each in held])].reset_index(drop=True)
    good = good.assign(currency=good["currency"].astype("category"))
    outcome = Outcome.PARTIAL if held else Outcome.ACCEPT
    return Reading(
        outcome=outcome if len(good) else Outcome.REFUSE,
        name=name,
        layout=_layout(connector),
        header_hash=header_hash([connector.key, *map(str, rows.columns)]),
        rows=good,
        problems=tuple(problems),
        held=tuple(held),
        data_rows=len(rows),
        accepted=len(good),
        rejected=len(held),
        totals={str(code): _units(part["spend"]) for code, part in _by_currency(good)},
        sums={measure: _sum(good, measure) for measure in MEASURES if good[measure].notna().any()},
        period=(good["period_start"].min().date(), good["day"].max().date()) if len(good) else None,
    )


def _layout(connector: Connector) -> LayoutFound:
    return LayoutFound(
        key=connector.key,
        name=connector.name,
        platform=connector.key,
        kind="delivery",
        language="",
        confidence=1.0,
        why="named by who imports it",
    )


def _problems(rows: pd.DataFrame) -> Iterator[RowProblem]:
    nameless = (rows[list(_CAMPAIGN)] == "").all(axis=1)
    for row in rows.loc[nameless, "row"]:
        message = "The campaign of this row is in none of the tables."
        yield RowProblem(int(row), "campaign_id", Code.MISSING_VALUE, message)
    wrong = ~rows["currency"].map(lambda code: is_code(str(code))).astype(bool) & ~nameless
    cells: Any = rows.loc[wrong, ["row", "currency"]].itertuples(index=False)
    for row, code in cells:
        message = (
            f"“{code}” is no currency." if code else "No currency is named; name the account's."
        )
        yield RowProblem(int(row), "currency", Code.INVALID_CURRENCY, message, str(code))


def _by_currency(rows: pd.DataFrame) -> Any:
    return rows.groupby("currency", observed=True)


def _units(values: pd.Series[Any]) -> Decimal:
    return Decimal(sum(int(value) for value in values.dropna())) / MICROS


def _sum(rows: pd.DataFrame, measure: str) -> Decimal:
    total = _units(rows[measure])
    return total * MICROS if measure in COUNTS else total
