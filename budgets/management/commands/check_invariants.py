"""`manage.py check_invariants`: does everything hold that must always hold?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from core.invariants import Held, check_all


class Command(BaseCommand):
    help = (
        "Checks every promise about money, decisions and figures against the database. "
        "Prints each breach with its row and exits with 1 when there is one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, **options: Any) -> None:
        found = checked()
        if options["json"]:
            self.stdout.write(json.dumps(_told(found)))
        else:
            self._print(found)
        broken = [held for held in found if not held.is_kept]
        if broken:
            raise CommandError(f"{len(broken)} of {len(found)} promises are broken.", returncode=1)

    def _print(self, found: list[Held]) -> None:
        for held in found:
            self.stdout.write(f"{'kept  ' if held.is_kept else 'BROKEN'}  {held.promise}")
            for breach in held.breaches:
                self.stdout.write(f"        {breach}")


def checked() -> list[Held]:
    """All promises at one moment of the database, however busy it is."""
    is_inside = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if not is_inside:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return check_all()


def _told(found: list[Held]) -> dict[str, Any]:
    return {
        "kept": all(held.is_kept for held in found),
        "checks": [{"promise": held.promise, "breaches": list(held.breaches)} for held in found],
    }
