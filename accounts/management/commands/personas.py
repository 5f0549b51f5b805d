"""`manage.py personas`: who can sign in to try the product out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import Membership
from accounts.selectors import personas
from accounts.services.invitations import mail_folder

FIRST_STEPS = """Nobody can sign in yet. Name the company and its first people:

  .venv/bin/python manage.py first_people --company "Your company" \\
      --admin "Your Name <you@example.com>" --executive "Their Name <them@example.com>"

Each gets a mail with a link to choose a password{mail}."""


class Command(BaseCommand):
    help = "Prints one sign-in per role of the demo company, or how the first people come in."

    def handle(self, **options: Any) -> None:  # noqa: ARG002
        found = personas()
        if not found:
            if not Membership.objects.exists():
                self.stdout.write(FIRST_STEPS.format(mail=_mail_place()))
            return
        widths = [max(map(len, column)) for column in zip(*map(_cells, found), strict=True)]
        self.stdout.write("Sign in as")
        for persona in found:
            cells = zip(_cells(persona), widths, strict=True)
            self.stdout.write("  " + "  ".join(text.ljust(width) for text, width in cells).rstrip())


def _cells(persona: Any) -> tuple[str, ...]:
    return persona.role, persona.name, persona.email, persona.password


def _mail_place() -> str:
    folder = mail_folder()
    return f"; this copy sends no mail, it writes it to {folder}" if folder else ""
