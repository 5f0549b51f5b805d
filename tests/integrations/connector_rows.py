"""Small tables of connector rows, made where a test needs them, and reports in plain units."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from core.money import MICROS
from integrations.rules.connector import Connector, connectors, read_connector, report

MEASURES = ("clicks", "impressions", "spend", "conversions", "conversions_value")
NO_DATA = None

TINY = """
key = "tiny"
name = "Tiny Ads"
kind = "delivery"
[tables]
stats = { key = ["id", "date"], latest = ["synced"], optional = ["synced", "conversions"] }
names = { key = ["id"], latest = ["updated_at"], missing = true }
[reports.campaign]
from = "stats"
joins = [{ table = "names", on = { id = "id" } }]
[reports.campaign.columns]
date_day = "day(date)"
campaign_id = "id"
campaign_name = "names.name"
clicks = "sum(clicks)"
spend = "sum(micros(cost))"
conversions = "sum(or_zero(conversions))"
"""


def tiny(*, instead: Mapping[str, str] | None = None) -> Connector:
    """A mapping file of two tables, with some of its text replaced."""
    text = TINY
    for old, new in (instead or {}).items():
        assert old in text
        text = text.replace(old, new)
    return read_connector(text, "tiny.toml")


def table(header: str, *rows: str) -> pd.DataFrame:
    """A table as text: ``table("id date clicks", "1 2026-11-01 5")``; a dash alone is a blank cell."""
    cells = [["" if cell == "-" else cell for cell in row.split()] for row in rows]
    return pd.DataFrame(cells, columns=header.split(), dtype="string")


def asked(
    key: str, tables: Mapping[str, pd.DataFrame], level: str = "campaign", **choices: Any
) -> list[dict[str, Any]]:
    """A report of a platform in plain units; None where there is no data."""
    return in_units(report(tables, connectors()[key], level, choices))


def in_units(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values: decimals, ISO days, None for no data."""
    found: Any = rows.astype(object).to_dict("records")
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def only(rows: Sequence[Mapping[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Some columns of a report."""
    return [tuple(row[name] for name in names) for row in rows]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return NO_DATA
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value) / MICROS
    return value
