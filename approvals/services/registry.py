"""What can be approved: upper apps register their actions here from ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from accounts.choices import Act
from accounts.models import Team, User
from approvals.models import ChangeRequest
from approvals.rules.routing import StepRule, Traits
from core.errors import Invalid
from core.models import Organisation
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
class Proposed(Protocol):
    """An action that others ask for than those who plan budgets: by this right.

    Who holds it may also change and take back their own request.
    """

    proposed_by: Act


@runtime_checkable
class TwoPerson(Protocol):
    """An action whose steps no policy changes: the matrix says who the second person is."""

    def steps(self, payload: Payload) -> tuple[StepRule, ...]:
        """The steps, whatever it amounts to."""


@runtime_checkable
class RunsWhenStopped(Protocol):
    """An action that is carried out although the kill switch is on (to switch it off, say)."""

    runs_when_stopped: bool


@runtime_checkable
class Judged(Protocol):
    """An action that tells policy more than its amount."""

    def traits(self, payload: Payload, *, at: datetime) -> Traits:
        """What rules may ask for besides kind, amount and team."""


@runtime_checkable
class Editable(Protocol):
    """An action with a page on which its requests are changed."""

    def edit_url(self, request: ChangeRequest) -> str:
        """Where the person who asked changes the request."""


@runtime_checkable
class Listed(Protocol):
    """An action whose changes prove no total, because each goes another way."""

    effects_title: str


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


def proposed_by(kind: str) -> Act | None:
    """The right by which a kind of change is asked for, where it is not the planners'."""
    action = action_for(kind)
    return action.proposed_by if isinstance(action, Proposed) else None


def kinds() -> dict[str, str]:
    """Every kind with its label."""
    return {kind: action.label for kind, action in sorted(_actions.items())}


# What upper floors know and policy asks for: the channels there are, and amounts of a day.

Channels = Callable[[], Mapping[str, str]]
Converter = Callable[[Money, datetime], Money]

_channels: list[Channels] = []
_converters: list[Converter] = []


def register_channels(channels: Channels) -> None:
    """Say which channels a rule can name: key -> name."""
    _channels[:] = [channels]


def channels_known() -> dict[str, str]:
    """Every channel a rule can name."""
    return {key: name for channels in _channels for key, name in channels().items()}


def register_converter(converter: Converter) -> None:
    """Say how an amount becomes one of the reporting currency, at the rate of a moment."""
    _converters[:] = [converter]


def in_reporting_currency(amount: Money, at: datetime) -> Money:
    """An amount in the reporting currency; raises ``Invalid`` where no rate is known."""
    reporting = Organisation.current().reporting_currency
    if amount.currency == reporting:
        return amount
    for convert in _converters:
        return convert(amount, at)
    raise Invalid(f"There is no rate from {amount.currency} to {reporting}.", where="currency")


def fixed_steps(kind: str) -> tuple[StepRule, ...]:
    """The steps of a kind that no policy changes; () for one that policy routes."""
    if kind not in _actions:
        return ()
    action = _actions[kind]
    return action.steps({}) if isinstance(action, TwoPerson) else ()
