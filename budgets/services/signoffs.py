"""Signing a month: the owner stands for the figures, and is reminded where that is missing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can
from budgets.models import Signoff
from budgets.selectors.closing import FiscalMonth, MonthItems, fiscal_month
from budgets.selectors.rates import local_day
from budgets.selectors.reminders import REMINDED, reminded_at
from budgets.selectors.signoffs import Key, Subject, signatures, subjects
from core import events
from core.errors import Conflict, Invalid, NotAllowed

# Finance closes the month, directors lead the owners.
REMINDS = (Act.CLOSE_PERIOD, Act.MOVE_BUDGET)
# An owner is told once in this time, however often the button is pressed.
REST = timedelta(hours=20)


@transaction.atomic
def signoffs_sign(
    *, user: User, month: str, keys: Collection[Key], comment: str, at: datetime
) -> list[Signoff]:
    """Sign subjects of a month with one comment; the figures of this moment are kept with it.

    Only their owner signs. Raises ``Conflict`` for a month that is not over and for a line
    whose variance nobody has explained.
    """
    found = fiscal_month(month)
    _require_over(found, at)
    rows = _named(found, user, keys)
    return subjects_sign(user=user, month=found, rows=rows, comment=comment, at=at)


@transaction.atomic
def subjects_sign(
    *, user: User, month: FiscalMonth, rows: Sequence[Subject], comment: str, at: datetime
) -> list[Signoff]:
    """The same for subjects that were read just now; what is signed already stays as it is."""
    if not comment.strip():
        raise Invalid("Say in a word what you stand for.", where="comment")
    for row in rows:
        _require_signable(row, user)
    return [_sign(row, month, user, comment.strip(), at) for row in rows if not row.is_signed]


def _require_over(month: FiscalMonth, at: datetime) -> None:
    if not month.is_over(local_day(at)):
        raise Conflict(
            f"{month.label} is not over yet.",
            code="not_over",
            where="month",
            remedy=f"Sign it from {month.period.end + timedelta(days=1)} on.",
        )


def _named(month: FiscalMonth, user: User, keys: Collection[Key]) -> list[Subject]:
    seen = {row.key: row for row in subjects(month, user)}
    if not keys:
        raise Invalid("Choose what you sign.", where="ids")
    if set(keys) - set(seen):
        raise Invalid(
            f"Something of this is not in {month.label}, or you may not see it.", where="ids"
        )
    return [seen[key] for key in sorted(set(keys))]


def _require_signable(row: Subject, user: User) -> None:
    if row.owner.pk != user.pk:
        raise NotAllowed(
            f"{row.name} belongs to {row.owner}, who signs it.",
            code="not_owner",
            remedy="Hand it over first if that has changed.",
        )
    if row.wants_note:
        raise Conflict(
            f"{row.name} differs from its plan by more than 10 % and 1,000.",
            code="note_missing",
            where="ids",
            remedy="Say why under Variances, then sign.",
        )


def _sign(row: Subject, month: FiscalMonth, user: User, comment: str, at: datetime) -> Signoff:
    before = dict(row.signed.figures) if row.signed else None
    signed, _ = Signoff.objects.update_or_create(
        kind=row.kind,
        subject_id=row.pk,
        fiscal_year=month.year,
        month=month.key,
        defaults={
            "subject_name": row.name, "owner": user, "comment": comment,
            "figures": dict(row.figures), "closed_figures": None, "at": at,
        },
    )  # fmt: skip
    events.record(
        actor=user.as_actor(),
        action="month.signed",
        subject=signed,
        at=at,
        before={"figures": before} if before else None,
        after={"month": month.key, "figures": dict(row.figures)},
        reason=comment,
        live=["signoffs"],
    )
    return signed


def signed_subjects(month: FiscalMonth, items: MonthItems) -> list[Key]:
    """What is signed of a month as it stands now."""
    return [row.key for row in subjects(month, None, items) if row.is_signed]


def signatures_keep(month: FiscalMonth, keys: Collection[Key]) -> int:
    """Let signatures stand for what closing made of the figures; returns how many they are.

    What was signed stays on record beside it. Called in the transaction of the close, after
    its movements, with what was signed before them.
    """
    signed = {(row.kind, row.subject_id): row for row in signatures(month)}
    kept = [
        (signed[row.key], row)
        for row in subjects(month, None)
        if row.key in set(keys) & set(signed)
    ]
    for signature, row in kept:
        signature.closed_figures = dict(row.figures)
    Signoff.objects.bulk_update([signature for signature, _ in kept], ["closed_figures"])
    return len(kept)


@transaction.atomic
def owners_remind(*, user: User, month: str, owners: Collection[int], at: datetime) -> list[User]:
    """Tell owners that they have still to sign; it waits on their home until they do.

    Returns who was told: nobody twice within a day, and nobody who has signed everything.
    """
    if not any(can(user, act) for act in REMINDS):
        raise NotAllowed("Finance and directors remind owners.")
    found = fiscal_month(month)
    _require_over(found, at)
    open_ = [row for row in subjects(found, user) if not row.is_signed]
    told = []
    for owner, rows in _by_owner(open_, owners):
        last = reminded_at(owner, found.key)
        if last is None or at - last >= REST:
            _remind(user, owner, found, rows, at)
            told.append(owner)
    return told


def _by_owner(rows: Sequence[Subject], owners: Collection[int]) -> list[tuple[User, list[Subject]]]:
    found: dict[int, tuple[User, list[Subject]]] = {}
    for row in rows:
        if not owners or row.owner.pk in owners:
            found.setdefault(row.owner.pk, (row.owner, []))[1].append(row)
    return list(found.values())


def _remind(
    user: User, owner: User, month: FiscalMonth, rows: Sequence[Subject], at: datetime
) -> None:
    events.record(
        actor=user.as_actor(),
        action=REMINDED,
        subject=owner,
        at=at,
        after={"month": month.key, "to sign": [row.name for row in rows]},
        live=["needs", f"user:{owner.pk}"],
    )
