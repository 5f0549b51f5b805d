"""One budget line: its months, and behind every number the documents it is made of."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import can, gate, person
from budgets.models import BudgetLine
from budgets.selectors import CellChange, cell_history
from budgets.selectors.line_detail import MonthShown, documents, line_months
from budgets.selectors.sections import section_tabs
from core import clock, formats, known
from core.known import page_as_known
from core.money import Money
from core.pages import page
from core.parts import Entry, Fact, Tile

FIGURES = {
    "planned": "Planned",
    "reserved": "Reserved",
    "committed": "Committed",
    "actual": "Actual",
    "available": "Available",
}


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """The months of a line; ``?month=2026-11&of=actual`` opens what is behind a number."""
    user = person(request)
    rows = BudgetLine.objects.for_user(user).select_related(
        "fiscal_year", "team", "channel", "owner"
    )
    found = get_object_or_404(rows, pk=pk)
    months = line_months(found)
    chosen = _chosen(months, request.GET.get("month", ""))
    sums = _sums(found, months)
    figure = request.GET.get("of", "")
    figure = figure if figure in FIGURES else "available"
    context = {
        "title": found.name,
        "line": found,
        "facts": _facts(found),
        "tiles": _tiles(found, sums),
        "sums": list(sums.values()),
        "months": months,
        "chosen": chosen,
        "figure": figure,
        "behind": _behind(found, chosen, figure),
        "sections": section_tabs(user, "budgets:centre"),
        "may_change": can(user, Act.DRAFT_REQUEST),
        "live": f"budgetline:{found.pk} budgets",
        "crumbs": [("Budgets", reverse("budgets:centre")), (found.name, "")],
    }
    return page(request, "budgets/line.html", context, fragment="behind")


def _chosen(months: list[MonthShown], key: str) -> MonthShown:
    """The month of the URL, else the present one, else the first."""
    today = known.today()
    named = next((one for one in months if one.month.key == key), None)
    return named or next((one for one in months if today in one.month), months[0])


def _facts(found: BudgetLine) -> list[Fact]:
    facts = [
        Fact("Fiscal year", str(found.fiscal_year)),
        Fact("Team", str(found.team)),
        Fact("Channel", channels=[(found.channel.key, found.channel.name)]),
        Fact("Owner", person=found.owner.name),
        Fact("Currency", found.currency),
    ]
    if found.gl_code:
        facts.append(Fact("Account", found.gl_code))
    return facts


def _sums(found: BudgetLine, months: list[MonthShown]) -> dict[str, Money]:
    """The year's sum of every figure."""
    return {
        name: Money(sum(getattr(one.found, name) or 0 for one in months), found.currency)
        for name in FIGURES
    }


def _tiles(found: BudgetLine, sums: dict[str, Money]) -> list[Tile]:
    planned = sums["planned"].amount
    return [
        Tile(
            label,
            formats.money(sums[name]),
            sentence=f"{formats.percent(sums[name].amount / planned)} of the plan"
            if planned and name != "planned"
            else f"{found.fiscal_year}, in {found.currency}",
        )
        for name, label in FIGURES.items()
    ]


def _behind(found: BudgetLine, chosen: MonthShown, figure: str) -> dict[str, Any]:
    """What a number is made of."""
    rows = documents(found, chosen.month.key)
    orders = [one for one in rows if one.reserved or one.committed]
    billed = [one for one in rows if one.billed]
    changes = cell_history(found, chosen.month.key)
    wants = {name: figure in (name, "available") for name in FIGURES}
    return {
        "title": f"{FIGURES[figure]} in {chosen.month.label}",
        "history": [_entry(one) for one in changes] if wants["planned"] else None,
        "orders": orders if wants["reserved"] or wants["committed"] else None,
        "bills": billed if wants["actual"] else None,
        "parts": chosen.parts if wants["actual"] or wants["committed"] else None,
    }


def _entry(change: CellChange) -> Entry:
    when = formats.moment(timezone.localtime(change.transaction.at), clock.today())
    return Entry(
        title=formats.money_exact(change.after),
        when=f"{when} · {formats.money_exact_signed(change.change)}",
        who=change.transaction.actor_name,
        text=change.transaction.reason,
    )
