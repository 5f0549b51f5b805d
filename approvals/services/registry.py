"""What can be approved: upper apps register their actions here from ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from accounts.models import Team, User
from approvals.models import ChangeRequest
from core.errors import Invalid
from core.money import Money

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of "before and after" as an approver reads it.

    ``before`` and ``after`` are ``Money`` or short texts; ``change`` is set for money.
    ``channel`` is a channel key for the colour mark, ``note`` a grey second line.
    """

    label: str
    before: Money | str
    after: Money | str
    change: Money | None = None
    channel: str = ""
    owner: str = ""
    note: str = ""


class Action(Protocol):
    """One kind of change. ``kind`` is ``<app>.<verb>``, ``label`` what people call it.

    ``template`` renders further evidence on the request page ("" for none); it gets
    ``request_object`` and ``details`` (from ``details``).
    """

    kind: str
    label: str
    template: str

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:
        """Raise ``Invalid`` or ``NotAllowed`` when this cannot be asked for."""

    def binding(self, payload: Payload) -> Payload:
        """Exactly what a decision covers: the content and the versions of what it touches.

        It is hashed when decided and again in the transaction that executes; any
        difference voids the approval.
        """

    def amount(self, payload: Payload, *, at: datetime) -> Money:
        """The absolute amount in the reporting currency that policy looks at (zero if none)."""

    def team(self, payload: Payload) -> Team:
        """The team whose people decide."""

    def effects(self, payload: Payload) -> Sequence[Effect]:
        """Before and after, for the approver."""

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:
        """Context for ``template``."""

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        """Do it, inside the executor's transaction; what must leave the house goes to the outbox."""


@runtime_checkable
class Cumulative(Protocol):
    """An action whose amounts add up, so that cutting a change into small ones gains nothing."""

    def earlier(self, payload: Payload, others: Sequence[ChangeRequest], *, at: datetime) -> Money:
        """What ``others`` moved on the lines of ``payload``, absolute, in the reporting currency.

        ``others`` are requests of the same person that were carried out within 30 days
        or were sent earlier and are still open; they may be of any kind.
        """


@runtime_checkable
class Editable(Protocol):
    """An action with a page on which its requests are changed."""

    def edit_url(self, request: ChangeRequest) -> str:
        """Where the person who asked changes the request."""


@runtime_checkable
class Evidenced(Protocol):
    """An action that knows what an approver should see of the time before."""

    def evidence(self, payload: Payload, *, user: User, at: datetime) -> Mapping[str, str]:
        """Label -> text, frozen with the request; what the asker gave under a label stays."""


_actions: dict[str, Action] = {}


def register_action(action: Action) -> None:
    """Make a kind of change approvable."""
    _actions[action.kind] = action


def action_for(kind: str) -> Action:
    """The registered action; raises ``Invalid`` for an unknown kind."""
    try:
        return _actions[kind]
    except KeyError as error:
        raise Invalid(f"“{kind}” is not a kind of change that can be approved.") from error


def kinds() -> dict[str, str]:
    """Every kind with its label."""
    return {kind: action.label for kind, action in sorted(_actions.items())}
