"""Reports and imports of the tables that a warehouse's connector keeps of an ad platform."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Team, User
from core import clock, events
from core.errors import AdroitError
from integrations.rules.connector import Connector, connector_named, connectors, to_csv
from integrations.services.connector_rows import Imported, folder_import, folder_report
from integrations.services.results import reasons

MOST_REASONS = 20


class Command(BaseCommand):
    help = "Report on, or import, a folder of a platform's connector tables (CSV) or API answers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("platform", help=", ".join(connectors()))
        parser.add_argument("folder", type=Path)
        parser.add_argument("--report", help="campaign (default), account, ad_group, ad ...")
        parser.add_argument("--out", type=Path, help="write the report to this CSV file")
        parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="sets")
        parser.add_argument(
            "--import", action="store_true", dest="wanted", help="import the campaigns' days"
        )
        parser.add_argument("--team", help="name of the team to import for")
        parser.add_argument("--user", help="e-mail of the person it is imported for")
        parser.add_argument("--currency", default="", help="where the tables name none")
        parser.add_argument(
            "--confirm", action="store_true", help="import without the rows that have a problem"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        connector = connector_named(options["platform"])
        if connector is None:
            raise CommandError(
                f"There is no platform {options['platform']}. Choose {', '.join(connectors())}."
            )
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        try:
            if options["wanted"]:
                self._import(folder, connector, options)
            else:
                self._report(folder, connector, options)
        except AdroitError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip()) from error

    def _report(self, folder: Path, connector: Connector, options: dict[str, Any]) -> None:
        level = options["report"] or _usual(connector)
        rows = folder_report(folder, connector, level, _choices(options))
        text = to_csv(rows, connector.reported_as)
        if options["out"]:
            options["out"].write_text(text, "utf-8")
            self.stdout.write(f"{len(rows)} rows written to {options['out']}.")
        else:
            self.stdout.write(text, ending="")

    def _import(self, folder: Path, connector: Connector, options: dict[str, Any]) -> None:
        if options["report"] not in (None, "campaign"):
            raise CommandError("Only campaigns are imported; two levels are never added up.")
        user = User.objects.filter(email__iexact=options["user"] or "").first()
        made = folder_import(
            folder,
            connector,
            team=_team(options["team"]),
            actor=user.as_actor() if user else events.SYSTEM,
            at=clock.now(),
            today=clock.today(),
            user=user,
            currency=options["currency"].upper(),
            choices=_choices(options),
            confirm=options["confirm"],
        )
        for imported in made:
            self.stdout.write(_told(imported))


def _usual(connector: Connector) -> str:
    reports = list(connector.reports)
    return "campaign" if "campaign" in reports else reports[0]


def _choices(options: dict[str, Any]) -> dict[str, str]:
    found = {}
    for item in options["sets"]:
        key, equals, value = item.partition("=")
        if not equals:
            raise CommandError(f"--set {item} has no value; write --set {item}=VALUE.")
        found[key] = value
    return found


def _team(name: str | None) -> Team:
    team = Team.objects.filter(is_archived=False, name__iexact=name or "").first()
    if team is None:
        raise CommandError("Name the team to import for with --team.")
    return team


def _told(imported: Imported) -> str:
    """What became of an account's rows, in words."""
    reading, batch = imported.reading, imported.result.batch
    lines = [f"{reading.name}: {reading.accepted} of {reading.data_rows} rows accepted."]
    lines += [f"  row {r['row']} {r['column']}: {r['message']}" for r in reasons(reading)][
        :MOST_REASONS
    ]
    lines += [f"  total: {total} {currency}" for currency, total in reading.totals.items()]
    told = f"Imported as batch {batch.pk}." if batch else "Nothing changed: all was known already."
    return "\n".join([*lines, told])
