"""What can be asked for here: a change of one campaign at its platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import Team, User
from approvals.models import ChangeRequest
from approvals.services import Effect, Payload
from campaigns.models import CampaignLine
from core.errors import Conflict, Invalid
from core.models import Organisation
from core.money import Money
from integrations.choices import PLATFORM_CHANGE, OrderKind
from integrations.models import Connection
from integrations.rules.api import api_for, wanted_value
from integrations.services.connections import Change, connection_for, order_ask


class PlatformChange:
    """``{"line": id, "change": kind, "wanted": text, "target": number of a part, or ""}``."""

    kind = PLATFORM_CHANGE
    label = "Change at a platform"
    template = ""

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:  # noqa: ARG002
        """A change the connection can carry out, in a value the platform takes."""
        line = _line(payload)
        held = _connection(line, payload)
        wanted_value(payload["change"], payload.get("wanted", ""), line.currency)
        part = api_for(held.platform).commands[payload["change"]].part
        if part and not str(payload.get("target", "")).isdecimal():
            raise Invalid(
                f"{api_for(held.platform).label} sets this for each {part}.",
                where="target",
                remedy=f"Give the number of the {part}; it stands in the platform’s own interface.",
            )

    def binding(self, payload: Payload) -> Payload:
        line = _line(payload)
        return {**payload, "campaign": line.external_id, "account": line.ad_account_id}

    def amount(self, payload: Payload, *, at: datetime) -> Money:  # noqa: ARG002
        """It moves no money between lines; a plan's own limits hold for what may be spent."""
        return Money(0, Organisation.current().reporting_currency)

    def team(self, payload: Payload) -> Team:
        return _line(payload).campaign.team

    def effects(self, payload: Payload) -> Sequence[Effect]:
        line = _line(payload)
        kind = OrderKind(payload["change"]).label
        wanted = wanted_value(payload["change"], payload.get("wanted", ""), line.currency)
        return [Effect(f"{kind} of {line}", "as it is", wanted, channel=line.channel.key)]

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:  # noqa: ARG002
        return {}

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        """Hand the order to the outbox; a connection that is gone by now refuses it."""
        payload = request.payload
        line = _line(payload)
        change = Change(
            line, payload["change"], payload.get("wanted", ""), payload.get("target", "")
        )
        order = order_ask(
            change, key=request.reference, actor=request.requested_by.as_actor(), at=at,
            request_id=request.pk,
        )  # fmt: skip
        if order is None:
            raise _no_way(line)
        return {"order": order.pk}


def _line(payload: Payload) -> CampaignLine:
    lines = CampaignLine.objects.select_related("campaign__team", "channel", "ad_account")
    found = lines.filter(pk=payload.get("line") or 0).first()
    if found is None:
        raise Invalid("Choose a campaign line.", where="line")
    return found


def _connection(line: CampaignLine, payload: Payload) -> Connection:
    if payload.get("change") not in OrderKind.values:
        raise Invalid("Choose what to change.", where="change")
    held = connection_for(line, payload["change"])
    if held is None:
        raise _no_way(line)
    return held


def _no_way(line: CampaignLine) -> Conflict:
    return Conflict(
        f"No connection can change {line} at its platform in this way.",
        code="no_connection",
        remedy="An administrator allows orders on the connection and switches “Orders to the "
        "platforms” on; until then make the change in the platform’s editor.",
    )
