"""How data about people is kept, who was erased, and who looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can
from core.personal import all_kept, holders
from customers.models import Erasure, PersonalView, RetentionRule, Suppression


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of data: for how many days it is kept (None: for ever), and what goes tonight."""

    kind: str
    label: str
    what: str
    days: int | None
    due: int


def rules(now: datetime) -> list[Rule]:
    """Every kind of data whose days can be set, with a dry run of tonight."""
    limits = dict(RetentionRule.objects.values_list("kind", "days"))
    due = retention_count(now=now)
    return [
        Rule(kept.key, kept.label, kept.what, limits.get(kept.key), due.get(kept.key, 0))
        for kept in all_kept()
    ]


def retention_count(*, now: datetime) -> dict[str, int]:
    """What tonight's run would forget, by kind: nothing is changed."""
    limits = dict(RetentionRule.objects.values_list("kind", "days"))
    return {
        kept.key: kept.forget(before=now - timedelta(days=limits[kept.key]), at=now, dry=True)
        for kept in all_kept()
        if kept.key in limits
    }


def erasures() -> QuerySet[Erasure]:
    """Certificates, newest first; those that were only looked for are left out."""
    return Erasure.objects.filter(state=Erasure.State.DONE).select_related("asked_by")


def where_found(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The rooms that were searched, in words, each with how many entries."""
    return [(holder.label, counts.get(holder.key, 0)) for holder in holders()]


def views_for(user: User) -> QuerySet[PersonalView]:
    """The access log: all of it for administrators and auditors, one's own for everybody else."""
    rows = PersonalView.objects.select_related("viewer", "contact")
    sees_all = can(user, Act.INVITE_USER) or can(user, Act.EXPORT_AUDIT)
    return rows if sees_all else rows.filter(viewer=user)


def erased_marks() -> frozenset[str]:
    """The marks of everybody who was erased, for whoever lets data in."""
    return frozenset(Suppression.objects.values_list("mark", flat=True))
