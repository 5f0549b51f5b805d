"""The first people of an empty installation, named at its command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.choices import Role
from accounts.models import Membership, Team, User
from accounts.services.invitations import invitation_send
from core import events
from core.errors import Conflict, Invalid
from core.models import Organisation


@transaction.atomic
def first_people(
    *,
    company: str,
    admins: Sequence[tuple[str, str]],
    executives: Sequence[tuple[str, str]],
    at: datetime,
) -> list[User]:
    """Create the top team with administrators and executives (name, e-mail) and invite them.

    Only once: as soon as anybody holds a role, people are let in by administrators.
    """
    if Membership.objects.exists():
        raise Conflict("People hold roles already.", remedy="Ask an administrator to invite more.")
    if not admins or not executives:
        raise Invalid("At least one administrator and one executive are needed.")
    if {email for _, email in admins} & {email for _, email in executives}:
        raise Invalid("Nobody is administrator and executive at once.")
    team = Team.objects.filter(parent=None, name=company).first() or Team.plant(company)
    _name_organisation(company, at)
    return [
        *(_found(name, email, team, Role.ADMIN, at) for name, email in admins),
        *(_found(name, email, team, Role.EXECUTIVE, at) for name, email in executives),
    ]


def _name_organisation(company: str, at: datetime) -> None:
    """The organisation is called like the company, unless somebody named it already."""
    organisation = Organisation.current()
    before = organisation.name
    if before != Organisation._meta.get_field("name").default or before == company:
        return
    organisation.name = company
    organisation.save()
    events.record(
        actor=events.SYSTEM,
        action="organisation.edited",
        subject=organisation,
        at=at,
        before={"name": before},
        after={"name": company},
    )


def _found(name: str, email: str, team: Team, role: Role, at: datetime) -> User:
    user = User.objects.filter(email__iexact=email).first()
    user = user or User.objects.create_user(email, name)
    Membership.objects.create(user=user, team=team, role=role)
    events.record(
        actor=events.SYSTEM, action="person.founded", subject=user, at=at,
        after={"email": user.email, "role": role, "team": team.name},
        team_path=team.path, is_security=True,
    )  # fmt: skip
    invitation_send(user, by=None, at=at)
    return user
