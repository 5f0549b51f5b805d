"""People: invited by an administrator, deactivated but never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.choices import Act
from accounts.models import ApiToken, Team, User
from accounts.permissions import require
from accounts.services.handover import refuse_unless_handed_over
from accounts.services.invitations import invitation_send
from accounts.services.needed import refuse_if_needed
from accounts.services.roles import announce_rights_lost, membership_give
from core import events
from core.errors import Conflict, Invalid, NotAllowed

FIELD_WORDS = {"name": "Name", "email": "E-mail address", "title": "Title"}


@transaction.atomic
def person_invite(
    *,
    email: str,
    name: str,
    by: User,
    at: datetime,
    title: str = "",
    team: Team | None = None,
    role: str = "",
) -> User:
    """Let somebody in: they get an e-mail with a link to set their password.

    A first role may be given at once where one person may give it. Raises ``Conflict``
    when the address is known already.
    """
    require(by, Act.INVITE_USER)
    _refuse_known(email)
    user = _checked(User(email=email.strip().lower(), name=name.strip(), title=title.strip()))
    user.set_unusable_password()
    user.save()
    events.record(
        actor=by.as_actor(), action="person.invited", subject=user, at=at,
        after={"email": user.email, "name": user.name, "title": user.title},
        team_path=team.path if team else "", is_security=True,
    )  # fmt: skip
    if team and role:
        membership_give(user=user, team=team, role=role, by=by, at=at)
    invitation_send(user, by=by, at=at)
    return user


def _refuse_known(email: str) -> None:
    known = User.objects.filter(email__iexact=email.strip()).first()
    if known is None:
        return
    state = "" if known.is_active else ", but deactivated"
    raise Conflict(
        f"{known.email} is known already{state}: {known.name}.",
        where="email",
        remedy="Open that person’s page and give the role there.",
    )


def _checked(user: User) -> User:
    """The person, if every field can be kept."""
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(f"{FIELD_WORDS.get(field, 'A field')}: {messages[0]}", where=field) from error
    return user


def person_invite_again(*, user: User, by: User, at: datetime) -> None:
    """Send the invitation once more, with a new link; refused once a password is set."""
    require(by, Act.INVITE_USER)
    if user.has_usable_password() or not user.is_active:
        raise Conflict(
            f"{user.name} does not wait for an invitation.",
            remedy="“Forgotten password” on the sign-in page sends a link to set a new one.",
        )
    with transaction.atomic():
        invitation_send(user, by=by, at=at)
        events.record(
            actor=by.as_actor(), action="person.invited_again", subject=user, at=at,
            is_security=True,
        )  # fmt: skip


@transaction.atomic
def person_edit(*, user: User, by: User, at: datetime, name: str, title: str) -> User:
    """Change a person's name and title: one's own, or anybody's for an administrator."""
    if by.pk != user.pk:
        require(by, Act.INVITE_USER)
    before = {"name": user.name, "title": user.title}
    user.name, user.title = name.strip(), title.strip()
    changed = {key for key, value in before.items() if getattr(user, key) != value}
    if changed:
        _checked(user).save(update_fields=sorted(changed))
        _record_edit(user, by, at, {key: before[key] for key in changed})
    return user


def _record_edit(user: User, by: User, at: datetime, before: dict[str, Any]) -> None:
    after = {key: getattr(user, key) for key in before}
    events.record(
        actor=by.as_actor(), action="person.edited", subject=user, at=at,
        before=before, after=after, is_security=True,
    )  # fmt: skip


@transaction.atomic
def person_deactivate(*, user: User, by: User, at: datetime, reason: str) -> User:
    """Shut somebody out: no sign-in, open sessions end, tokens are revoked; history stays.

    Refused for oneself, where fewer than two administrators would be left, where a check
    of ``register_leaving_check`` says that the person cannot be spared, and while they
    hold what must be handed over.
    """
    require(by, Act.INVITE_USER)
    if by.pk == user.pk:
        raise NotAllowed(
            "Nobody deactivates themselves.", remedy="Ask another administrator.", code="oneself"
        )
    if not reason.strip():
        raise Invalid("Say why, for the trail.", where="reason")
    # No key of the row changes: a decision that names the person meanwhile need not wait for it.
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not user.is_active:
        raise Conflict(f"{user.name} is deactivated already.")
    refuse_if_needed(user)
    refuse_unless_handed_over(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    ended = _shut_out(user, at)
    events.record(
        actor=by.as_actor(), action="person.deactivated", subject=user, at=at,
        before={"is_active": True}, after={"is_active": False, **ended},
        reason=reason.strip(), is_security=True,
    )  # fmt: skip
    announce_rights_lost(user, at)
    return user


def _shut_out(user: User, at: datetime) -> dict[str, int]:
    tokens = ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=at)
    return {"tokens_revoked": tokens, "sessions_ended": _end_sessions(user)}


def _end_sessions(user: User, *, but: str = "") -> int:
    sessions = UserSession.objects.filter(user=user).exclude(session_key=but)
    for session in sessions:
        session.end()
    return len(sessions)


@transaction.atomic
def person_reactivate(*, user: User, by: User, at: datetime) -> User:
    """Let somebody in again, with the roles they had; tokens stay revoked."""
    require(by, Act.INVITE_USER)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active:
        raise Conflict(f"{user.name} is active.")
    user.is_active = True
    user.save(update_fields=["is_active"])
    events.record(
        actor=by.as_actor(), action="person.reactivated", subject=user, at=at,
        before={"is_active": False}, after={"is_active": True}, is_security=True,
    )  # fmt: skip
    return user


@transaction.atomic
def sessions_end(
    *, user: User, by: User, at: datetime, but: str = "", only: int | None = None
) -> int:
    """End sign-ins: one's own, or anybody's for an administrator; returns how many.

    ``but`` is the key of a session that stays, ``only`` the number of the one that ends.
    """
    if by.pk != user.pk:
        require(by, Act.END_SESSIONS)
    if only is None:
        count = _end_sessions(user, but=but)
    else:
        found = UserSession.objects.filter(user=user, pk=only).first()
        count = int(found is not None)
        if found:
            found.end()
    if count:
        events.record(
            actor=by.as_actor(), action="person.sessions_ended", subject=user, at=at,
            after={"sessions_ended": count}, is_security=True,
        )  # fmt: skip
    return count
