"""Reports of a mapping file as people read them, and as the rows that become facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.money import MICROS
from core.text import counted
from integrations.rules.answers import COUNTS, DIMENSIONS, MEASURES
from integrations.rules.connector.checking import DAYS
from integrations.rules.connector.engine import Choices, Workspace
from integrations.rules.connector.grammar import Connector
from integrations.rules.connector.problems import RowsRefused
from integrations.rules.connector.values import NUMBER_TYPE, Column

CAMPAIGN = "campaign"
# What a column of a report is called in the rows of a `Reading`.
_TEXTS = {
    "campaign_name": "campaign_name",
    "campaign_id": "campaign_external_id",
    "account_id": "account",
    "ad_group_name": "ad_group_name",
    "ad_group_id": "ad_group_external_id",
    "ad_name": "creative_name",
    "ad_id": "creative_external_id",
    "currency": "currency",
}
_SEGMENTS = {
    "keyword_text": "keyword",
    "keyword_match_type": "match_type",
    "search_query": "search_term",
    "search_match_type": "search_match_type",
    "base_url": "url",
    "utm_source": "utm_source",
    "utm_medium": "utm_medium",
    "utm_campaign": "utm_campaign",
    "utm_content": "utm_content",
    "utm_term": "utm_term",
    "country": "country",
    "region": "region",
}
_NUMBERS = {
    "impressions": "impressions",
    "clicks": "clicks",
    "spend": "spend",
    "conversions": "conversions",
    "conversions_value": "revenue",
}


def report(
    tables: Mapping[str, pd.DataFrame],
    connector: Connector,
    level: str,
    choices: Choices | None = None,
) -> pd.DataFrame:
    """A report: texts (``string``), days, and numbers as whole millionths (``Int64``).

    ``choices`` answers the file's settings. Missing means that the platform gave no data, which
    is not zero. Raises ``RowsRefused`` with a sentence when the rows are not what the mapping says.
    """
    if level not in connector.reports:
        raise RowsRefused(
            f"{connector.name} has no report “{level}”.",
            f"It has {', '.join(connector.reports)}.",
        )
    unknown = sorted(set(choices or {}) - set(connector.settings))
    if unknown:
        raise RowsRefused(
            f"{connector.name} has no setting “{unknown[0]}”.",
            f"It has {', '.join(connector.settings) or 'none'}.",
        )
    found = Workspace(connector, tables, choices or {}).report(level)
    _require_days(found)
    return found


def _require_days(found: pd.DataFrame) -> None:
    unknown = sum(int(found[name].isna().sum()) for name in DAYS if name in found)
    if unknown:
        raise RowsRefused(
            f"The day of {counted(unknown, 'row', 'rows')} is not known.",
            "Give every row its day, and the accounts' table where it says their time zone.",
        )


def tables_to_rows(
    tables: Mapping[str, pd.DataFrame],
    connector: Connector,
    *,
    level: str = CAMPAIGN,
    choices: Choices | None = None,
) -> pd.DataFrame:
    """A report with the columns of ``Reading.rows``, so that it becomes facts like a file does.

    ``account`` is the platform's number of the account. Two levels must never be added up.
    """
    found = report(tables, connector, level, choices)
    days = _days(found)
    data: dict[str, object] = {"row": range(1, len(found) + 1), **days}
    texts = {target: found[name] for name, target in _TEXTS.items() if name in found}
    texts["segment"] = _segments(found)
    texts["channel"] = pd.Series(connector.channel, index=found.index, dtype="string")
    for target in DIMENSIONS:
        if target not in data:
            blank = pd.Series("", index=found.index, dtype="string")
            data[target] = texts.get(target, blank).fillna("").astype("category")
    named = {target: name for name, target in _NUMBERS.items() if name in found}
    for measure in MEASURES:
        data[measure] = (
            _measure(measure, found[named[measure]])
            if measure in named
            else pd.array([pd.NA] * len(found), dtype=NUMBER_TYPE)
        )
    return pd.DataFrame(data)


def _days(found: pd.DataFrame) -> dict[str, Column]:
    """A day is its own period; a month is one observation of the whole month."""
    if "date_day" in found:
        return {"day": found["date_day"], "period_start": found["date_day"]}
    start = found["date_month"]
    return {"day": start + pd.offsets.MonthEnd(0), "period_start": start}


def _segments(found: pd.DataFrame) -> Column:
    """The leftover dimensions as JSON with its keys in order, "" without any."""
    named = {target: found[name] for name, target in _SEGMENTS.items() if name in found}
    if not named:
        return pd.Series("", index=found.index, dtype="string")
    rows: Any = pd.DataFrame(named).astype(object).to_dict("records")
    written = [_as_json({k: v for k, v in row.items() if v is not pd.NA}) for row in rows]
    return pd.Series(written, index=found.index, dtype="string")


def _as_json(segment: Mapping[str, str]) -> str:
    return json.dumps(segment, ensure_ascii=False, sort_keys=True) if segment else ""


def _measure(measure: str, numbers: Column) -> Column:
    """Counts in units, the others in millionths; a count with a fraction is refused."""
    if measure not in COUNTS:
        return numbers
    if (numbers % MICROS != 0).any():
        raise RowsRefused(f"{measure} are counted in whole numbers, but a row has a fraction.")
    return numbers // MICROS
