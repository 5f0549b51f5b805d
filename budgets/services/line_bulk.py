"""Changing owner and codes of many budget lines at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from budgets.models import BudgetLine
from core import events
from core.errors import Invalid


@transaction.atomic
def lines_change(
    *,
    ids: Collection[int],
    user: User,
    owner: User | None = None,
    gl_code: str | None = None,
    cost_centre: str | None = None,
    reason: str = "",
    at: datetime,
) -> int:
    """Give lines an owner, an account in the books or a cost centre, all or none; None leaves it.

    Answers how many changed. Raises ``NotAllowed`` when one of them is not the person's to change.
    """
    wanted = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in (("owner", owner), ("gl_code", gl_code), ("cost_centre", cost_centre))
        if value is not None
    }
    if not ids:
        raise Invalid("Choose at least one line.", where="ids")
    if not wanted:
        raise Invalid("Say what to change.", where="owner", remedy="Fill in a field.")
    for code in (gl_code, cost_centre):
        if code and len(code.strip()) > 40:
            raise Invalid("A code has at most 40 characters.", where="gl_code")
    rows = BudgetLine.objects.for_user(user).filter(pk__in=ids).select_related("team", "owner")
    lines = list(rows.order_by("pk").select_for_update(of=("self",)))
    return sum(_change(line, user, wanted, reason, at) for line in lines)


def _change(
    line: BudgetLine, user: User, wanted: dict[str, User | str], reason: str, at: datetime
) -> bool:
    require(user, Act.DRAFT_REQUEST, team=line.team, owner_id=line.owner_id)
    before = {name: _said(getattr(line, name)) for name in wanted}
    after = {name: _said(value) for name, value in wanted.items()}
    if before == after:
        return False
    for name, value in wanted.items():
        setattr(line, name, value)
    line.save(update_fields=list(wanted))
    events.record(
        actor=user.as_actor(),
        action="budget_line.edited",
        subject=line,
        at=at,
        before=before,
        after=after,
        reason=reason,
        team_path=line.team.path,
        live=["budgets"],
    )
    return True


def _said(value: User | str) -> str:
    return value.name if isinstance(value, User) else value
