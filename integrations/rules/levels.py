"""How finely rows are cut: campaign, ad group or ad. Two levels are never added.

A file may hold rows of several levels (a total for the campaign above its ads). The finest
level of a campaign's day is loaded; rows above it are totals to compare with.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

CAMPAIGN, GROUP, AD = "campaign", "group", "ad"
# From the coarsest.
LEVELS = (CAMPAIGN, GROUP, AD)
_DAY = ["campaign_name", "campaign_external_id", "currency", "day", "period_start"]


def level_of_rows(rows: pd.DataFrame) -> pd.Series:
    """The number of each row's level in ``LEVELS``."""
    has_ad = _named(rows, "creative_name", "creative_external_id")
    has_group = _named(rows, "ad_group_name", "ad_group_external_id")
    return (has_group.astype(int)).mask(has_ad, LEVELS.index(AD))


def _named(rows: pd.DataFrame, *columns: str) -> pd.Series:
    named = pd.Series(False, index=rows.index)
    for column in columns:
        if column in rows:
            named |= rows[column].astype(str) != ""
    return named


def level_of(rows: pd.DataFrame) -> str:
    """The finest level that any row has."""
    return LEVELS[int(level_of_rows(rows).max())] if len(rows) else CAMPAIGN


def apart(rows: pd.DataFrame) -> tuple[pd.DataFrame, Mapping[str, pd.DataFrame]]:
    """The rows to load, and the totals above them by level."""
    levels = level_of_rows(rows)
    if levels.nunique() < 2:
        return rows, {}
    keys = rows[_DAY].astype(str)
    finest = levels.groupby([keys[name] for name in _DAY]).transform("max")
    above = levels < finest
    totals = {
        level: rows[above & (levels == number)]
        for number, level in enumerate(LEVELS)
        if (above & (levels == number)).any()
    }
    return rows[~above], totals
