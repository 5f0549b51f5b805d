"""An action for tests: it renames a team, and is bound to the name the team has now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from accounts.models import Team, User
from approvals import services
from approvals.choices import Outcome
from approvals.models import ChangeRequest
from approvals.selectors import current_step
from approvals.services import Effect, Payload
from core.errors import Conflict, Invalid
from core.money import MICROS, Money

AT = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
RENAME = "test.rename"
ADDING = "test.adding"


class Rename:
    """``{"team": id, "name": text, "units": whole units of EUR}``; a name with "!" is refused."""

    kind = RENAME
    label = "Rename"
    template = ""

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:
        if not payload.get("name"):
            raise Invalid("A team needs a name.", where="name")

    def binding(self, payload: Payload) -> Payload:
        return {**payload, "name now": Team.objects.get(pk=payload["team"]).name}

    def amount(self, payload: Payload, *, at: datetime) -> Money:
        return Money(payload.get("units", 0) * MICROS, "EUR")

    def team(self, payload: Payload) -> Team:
        return Team.objects.get(pk=payload["team"])

    def effects(self, payload: Payload) -> Sequence[Effect]:
        return [Effect("Name", self.team(payload).name, payload["name"])]

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:
        return {}

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        name = request.payload["name"]
        if "!" in name:
            raise Conflict("A shouting name was taken in the meantime.")
        Team.objects.filter(pk=request.payload["team"]).update(name=name)
        return {"name": name}


class Adding(Rename):
    """The same, but its amounts add up with what the person moved for the team before."""

    kind = ADDING

    def earlier(self, payload: Payload, others: Sequence[ChangeRequest], *, at: datetime) -> Money:
        same = [o for o in others if o.kind == ADDING and o.payload["team"] == payload["team"]]
        return Money(sum(other.own_micros for other in same), "EUR")


def ask(
    user: User,
    team: Team,
    *,
    units: int = 100,
    name: str = "New name",
    kind: str = RENAME,
    at: datetime = AT,
    submit: bool = True,
) -> ChangeRequest:
    """A request of ``units`` euros for a team."""
    return services.request_create(
        user=user,
        kind=kind,
        payload={"team": team.pk, "name": name, "units": units},
        title=f"Rename {team}",
        reason="It says better what we do.",
        evidence={"Seen": "a brand study", "raw_micros": 1},
        at=at,
        submit=submit,
    )


def decide(
    request: ChangeRequest,
    user: User,
    outcome: str = Outcome.APPROVE,
    *,
    reason: str = "",
    at: datetime = AT,
    content_hash: str | None = None,
) -> ChangeRequest:
    """A decision on the request as it is stored now."""
    stored = ChangeRequest.objects.get(pk=request.pk)
    return services.request_decide(
        request=stored,
        user=User.objects.get(pk=user.pk),
        outcome=outcome,
        reason=reason,
        content_hash=stored.content_hash if content_hash is None else content_hash,
        at=at,
    )


def execute(request: ChangeRequest, *, at: datetime = AT) -> ChangeRequest:
    return services.request_execute(request=request, at=at)


def turn(request: ChangeRequest) -> Sequence[str]:
    """The roles whose turn it is."""
    step = current_step(ChangeRequest.objects.get(pk=request.pk))
    return step.roles if step else []
