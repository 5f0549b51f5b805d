"""`manage.py seal_audit`: seal the trail now, and keep its head elsewhere."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from core import anchors, clock, events


class Command(BaseCommand):
    help = "Seals what the audit trail gained, and appends its head to a file outside the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anchor", type=Path, help="file that gets the head as a line of JSON")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *, anchor: Path | None = None, **options: Any) -> None:
        now = clock.now()
        sealed, head = events.seal(at=now), events.head()
        if anchor:
            anchors.keep(anchor, head, at=now)
        if options["json"]:
            self.stdout.write(json.dumps({"sealed": sealed, "head": asdict(head)}))
        else:
            self.stdout.write(f"{sealed} events sealed. Head {head.position}: {head.digest}")
