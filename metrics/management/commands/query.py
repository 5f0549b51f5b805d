"""``manage.py query --metrics spend,roas --by campaign,month --period 2026-04..2026-06``."""

from __future__ import annotations

import csv
import json
import sys
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import User
from core import clock
from core.errors import AdroitError, Invalid
from core.exports import harmless
from core.models import Organisation
from metrics.rules.moments import as_of_moment
from metrics.selectors import QueryResult, as_plain, as_table, query


class Command(BaseCommand):
    help = "Answer a question about the numbers, as every page does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--metrics", required=True, help="spend,roas")
        parser.add_argument("--by", default="", help="campaign,month")
        parser.add_argument("--period", required=True, help="2026-04..2026-06, 2026-Q3, last-28d")
        parser.add_argument(
            "--where", action="append", default=[], help="channel=search; again for more"
        )
        parser.add_argument("--as-of", default="", help="a day (its end) or a moment")
        parser.add_argument("--currency", default="", help="EUR")
        parser.add_argument("--compare", default="", help="previous, year or a period")
        parser.add_argument("--order", default="", help="-spend,campaign")
        parser.add_argument("--limit", type=int)
        parser.add_argument(
            "--mature", action="store_true", help="young days as they are expected when final"
        )
        parser.add_argument(
            "--viewer", default="", help="answer as this person may see it (e-mail)"
        )
        parser.add_argument("--json", action="store_true", dest="as_json")
        parser.add_argument("--csv", action="store_true", dest="as_csv")

    def handle(self, **options: Any) -> None:
        try:
            result = _ask(options)
        except AdroitError as error:
            self._say_error(error, as_json=options["as_json"])
            sys.exit(1)
        if options["as_json"]:
            self.stdout.write(json.dumps(as_plain(result), indent=1, ensure_ascii=False))
        elif options["as_csv"]:
            heads, rows = as_table(result)
            # Names could be formulas; a negative number must stay one.
            named = len(result.by)
            safe = ([*map(harmless, row[:named]), *row[named:]] for row in rows)
            csv.writer(self.stdout, lineterminator="\n").writerows([heads, *safe])
        else:
            self._say(result)

    def _say_error(self, error: AdroitError, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(error.as_dict(), indent=1, ensure_ascii=False))
        self.stderr.write(f"{error.message} {error.remedy}".strip())

    def _say(self, result: QueryResult) -> None:
        heads, rows = as_table(result)
        dims = len(result.by)
        widths = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]
        for row in [heads, *rows]:
            self.stdout.write(_aligned(row, widths, dims))
        as_of = result.as_of
        self.stdout.write(f"\nAs of {as_of:%Y-%m-%d %H:%M %Z}" if as_of else "\nNo data")
        for text in (*result.notes, *result.refused.values()):
            self.stdout.write(text)


def _aligned(row: Sequence[str], widths: Sequence[int], dims: int) -> str:
    cells = [
        cell.ljust(width) if n < dims else cell.rjust(width)
        for n, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _ask(options: dict[str, Any]) -> QueryResult:
    if options["limit"] is not None and options["limit"] < 1:
        raise Invalid("A limit is at least 1.", where="limit")
    today = clock.today()
    calendar = Organisation.current().calendar
    compare = options["compare"] or None
    if compare and compare not in ("previous", "year"):
        compare = calendar.parse(compare, today=today)
    return query(
        metrics=_listed(options["metrics"]),
        by=_listed(options["by"]),
        where=_where(options["where"]),
        period=calendar.parse(options["period"], today=today),
        compare=compare,
        as_of=as_of_moment(options["as_of"]),
        viewer=_viewer(options["viewer"]),
        currency=options["currency"] or None,
        order=_listed(options["order"]),
        limit=options["limit"],
        mature=options["mature"],
    )


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _where(given: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            raise Invalid(
                f"“{text}” is not a filter.", where="where", remedy="Write channel=search."
            )
        found[key.strip()].append(value.strip())
    return found


def _viewer(email: str) -> User | None:
    if not email:
        return None
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise Invalid(f"Nobody here has the address {email}.", where="viewer")
    return found
