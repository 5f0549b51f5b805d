"""Entering exchange rates: one person of finance asks, another confirms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.choices import Act, Role
from accounts.models import Team, User
from approvals.models import ChangeRequest
from approvals.services import Effect, Payload, StepRule
from budgets.choices import RATES
from budgets.models import FxRate
from budgets.rules.rate_rows import RateRow, read_payload
from budgets.selectors.company import whole_company
from budgets.selectors.rate_checks import rate_before
from budgets.services.rates import rates_store, require_possible
from core.models import Organisation
from core.money import Money

NO_RATE = "No rate yet"
# More would hide the button; the rest stands in the request's payload and its table.
SHOWN = 200


class RateChange:
    """Rates from a day on; the ones before stay as they are."""

    kind = RATES
    label = "Exchange rates"
    template = ""
    proposed_by = Act.CHANGE_FX

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:  # noqa: ARG002
        """Readable, no day twice, none in a closed month."""
        require_possible(read_payload(payload))

    def binding(self, payload: Payload) -> Payload:
        return {"payload": dict(payload)}

    def amount(self, payload: Payload, *, at: datetime) -> Money:  # noqa: ARG002
        """A rate moves no money by itself."""
        return Money(0, Organisation.current().reporting_currency)

    def team(self, payload: Payload) -> Team:  # noqa: ARG002
        return whole_company()

    def steps(self, payload: Payload) -> tuple[StepRule, ...]:  # noqa: ARG002
        return (StepRule((Role.AUDITOR.value,), Act.CHANGE_FX),)

    def effects(self, payload: Payload) -> Sequence[Effect]:
        return [_effect(row) for row in read_payload(payload)[:SHOWN]]

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:  # noqa: ARG002
        return {}

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        """Put all rates in force."""
        rows = read_payload(request.payload)
        stored = rates_store(rows=rows, by=request.requested_by, at=at, request_id=request.pk)
        return {"rates": [row.pk for row in stored]}


def _effect(row: RateRow) -> Effect:
    before = rate_before(row)
    return Effect(
        label=f"1 {row.base} in {row.quote}",
        before=f"{before.rate.normalize():f} from {before.valid_from}" if before else NO_RATE,
        after=f"{row.rate.normalize():f} from {row.valid_from}",
        note=f"{FxRate.Kind(row.kind).label} · {row.source}",
    )
