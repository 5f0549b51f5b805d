"""`manage.py verify_audit`: is the trail what was written?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import anchors, events
from core.errors import AdroitError
from core.models import Event


class Command(BaseCommand):
    help = (
        "Checks every event of the audit trail and names what was changed, cut, swapped or added."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anchor", type=Path, help="file of heads kept outside the database")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *, anchor: Path | None = None, **options: Any) -> None:
        try:
            heads = anchors.read(anchor) if anchor else []
        except AdroitError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip(), returncode=2) from error
        breaches = events.verify(*heads)
        now = events.head()
        if options["json"]:
            self._print_json(breaches, now, len(heads))
        else:
            self._print(breaches, now, len(heads))
        if breaches:
            raise CommandError(f"{len(breaches)} breaches of the audit trail.", returncode=1)

    def _print(self, breaches: list[events.Breach], now: events.Head, heads: int) -> None:
        for breach in breaches:
            event = f"event {breach.event_id}" if breach.event_id else "no event"
            self.stdout.write(f"seal {breach.position or '-'}, {event}: {breach.what}")
        if not breaches:
            self.stdout.write(
                f"The trail is whole: {Event.objects.count()} events, {now.position} sealed, "
                f"{heads} kept heads agree. Head {now.digest}."
            )

    def _print_json(self, breaches: list[events.Breach], now: events.Head, heads: int) -> None:
        result = {
            "whole": not breaches,
            "events": Event.objects.count(),
            "head": asdict(now),
            "anchors": heads,
            "breaches": [asdict(breach) for breach in breaches],
        }
        self.stdout.write(json.dumps(result))
