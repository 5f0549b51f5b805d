"""Whom a visitor of the demo may sign in as."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import User
from accounts.selectors import Persona
from demo.company.people import COLLEAGUES, PASSWORD
from demo.company.reset import is_demo


def demo_personas() -> Iterator[Persona]:
    """One person per role (and team), while the database holds the demo company."""
    if not is_demo():
        return
    active = set(User.objects.filter(is_active=True).values_list("email", flat=True))
    for one in COLLEAGUES:
        if one.is_persona and one.email in active:
            yield Persona(one.name, one.title, one.role.label, one.email, PASSWORD)
