"""`manage.py demo`: fill an empty database with the demo company."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from datetime import datetime
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core import clock
from core.errors import AdroitError
from demo.company.build import Built, build_company
from demo.company.reset import empty_demo

WIDTH = 32
SEED = 7


class Command(BaseCommand):
    help = (
        "Fills an empty database with Tarn & Fell, an invented company with two years of "
        "campaigns, numbers, requests and reports, and prints who can sign in."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help="another seed, another company")
        parser.add_argument(
            "--reset", action="store_true", help="empty a database that holds the demo first"
        )
        parser.add_argument(
            "--essentials",
            action="store_true",
            help="leave verdicts and the archive of reports to the worker",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *, seed: int, reset: bool, essentials: bool, **options: Any) -> None:
        began, now = perf_counter(), clock.now()
        self.stdout.write("The demo company moves in: Tarn & Fell, two years, three teams.")
        try:
            with transaction.atomic():
                if reset:
                    empty_demo()
                built = build_company(
                    seed=seed, now=now, folder=settings.VAR, say=self._say, essentials=essentials
                )
        except AdroitError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip()) from error
        seconds = perf_counter() - began
        if options["json"]:
            self._print_json(built, seconds)
            return
        self._print_parts(built, seconds, options["verbosity"])
        if not essentials:  # who starts the product for that prints them at its address
            call_command("personas", stdout=self.stdout)

    def _say(self, share: float, at: datetime) -> None:
        """A bar on a terminal; nothing where the output is kept in a file."""
        if not sys.stderr.isatty():
            return
        full = round(share * WIDTH)
        bar = "█" * full + "·" * (WIDTH - full)
        end = "\n" if share >= 1 else ""
        self.stderr.write(f"\r  {bar} {at:%b %Y} ", ending=end)
        self.stderr.flush()

    def _print_json(self, built: Built, seconds: float) -> None:
        parts = {part: round(took, 2) for part, took in built.seconds.items()}
        self.stdout.write(json.dumps({"seconds": round(seconds, 2), "parts": parts}))

    def _print_parts(self, built: Built, seconds: float, verbosity: int) -> None:
        self.stdout.write(f"Ready after {seconds:.1f} s.")
        if verbosity > 1:
            for part, took in sorted(built.seconds.items(), key=lambda item: -item[1]):
                self.stdout.write(f"  {part:<12}{took:6.2f} s")
