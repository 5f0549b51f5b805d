"""A decision with several alternatives: people vote and comment, the decider chooses one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import Team, User
from accounts.selectors import teams_for
from approvals.models import ChangeRequest
from approvals.selectors.discussion import chosen_option
from approvals.services.choices import CHOICE, check_payload
from approvals.services.registry import Effect, Payload
from core.errors import Conflict, Invalid
from core.models import Organisation
from core.money import Money


class Choice:
    """``{"question", "team", "options": [{"label", "text"}], "deadline", "amount_micros", "evidence"}``.

    Carrying it out changes nothing but the record: the outcome is the option chosen.
    """

    kind = CHOICE
    label = "Decision between alternatives"
    template = ""

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:
        team = payload.get("team")
        if not isinstance(team, int) or not teams_for(user).filter(pk=team).exists():
            raise Invalid("There is no such team, or you may not see it.", where="team")
        check_payload(payload, at)

    def binding(self, payload: Payload) -> Payload:
        return payload

    def amount(self, payload: Payload, *, at: datetime) -> Money:  # noqa: ARG002
        currency = Organisation.current().reporting_currency
        return Money(payload.get("amount_micros") or 0, currency)

    def team(self, payload: Payload) -> Team:
        return Team.objects.get(pk=payload["team"])

    def effects(self, payload: Payload) -> Sequence[Effect]:  # noqa: ARG002
        return []

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:  # noqa: ARG002
        return {}

    def evidence(self, payload: Payload, *, user: User, at: datetime) -> Mapping[str, str]:  # noqa: ARG002
        return {
            str(label)[:1].upper() + str(label)[1:]: str(text)
            for label, text in payload.get("evidence") or []
        }

    def edit_url(self, request: ChangeRequest) -> str:
        return reverse("approvals:choice-edit", args=[request.pk])

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:  # noqa: ARG002
        option = chosen_option(request)
        if option is None:
            raise Conflict(f"Nobody chose an alternative of {request.reference}.")
        return {"option": option.pk, "label": option.label}
