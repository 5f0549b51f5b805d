"""What somebody who leaves has to hand over first; apps say what that is from ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core.errors import Conflict, Invalid

# hand(user=who leaves, to=who takes it, by=administrator, at=now) returns how many.
Hand = Callable[..., int]


@dataclass(frozen=True, slots=True)
class Handover:
    """One kind of thing that needs somebody: ``held(user)`` has them, ``hand`` gives them away.

    ``closes`` says that they end with the person instead: ``hand`` is called without ``to``.
    """

    key: str
    one: str
    many: str
    held: Callable[[User], QuerySet[Any]]
    hand: Hand
    closes: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What a person holds of one kind."""

    kind: Handover
    names: list[str]

    @property
    def text(self) -> str:
        """ "1 open campaign", "3 open campaigns"."""
        count = len(self.names)
        return f"{count} {self.kind.one if count == 1 else self.kind.many}"


_kinds: dict[str, Handover] = {}


def register_handover(kind: Handover) -> None:
    """Add a kind of thing that nobody leaves behind."""
    _kinds[kind.key] = kind


def held_by(user: User) -> list[Held]:
    """What a person would leave behind, kind by kind; empty when they may go."""
    found = [Held(kind, [str(row) for row in kind.held(user)]) for kind in _kinds.values()]
    return [held for held in found if held.names]


def refuse_unless_handed_over(user: User) -> None:
    """Raise ``Conflict`` while a person still holds something."""
    if held := held_by(user):
        raise Conflict(
            f"{user.name} still has {_listed([one.text for one in held])}.",
            code="holds_things",
            remedy="Hand them over first; the person’s page offers it.",
            details=[{"where": one.kind.key, "message": one.text} for one in held],
        )


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def hand_over(*, user: User, kind: str, by: User, at: datetime, to: User | None = None) -> int:
    """Give everything of one kind to ``to`` (or end it, where it ends); returns how many."""
    require(by, Act.INVITE_USER)
    found = _kinds.get(kind)
    if found is None:
        raise Invalid(f"“{kind}” is nothing that is handed over.", where="kind")
    if found.closes:
        return found.hand(user=user, by=by, at=at)
    if to is None or to.pk == user.pk or not to.is_active:
        raise Invalid("Choose a colleague who stays.", where="to")
    return found.hand(user=user, to=to, by=by, at=at)
