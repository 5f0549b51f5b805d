"""What an order amounts to while it is written: its sum, its rates, what checks say, who decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Team, User
from approvals.permissions import roles_in_words
from approvals.selectors import policy_in_force, who_must_approve
from budgets.choices import ORDER, OrderKind
from budgets.models import Order
from budgets.rules.moves import shared_path
from budgets.selectors.rates import in_reporting, local_day
from budgets.services.checks import Warning_
from budgets.services.orders import OrderContent, foreseen
from budgets.services.orders.content import borne
from core import formats
from core.money import Money


@dataclass(frozen=True, slots=True)
class OrderProof:
    """The sum, how it is converted, warnings, and who would decide; or what is wrong."""

    total: str = ""
    borne: Sequence[str] = ()
    warnings: Sequence[Warning_] = ()
    deciders: str = ""
    problem: str = ""

    @property
    def stops(self) -> bool:
        return any(warning.stops for warning in self.warnings)


def proof_of(order: Order | None, content: OrderContent, user: User, at: datetime) -> OrderProof:
    """What a content amounts to; nothing while it has no line."""
    if not content.lines:
        return OrderProof()
    return OrderProof(
        formats.money_exact(content.total),
        _converted(content),
        foreseen(order, content),
        _deciders(content, user, at),
    )


def _converted(content: OrderContent) -> list[str]:
    """ "Shopping UK bears £3,200.00 at Budget rate of 1 Nov 2026" for every line in another currency."""
    found = []
    for line in content.lines:
        currency = line.budget_line.currency
        if currency != content.currency:
            bears = borne(line, content)
            amount = formats.money_exact(Money(bears.micros, currency))
            found.append(f"{line.budget_line} bears {amount} ({bears.rate_name}).")
    return list(dict.fromkeys(found))


def _deciders(content: OrderContent, user: User, at: datetime) -> str:
    if content.kind == OrderKind.PLACEHOLDER:
        return "Nobody has to approve it: the money is reserved at once."
    if content.kind == OrderKind.RELEASE:
        return "Within its blanket order nobody has to approve it again."
    paths = [content.team.path, *(line.budget_line.team.path for line in content.lines)]
    team = Team.objects.filter(path=shared_path(paths)).first()
    if team is None:
        return ""
    steps = who_must_approve(
        policy=policy_in_force(), kind=ORDER, team=team, requester=user,
        micros=in_reporting([content.total], local_day(at)).micros,
    )  # fmt: skip
    words = ", then ".join(roles_in_words(step.roles) for step in steps)
    return f"{words[:1].upper()}{words[1:]} decides."
