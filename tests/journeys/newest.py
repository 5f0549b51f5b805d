"""What people of the demo company do today: an order, a bill, a scenario, a choice, a new policy.

The demo company keeps its books and tools; what it has not begun yet is done here, so that
the pages behind it are met as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Team, User
from accounts.selectors import personas
from approvals import services as approvals
from approvals.choices import Outcome
from approvals.rules.routing import default_rules
from budgets.choices import BillKind, OrderKind
from budgets.models import BudgetLine, FiscalYear
from budgets.selectors import planned
from budgets.services import plan_set
from budgets.services.bills import BillIn, LineIn, bill_enter
from budgets.services.orders import LineContent, OrderContent, order_create, order_submit
from budgets.services.scenarios import scenario_create
from budgets.services.vendors import vendor_create
from budgets.services.versions import baseline_set, version_take
from core.money import MICROS


@dataclass(frozen=True, slots=True)
class People:
    """Those of the demo company who act today."""

    executive: User
    director: User
    manager: User
    admin: User
    auditor: User


def people() -> People:
    found = dict[str, User]()
    for persona in personas():
        found.setdefault(persona.role, User.objects.get(email=persona.email))
    return People(
        executive=found["Executive"], director=found["Marketing director"],
        manager=found["Campaign manager"], admin=found["Administrator"],
        auditor=found["Finance and audit"],
    )  # fmt: skip


def a_day_of_work(now: datetime) -> None:
    """Everything, each by whom it belongs to."""
    who = people()
    line = BudgetLine.objects.filter(owner=who.manager, fiscal_year__year=now.year).first()
    assert line, "the demo company's manager owns a line of this year"
    _orders_and_a_bill(who, line, now)
    _a_version_and_a_change(who, line, now)
    _scenario(who, line.fiscal_year, line.team, now)
    _a_choice(who, line.team, now)
    _a_new_policy(who, now)


def _orders_and_a_bill(who: People, line: BudgetLine, now: datetime) -> None:
    vendor = vendor_create(user=who.manager, name="Kestrel Media", currency=line.currency, at=now)
    today, month = now.date(), f"{now:%Y-%m}"
    part = LineContent("Winter films", line, month, 150 * MICROS)
    says = OrderContent(
        kind=OrderKind.ORDER, title="Winter films", vendor=vendor, team=line.team,
        owner=who.manager, currency=line.currency, ordered_on=today,
        expected_on=today + timedelta(days=30), reason="Films for the season.", lines=[part],
    )  # fmt: skip
    order = order_create(user=who.manager, content=says, at=now)
    order_submit(order=order, user=who.manager, at=now)
    bill = BillIn(
        kind=BillKind.INVOICE, number="K-1001", team=line.team, owner=who.manager,
        currency=line.currency, dated=today, vendor=vendor,
        lines=[LineIn("Winter films", 150 * MICROS, month, budget_line=line)],
    )  # fmt: skip
    bill_enter(user=who.auditor, given=bill, at=now)


def _a_version_and_a_change(who: People, line: BudgetLine, now: datetime) -> None:
    """The baseline differs from the plan of now in one amount."""
    version = version_take(
        user=who.director, year=line.fiscal_year, name="Before the board", at=now
    )
    baseline_set(version=version, user=who.director, at=now)
    month = f"{now:%Y-%m}"
    plan_set(
        user=None, budget_line=line, campaign_line=None, month=month, reason="A fair more", at=now,
        amount_micros=planned(line, None, month) + 900 * MICROS,
    )  # fmt: skip


def _scenario(who: People, year: FiscalYear, team: Team, now: datetime) -> None:
    scenario_create(user=who.manager, fiscal_year=year, team=team, name="A stronger push", at=now)


def _a_choice(who: People, team: Team, now: datetime) -> None:
    options = [{"label": "The one we know"}, {"label": "The cheaper one"}]
    payload = approvals.choice_payload(question="Which one?", team=team, options=options)
    approvals.choice_ask(
        user=who.manager, title="Agency of next year", reason="The contract ends.",
        payload=payload, at=now,
    )  # fmt: skip


def _a_new_policy(who: People, now: datetime) -> None:
    """A second version in force, and a third that waits."""
    for units, is_confirmed in ((6_000, True), (7_000, False)):
        asked = approvals.policy_propose(
            user=who.admin, rules=default_rules(units * MICROS, 60_000 * MICROS),
            reason="Directors wait too long for small things.", at=now,
        )  # fmt: skip
        if is_confirmed:
            decided = approvals.request_decide(
                request=asked, user=who.executive, outcome=Outcome.APPROVE, reason="Agreed",
                content_hash=asked.content_hash, at=now,
            )  # fmt: skip
            approvals.request_execute(request=decided, at=now)
