"""A folder of exported tables, or of an API's answers, as the tables of a mapping file.

`google_ads_campaign_stats_data.csv`, `campaign_stats.csv` and `campaign_stats_2.csv.gz` all are
the table `campaign_stats`; parts of one table are put together. Each JSON file is an answer
of the API, or a list of its pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from integrations.rules.connector.grammar import Connector
from integrations.rules.connector.pages import pages_to_tables, read_json
from integrations.rules.connector.problems import RowsRefused

_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
_PART = re.compile(r"[-_. ](?:part[-_ ]?)?\d{1,4}$")


def folder_to_tables(folder: Path, connector: Connector) -> dict[str, pd.DataFrame]:
    """Every table of the platform that the folder holds; raises ``RowsRefused`` for none."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for path in sorted(folder.iterdir()):
        table = _table_of(path.name, connector)
        if table:
            parts.setdefault(table, []).append(_read(path))
    for path in sorted(folder.glob("*.json")) if connector.pages else ():
        for table, rows in pages_to_tables([_json(path)], connector).items():
            parts.setdefault(table, []).append(rows)
    if not parts:
        known = ", ".join(connector.tables)
        raise RowsRefused(
            f"{folder.name} holds no table of {connector.name}.",
            f"Name the files after the tables: {known}.",
        )
    return {table: pd.concat(found, ignore_index=True) for table, found in parts.items()}


def _json(path: Path) -> Any:
    try:
        return read_json(path.read_bytes())
    except ValueError as error:
        raise RowsRefused(f"{path.name} is no JSON: {error}.") from error


def _table_of(name: str, connector: Connector) -> str:
    """The table that a file's name says, or ""."""
    ending = next((each for each in sorted(_ENDINGS, key=len)[::-1] if name.endswith(each)), "")
    if not ending:
        return ""
    stem = name.removesuffix(ending).casefold()
    return next((each for each in _plain_names(stem, connector) if each in connector.tables), "")


def _plain_names(stem: str, connector: Connector) -> Iterator[str]:
    for whole in (stem, _PART.sub("", stem)):
        for prefix in ("", *connector.prefixes):
            for suffix in ("", *connector.suffixes):
                if whole.startswith(prefix) and whole.endswith(suffix):
                    yield whole.removeprefix(prefix).removesuffix(suffix)


def _read(path: Path) -> pd.DataFrame:
    separator = "\t" if ".tsv" in path.name else ","
    try:
        rows = pd.read_csv(
            path, sep=separator, dtype="string", keep_default_na=False, encoding="utf-8-sig"
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise RowsRefused(
            f"{path.name} cannot be read as a table: {error}", "Export it again as UTF-8 CSV."
        ) from error
    return rows.rename(columns=lambda name: str(name).strip('"').casefold())
