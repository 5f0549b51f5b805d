"""Tables that people export from their warehouse, imported like files of the platform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from django.db import transaction

from accounts.models import Team, User
from core.errors import Invalid
from core.events import Actor
from integrations.choices import Origin
from integrations.models import ImportRun
from integrations.rules import Outcome, Reading
from integrations.rules.connector import (
    Connector,
    RowsRefused,
    folder_to_tables,
    parts_of,
    reading_of,
    report,
    rows_to_csv,
    tables_to_rows,
)
from integrations.rules.connector.rows import CAMPAIGN
from integrations.services.runs import run_import, run_keep, run_upload
from integrations.services.sources import source_ensure
from metrics.services import LoadResult

Choices = dict[str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """One account's rows: their run, what was read, and what it changed."""

    account: str
    run: ImportRun
    reading: Reading
    result: LoadResult


def folder_report(folder: Path, connector: Connector, level: str, choices: Choices) -> pd.DataFrame:
    """A report of the tables in a folder; raises ``Invalid`` with what to do."""
    try:
        return report(folder_to_tables(folder, connector), connector, level, choices)
    except RowsRefused as error:
        raise Invalid(error.message, remedy=error.remedy) from error


@transaction.atomic
def folder_import(
    folder: Path,
    connector: Connector,
    *,
    team: Team,
    actor: Actor,
    at: datetime,
    today: date,
    user: User | None = None,
    currency: str = "",
    choices: Choices | None = None,
    confirm: bool = False,
) -> list[Imported]:
    """Import the campaign report of the tables in a folder, a run and a batch for each account.

    All accounts or none. Only campaigns are imported, since two levels must never be added up.
    ``currency`` is for tables that name none. The same tables again change nothing.
    """
    try:
        tables = folder_to_tables(folder, connector)
        rows = tables_to_rows(tables, connector, level=CAMPAIGN, choices=choices)
    except RowsRefused as error:
        raise Invalid(error.message, remedy=error.remedy) from error
    made = []
    for name, account, reading, part in _readings(rows, connector, currency):
        _require_rows(reading)
        run = _run(part, name, account, reading, team=team, user=user, actor=actor, at=at)
        result = run_import(
            run, actor=actor, at=at, today=today, user=user, confirm=confirm, reading=reading
        )
        made.append(Imported(account, run, reading, result))
    return made


def _readings(
    rows: pd.DataFrame, connector: Connector, currency: str
) -> Iterator[tuple[str, str, Reading, pd.DataFrame]]:
    for account, part in parts_of(rows):
        name = " ".join(filter(None, [connector.key, account, "campaign_day.csv"]))
        yield name, account, reading_of(part, connector, name, currency), part


def _require_rows(reading: Reading) -> None:
    if reading.outcome == Outcome.REFUSE:
        first = reading.problems[0] if reading.problems else None
        raise Invalid(
            first.message if first else "There are no rows.",
            where=reading.name,
            remedy="Mend the tables, or name the account's currency.",
        )


def _run(
    rows: pd.DataFrame,
    name: str,
    account: str,
    reading: Reading,
    *,
    team: Team,
    user: User | None,
    actor: Actor,
    at: datetime,
) -> ImportRun:
    """The run of one account, with its rows kept as the file."""
    source = source_ensure(
        team=team, layout=reading.layout, currency=next(iter(reading.totals)), account=account
    )
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        file.write_text(rows_to_csv(rows), "utf-8")
        run = run_upload(
            team=team,
            file=file,
            name=name,
            actor=actor,
            at=at,
            user=user,
            source=source,
            origin=Origin.COMMAND,
        )
    run_keep(run, reading, {})
    return run
