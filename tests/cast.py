"""The same people in every test.

The company Tarn & Fell: a root team, two divisions under one director each, three
market teams. Everybody's password is ``PASSWORD``.

    Tarn & Fell ── Europe (Mara) ──── DACH (Jonas, Ada)  ·  UK (Eilidh)
                └─ Americas (Dana) ── US (Rosa)
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from accounts.choices import Role
from accounts.models import Membership, Team, User

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Cast:
    company: Team
    europe: Team
    americas: Team
    dach: Team
    uk: Team
    us: Team
    executive: User
    executive2: User
    director: User
    other_director: User
    manager: User
    uk_manager: User
    other_manager: User
    analyst: User
    admin: User
    admin2: User
    auditor: User
    nobody: User

    def all(self) -> list[User]:
        return [value for value in vars(self).values() if isinstance(value, User)]


def _person(name: str, title: str, role: str, team: Team | None) -> User:
    email = f"{name.split(maxsplit=1)[0].lower()}@tarnfell.test"
    user = User.objects.create_user(email, name, PASSWORD, title=title)
    if team:
        Membership.objects.create(user=user, team=team, role=role)
    return user


def create_cast() -> Cast:
    """Create everybody; call inside a test with a database."""
    company = Team.plant("Tarn & Fell")
    europe, americas = Team.plant("Europe", company), Team.plant("Americas", company)
    dach, uk = Team.plant("DACH", europe), Team.plant("UK", europe)
    us = Team.plant("US", americas)
    return Cast(
        company=company,
        europe=europe,
        americas=americas,
        dach=dach,
        uk=uk,
        us=us,
        executive=_person("Greta Holm", "Chief marketing officer", Role.EXECUTIVE, company),
        executive2=_person("Ivo Marek", "Chief operating officer", Role.EXECUTIVE, company),
        director=_person("Mara Lindqvist", "Marketing director Europe", Role.DIRECTOR, europe),
        other_director=_person("Dana Cole", "Marketing director Americas", Role.DIRECTOR, americas),
        manager=_person("Jonas Weber", "Campaign manager", Role.MANAGER, dach),
        uk_manager=_person("Eilidh Ross", "Campaign manager", Role.MANAGER, uk),
        other_manager=_person("Rosa Diaz", "Campaign manager", Role.MANAGER, us),
        analyst=_person("Ada Novak", "Analyst", Role.ANALYST, europe),
        admin=_person("Priya Nair", "Administrator", Role.ADMIN, company),
        admin2=_person("Otto Berg", "Administrator", Role.ADMIN, company),
        auditor=_person("Ben Okafor", "Finance", Role.AUDITOR, company),
        nobody=_person("Nils Berg", "New here", "", None),
    )


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()
