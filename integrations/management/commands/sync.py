"""Read a connected account now: `manage.py sync --connection KEY [--backfill FROM]`."""

from __future__ import annotations

import sys
import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.errors import AdroitError
from integrations.choices import SyncKind, SyncState
from integrations.models import Connection, SyncRun
from integrations.services import connections

WIDTH = 30


class Command(BaseCommand):
    help = "Read a connected account through its platform's API; a sync that was cut short goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--connection", required=True, metavar="KEY")
        parser.add_argument(
            "--backfill", type=date.fromisoformat, metavar="FROM", help="2026-01-01: from that day"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        held = Connection.objects.filter(key=options["connection"]).first()
        if held is None:
            known = ", ".join(Connection.objects.values_list("key", flat=True)) or "none yet"
            raise CommandError(f"There is no such connection. Known: {known}.")
        try:
            run = self._run(held, options["backfill"])
            run = connections.work_now(run, clock=clock.now, wait=time.sleep, progress=self._bar)
        except AdroitError as error:
            raise CommandError(f"{error.message} {error.remedy}") from error
        self._tell(run)

    def _run(self, held: Connection, since: date | None) -> SyncRun:
        """The open sync when there is one, else a new one."""
        if run := connections.open_sync(held):
            self.stdout.write(f"Going on with the sync of {run.first_day} to {run.last_day}.")
            return run
        kind = SyncKind.BACKFILL if since else SyncKind.MANUAL
        return connections.sync_ask(held, kind=kind, at=clock.now(), since=since)

    def _bar(self, done: int, total: int, note: str) -> None:
        filled = WIDTH * done // max(total, 1)
        text = f"\r  [{'#' * filled}{' ' * (WIDTH - filled)}] {done} of {total}  {note}"
        sys.stderr.write(f"{text:<100}")
        sys.stderr.flush()

    def _tell(self, run: SyncRun) -> None:
        sys.stderr.write("\n")
        if run.state == SyncState.FAILED:
            raise CommandError(f"{run.error} {run.remedy}")
        if run.state == SyncState.WAITING:
            self.stdout.write(f"{run.error} It goes on by itself at {run.resume_at:%H:%M} UTC.")
            return
        self.stdout.write(
            f"{run.get_state_display()}: {run.first_day} to {run.last_day}, {run.pages} pages, "
            f"{run.rows} rows, {run.changed} new or restated."
        )
