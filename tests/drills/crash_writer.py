"""The program whose database is killed: it moves money and prints each key once it was answered."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from budgets import services  # noqa: E402
from budgets.models import BudgetLine, LedgerTransaction  # noqa: E402
from core.events import SYSTEM  # noqa: E402
from tests.budgets.world import DEC, create_world  # noqa: E402
from tests.cast import create_cast  # noqa: E402

AT = datetime(2026, 11, 21, 16, tzinfo=UTC)


def prepare() -> None:
    call_command("migrate", verbosity=0)
    create_world(create_cast())


def write(number: str, *, early: bool) -> None:
    """One euro there and back, until the database is gone."""
    display = BudgetLine.objects.get(name="Display DE")
    shopping = BudgetLine.objects.get(name="Shopping DE")
    if early:
        connection.cursor().execute("SET synchronous_commit = off")
    for move in range(1_000_000):
        way = 1_000_000 if move % 2 else -1_000_000
        legs = [services.line_leg(display, DEC, way), services.line_leg(shopping, DEC, -way)]
        key = f"{number}-{move}"
        services.transfer(
            legs=legs, key=key, kind=LedgerTransaction.Kind.REALLOCATION, reason="Drill",
            actor=SYSTEM, at=AT,
        )  # fmt: skip
        print(f"key {key}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare()
    else:
        write(sys.argv[2], early="--early" in sys.argv)
