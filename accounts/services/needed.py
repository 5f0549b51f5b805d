"""Who cannot be spared: two administrators always, and whoever an app says is needed now."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.db import connection

from accounts.choices import Role
from accounts.models import User
from accounts.selectors import LEAST_ADMINS, active_admins
from core.errors import Conflict

LEAVING_LOCK = 7_402_415

# check(user, losing) says why a person cannot lose these roles now, or "".
LeavingCheck = Callable[[User, Collection[str]], str]
_leaving_checks: list[LeavingCheck] = []


def register_leaving_check(check: LeavingCheck) -> None:
    """Add ``check(user, losing)``: why a person cannot lose the roles ``losing`` now, or ``""``."""
    if check not in _leaving_checks:
        _leaving_checks.append(check)


def refuse_if_needed(user: User, *, losing: Collection[str] | None = None) -> None:
    """Raise ``Conflict`` when losing this person, or these roles of theirs, leaves too few behind.

    ``losing`` None is everything they hold. Call it inside the transaction of the change: the
    lock makes people who remove each other take turns, so the second one counts what is left.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LEAVING_LOCK])
    user.forget_memberships()
    lost = user.roles if losing is None else user.roles & set(losing)
    if Role.ADMIN in lost:
        _refuse_too_few_admins(user)
    for check in _leaving_checks:
        if why := check(user, lost):
            raise Conflict(why, code="needed")


def _refuse_too_few_admins(user: User) -> None:
    left = active_admins().exclude(pk=user.pk).count()
    if left >= LEAST_ADMINS:
        return
    stays = f"only {left} would be left" if left else "nobody would be left"
    raise Conflict(
        f"{user.name} is one of the last administrators: {stays}, and there are always"
        f" at least {LEAST_ADMINS}.",
        code="too_few_admins",
        remedy="Name another administrator first: propose the role on that person’s page,"
        " an executive confirms it. Then this can be done.",
    )
