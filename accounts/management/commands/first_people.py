"""`manage.py first_people`: the first administrators and executives of an empty installation."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from email.utils import parseaddr
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services.founding import first_people
from core import clock
from core.errors import AdroitError


def address(text: str) -> tuple[str, str]:
    """``Priya Nair <priya@example.com>`` as name and address."""
    name, email = parseaddr(text)
    if not name or "@" not in email:
        raise ArgumentTypeError(f"“{text}” is not like “Priya Nair <priya@example.com>”")
    return name, email


class Command(BaseCommand):
    help = "Creates the company's top team, its first administrators and executives; invites them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", required=True, help="name of the top team")
        for role, words in (("admin", "an administrator; give two"), ("executive", "an executive")):
            parser.add_argument(
                f"--{role}",
                type=address,
                action="append",
                default=[],
                metavar="“NAME <E-MAIL>”",
                help=words,
            )

    def handle(self, **options: Any) -> None:
        try:
            people = first_people(
                company=options["company"],
                admins=options["admin"],
                executives=options["executive"],
                at=clock.now(),
            )
        except AdroitError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip()) from error
        for person in people:
            self.stdout.write(f"{person.name} <{person.email}> gets a link to set a password.")
        if len(options["admin"]) < 2:
            self.stdout.write(
                self.style.WARNING(
                    "Name a second administrator soon: the only one can neither leave nor give the role up."
                )
            )
