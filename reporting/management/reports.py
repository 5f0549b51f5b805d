"""What the two report commands share: arguments, the file, the answer."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime

from accounts.models import Team
from core import clock
from core.errors import AdroitError, Invalid
from core.models import Organisation
from reporting.models import Report

Maker = Callable[..., Report]


class ReportCommand(BaseCommand):
    """A command that makes a report now; ``make`` is the service that does."""

    make: Maker

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--period", required=True, help="2026-10, 2026-Q3, FY2026, last-month …"
        )
        parser.add_argument(
            "--team", default="", help="name of the team; without it the whole company"
        )
        parser.add_argument("--as-of", default="", help="as known at this day or moment (ISO 8601)")
        parser.add_argument("--out", type=Path, help="file that gets the PDF")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, **options: Any) -> None:
        if options["out"]:
            _require_writable(options["out"])
        try:
            report = self._made(options)
        except AdroitError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip(), returncode=1) from error
        if options["out"]:
            options["out"].write_bytes(bytes(report.pdf))
        self.stdout.write(json.dumps(_answer(report, options["out"])) if options["json"] else _said(report, options["out"]))  # fmt: skip

    def _made(self, options: dict[str, Any]) -> Report:
        organisation = Organisation.current()
        period = organisation.calendar.parse(options["period"], today=clock.today(organisation))
        return type(self).make(
            team=_team(options["team"]),
            period=period,
            at=clock.now(),
            as_of=_moment(options["as_of"]),
            tell=self._tell,
        )

    def _tell(self, done: int, total: int, note: str) -> None:
        """How far it is, for a person who watches; a program reads standard output."""
        if self.stderr.isatty():
            self.stderr.write(f"  [{'█' * done}{'·' * (total - done)}] {note}")


def _require_writable(out: Path) -> None:
    """Say so before minutes of work, and before a report is kept that nobody got."""
    if out.is_dir():
        raise CommandError(f"{out} is a folder; name the file that gets the PDF.")
    if not out.parent.is_dir():
        raise CommandError(f"There is no folder {out.parent} for {out.name}.")
    if not os.access(out if out.exists() else out.parent, os.W_OK):
        raise CommandError(f"{out} cannot be written: permission denied.")


def _team(name: str) -> Team:
    """The team of that name; without a name the root, when there is one."""
    rows = Team.objects.filter(name__iexact=name) if name else Team.objects.filter(parent=None)
    found = list(rows.filter(is_archived=False)[:2])
    if len(found) == 1:
        return found[0]
    if not found:
        raise Invalid(
            f"There is no team “{name}”." if name else "There is no team yet.", where="team"
        )
    names = ", ".join(str(team) for team in found)
    raise Invalid(f"Several teams fit: {names}.", where="team", remedy="Name one with --team.")


def _moment(text: str) -> Any:
    """A moment in UTC unless it says otherwise; a day means its end."""
    if not text:
        return None
    found = parse_datetime(text)
    day = parse_date(text) if found is None or len(text) == len("2026-10-31") else None
    if day:
        found = parse_datetime(f"{day}T23:59:59.999999+00:00")
    if found is None:
        raise Invalid(f"“{text}” is no day or moment.", where="as_of", remedy="Write 2026-10-31.")
    return found if found.tzinfo else found.replace(tzinfo=clock.now().tzinfo)


def _answer(report: Report, out: Path | None) -> dict[str, Any]:
    return {
        "report": report.pk,
        "title": report.title,
        "period": {"key": report.period_key, "first_day": str(report.first_day), "last_day": str(report.last_day)},
        "as_of": report.as_of.isoformat(),
        "content_hash": report.content_hash,
        "bytes": len(bytes(report.pdf)),
        "file": str(out) if out else None,
    }  # fmt: skip


def _said(report: Report, out: Path | None) -> str:
    where = f" Written to {out}." if out else ""
    return f"{report.title}, as of {report.as_of:%Y-%m-%d %H:%M} UTC, {report.content_hash[:8]}.{where}"
