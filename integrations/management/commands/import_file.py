"""Import a file of advertising results from the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Team, User
from core import clock, events
from core.errors import AdroitError
from integrations import services
from integrations.models import ImportRun, Source
from integrations.rules import Reading
from integrations.services.results import reasons

# A file of a million broken rows should not answer with a million sentences.
MOST_REASONS = 1_000


class DryRun(Exception):
    """Ends a dry run so that everything it wrote is taken back."""


class Command(BaseCommand):
    help = "Import a file; nothing is written when it is refused, or partial without --confirm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", help="key of a source, or of a platform (google_ads ...)")
        parser.add_argument("--mapping", help="name of a remembered mapping")
        parser.add_argument(
            "--team", help="name of the team (default: the source's, else the first)"
        )
        parser.add_argument("--user", help="e-mail of the person it is imported for")
        parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="sets")
        parser.add_argument("--currency", help="the account's currency, where the file names none")
        parser.add_argument("--today", type=date.fromisoformat)
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument(
            "--confirm", action="store_true", help="import the good rows of a partial file"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            answer = _import(file, options)
        except AdroitError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip()) from error
        self.stdout.write(
            json.dumps(answer, ensure_ascii=False, default=str)
            if options["json"]
            else _told(answer)
        )
        wrote = answer["batch"] is not None or answer["unchanged"]
        if not wrote and not (options["dry_run"] and answer["outcome"] != "REFUSE"):
            raise SystemExit(1)


def _import(file: Path, options: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    try:
        with transaction.atomic():
            answer = _run(file, options)
            if options["dry_run"]:
                raise DryRun
    except DryRun:
        answer["batch"] = None
    return answer


def _run(file: Path, options: dict[str, Any]) -> dict[str, Any]:
    now, today = clock.now(), options["today"] or clock.today()
    source = Source.objects.filter(key=options["source"] or "").first()
    user = User.objects.filter(email__iexact=options["user"] or "").first()
    actor = user.as_actor() if user else events.SYSTEM
    run = services.run_upload(
        team=_team(options["team"], source),
        file=file,
        name=file.name,
        source=source,
        settings=_settings(options),
        user=user,
        actor=actor,
        at=now,
    )
    if options["mapping"]:
        run.mapping = services.mapping_named(options["mapping"])
    reading = services.run_check(run, today=today)
    imported, unchanged = None, False
    if reading.outcome == "ACCEPT" or (reading.outcome == "PARTIAL" and options["confirm"]):
        result = services.run_import(
            run,
            actor=actor,
            user=user,
            at=now,
            today=today,
            confirm=options["confirm"],
            reading=reading,
        )
        imported, unchanged = result.batch, result.batch is None
    return _answer(run, reading, imported.pk if imported else None, unchanged)


def _answer(run: ImportRun, reading: Reading, batch: int | None, unchanged: bool) -> dict[str, Any]:
    return {
        "outcome": reading.outcome.value,
        "file": run.file_name,
        "layout": reading.layout.key if reading.layout else "",
        "data_rows": reading.data_rows,
        "accepted": reading.accepted,
        "rejected": reading.rejected,
        "skipped": reading.skipped,
        "reasons": reasons(reading)[:MOST_REASONS],
        "warnings": [
            {"code": w.code.value, "message": w.message, "rows": list(w.rows)}
            for w in reading.warnings
        ],
        "totals": {currency: format(total, "f") for currency, total in reading.totals.items()},
        "sums": {measure: format(total, "f") for measure, total in reading.sums.items()},
        "unchanged": unchanged,
        "batch": batch,
    }


def _settings(options: dict[str, Any]) -> dict[str, str]:
    found = {}
    for item in options["sets"]:
        key, equals, value = item.partition("=")
        if not equals:
            raise CommandError(f"--set {item} has no value; write --set {item}=VALUE.")
        found[key] = value
    if options["currency"]:
        found["currency"] = options["currency"].upper()
    return found


def _team(name: str | None, source: Source | None) -> Team:
    if source:
        return source.team
    teams = Team.objects.filter(is_archived=False)
    if name:
        teams = teams.filter(name__iexact=name)
    team = teams.order_by("path").first()
    if team is None:
        raise CommandError(
            "There is no such team. Create one on the teams page first, or run “demo”."
        )
    return team


def _told(answer: dict[str, Any]) -> str:
    """The answer in words."""
    counts = f"{answer['accepted']} of {answer['data_rows']} rows accepted"
    left = f"{answer['rejected']} rejected, {answer['skipped']} skipped"
    lines = [f"{answer['file']}: {answer['outcome']}, {counts}, {left}."]
    lines += [
        f"  row {r['row'] or '-'} {r['column']}: {r['message']}" for r in answer["reasons"][:20]
    ]
    lines += [f"  note: {w['message']}" for w in answer["warnings"]]
    lines += [f"  total: {total} {currency}" for currency, total in answer["totals"].items()]
    if answer["unchanged"]:
        lines.append("Nothing changed: all of it was known already.")
    elif answer["batch"]:
        lines.append(f"Imported as batch {answer['batch']}.")
    else:
        lines.append("Nothing was written.")
    return "\n".join(lines)
