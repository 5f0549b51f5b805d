"""`manage.py personas`: who can sign in to try the product out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.selectors import personas


class Command(BaseCommand):
    help = "Prints one sign-in per role of the demo company; nothing where there is none."

    def handle(self, **options: Any) -> None:  # noqa: ARG002
        found = personas()
        if not found:
            return
        widths = [max(map(len, column)) for column in zip(*map(_cells, found), strict=True)]
        self.stdout.write("Sign in as")
        for persona in found:
            cells = zip(_cells(persona), widths, strict=True)
            self.stdout.write("  " + "  ".join(text.ljust(width) for text, width in cells).rstrip())


def _cells(persona: Any) -> tuple[str, ...]:
    return persona.role, persona.name, persona.email, persona.password
