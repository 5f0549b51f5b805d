"""Keeping the register of marketing tools: contracts, cancellations, and who uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may, require
from budgets.models import Tool, ToolUse
from budgets.rules.tool_uses import UseRow, refusal
from core import events
from core.errors import Conflict, Invalid

FIELDS = (
    "name", "purpose", "team", "owner", "vendor", "budget_line", "contract", "starts_on",
    "renews_on", "notice_days", "renews_itself", "yearly_micros", "currency", "seats", "note",
)  # fmt: skip
OPTIONAL = ("vendor", "budget_line", "seats")


@transaction.atomic
def tool_create(*, user: User, fields: Mapping[str, Any], at: datetime) -> Tool:
    """Enter a tool; ``fields`` as in ``FIELDS``, amounts in micros."""
    tool = Tool(**{name: fields[name] for name in FIELDS if name in fields})
    require(user, Act.DRAFT_REQUEST, team=tool.team, owner_id=tool.owner_id)
    _check(tool)
    tool.save()
    _record(tool, user, "tool.created", at, after=_plain(tool, FIELDS))
    return tool


@transaction.atomic
def tool_change(*, tool: Tool, user: User, fields: Mapping[str, Any], at: datetime) -> Tool:
    """Change what is known of a tool; a new renewal day ends what was told of the old one."""
    current = Tool.objects.select_for_update().get(pk=tool.pk)
    require(user, Act.DRAFT_REQUEST, team=current.team, owner_id=current.owner_id)
    changed = [name for name in FIELDS if name in fields and getattr(current, name) != fields[name]]
    before = _plain(current, changed)
    for name in changed:
        setattr(current, name, fields[name])
    require(user, Act.DRAFT_REQUEST, team=current.team, owner_id=current.owner_id)
    _check(current)
    if changed:
        current.save(update_fields=changed)
        after = _plain(current, changed)
        _record(current, user, "tool.changed", at, before=before, after=after)
    return current


@transaction.atomic
def tool_cancel(*, tool: Tool, user: User, reason: str, at: datetime) -> Tool:
    """Say that notice was given: it costs no more after its term, and nobody is reminded."""
    current = Tool.objects.select_for_update().get(pk=tool.pk)
    require(user, Act.DRAFT_REQUEST, team=current.team, owner_id=current.owner_id)
    if not reason.strip():
        raise Invalid("Say why it was cancelled.", where="reason")
    if current.is_cancelled:
        raise Conflict(f"{current} was cancelled already.", code="cancelled", where="reason")
    current.is_cancelled = True
    current.save(update_fields=["is_cancelled"])
    change = {"before": {"is_cancelled": False}, "after": {"is_cancelled": True}}
    _record(current, user, "tool.cancelled", at, reason=reason.strip(), **change)
    return current


@transaction.atomic
def tool_uses_enter(
    *, user: User, rows: Sequence[UseRow], source: str, at: datetime, tool: Tool | None = None
) -> int:
    """Keep counts of active users, all or none; a day's newer count takes the place of the older.

    ``tool`` stands for the names of the rows when they are all of one.
    Returns how many were new or changed. Raises ``Invalid`` for tools that the person does not
    see or may not keep, and for days to come.
    """
    tools = {tool.name.lower(): [tool]} if tool else _tools_by_name(user)
    wrong = [
        (number, why)
        for number, row in enumerate(rows, start=1)
        if (why := _wrong(row, tools, user, at.date()))
    ]
    if wrong:
        raise refusal(wrong)
    changed: dict[int, list[UseRow]] = {}
    for row in rows:
        one = tools[row.name.lower()][0]
        kept, is_new = ToolUse.objects.select_for_update().get_or_create(
            tool=one,
            day=row.day,
            defaults={"active_users": row.active_users, "source": source, "entered_by": user},
        )
        if is_new or kept.active_users != row.active_users:
            kept.active_users, kept.source, kept.entered_by = row.active_users, source, user
            kept.save()
            changed.setdefault(one.pk, []).append(row)
    by_key = {found[0].pk: found[0] for found in tools.values()}
    for pk, counts in changed.items():
        after = {str(row.day): row.active_users for row in counts}
        _record(by_key[pk], user, "tool.uses_entered", at, reason=source, after=after)
    return sum(len(counts) for counts in changed.values())


def may_keep(user: User, tool: Tool) -> bool:
    """Its owner, and planners above it."""
    return may(user, Act.DRAFT_REQUEST, team=tool.team, owner_id=tool.owner_id)


def _tools_by_name(user: User) -> dict[str, list[Tool]]:
    found: dict[str, list[Tool]] = {}
    for tool in Tool.objects.for_user(user).select_related("team"):
        found.setdefault(tool.name.lower(), []).append(tool)
    return found


def _wrong(row: UseRow, tools: Mapping[str, list[Tool]], user: User, today: date) -> str:
    """Why a count cannot be kept; "" when it can."""
    found = tools.get(row.name.lower(), [])
    if not found:
        return f"there is no tool “{row.name}” in the register"
    if len(found) > 1:
        return f"several teams have a tool “{row.name}”; enter its count on its own page"
    if not may_keep(user, found[0]):
        return f"{row.name} is kept by {found[0].owner}"
    return f"{row.day} is yet to come" if row.day > today else ""


def _check(tool: Tool) -> None:
    if not may(tool.owner, Act.VIEW_MONEY, team=tool.team):
        raise Invalid(
            f"{tool.owner} cannot see the money of {tool.team}.",
            where="owner",
            remedy="Choose somebody of the team.",
        )
    if tool.budget_line and tool.budget_line.team_id != tool.team_id:
        raise Invalid("The budget line belongs to another team.", where="budget_line")
    if tool.renews_on <= tool.starts_on:
        raise Invalid("It renews after it began; choose a later day.", where="renews_on")
    if tool.notice_days > (tool.renews_on - tool.starts_on).days:
        raise Invalid("Notice would be due before the contract begins.", where="notice_days")
    # A key that may be empty is not asked for by the forms of the admin only.
    empty = [name for name in OPTIONAL if getattr(tool, name) is None]
    try:
        tool.full_clean(exclude=empty)
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        raise Invalid(" ".join(texts), where=field if field in FIELDS else "name") from error


def _plain(tool: Tool, names: Sequence[str]) -> dict[str, Any]:
    return {name: _text(getattr(tool, name)) for name in names}


def _text(value: Any) -> Any:
    return value if isinstance(value, int | bool | None.__class__) else str(value)


def _record(tool: Tool, user: User, action: str, at: datetime, **change: Any) -> None:
    events.record(
        actor=user.as_actor(),
        action=action,
        subject=tool,
        at=at,
        team_path=tool.team.path,
        live=["budgets"],
        **change,
    )
