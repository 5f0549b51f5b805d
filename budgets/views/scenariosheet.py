"""A scenario as its page draws it: the editable sheet, the plan beside it, what it may bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import User
from analytics.projection import Projection
from approvals.models import ChangeRequest
from budgets.choices import ScenarioState
from budgets.forms.cases import CaseForm
from budgets.forms.scenarios import AdoptForm, ToolForm
from budgets.models import Scenario
from budgets.rules.month_names import month_heads
from budgets.selectors.outlook import Outlook, added_up, history, left_out, outlooks
from budgets.selectors.scenarios import (
    Plan,
    ScenarioRow,
    plan_now,
    plan_of_scenario,
    scenario_rows,
)
from core import formats
from core.errors import Invalid
from core.forms import read_amount
from core.models import Organisation
from core.money import MICROS, Money
from core.parts import Tile

PREFIX = "c-"
BEYOND = "Low and high hold the elasticity’s range and the scatter of the months, 8 cases of 10."


@dataclass(frozen=True, slots=True)
class SheetCell:
    name: str
    label: str
    value: str
    # Why what was typed could not be kept; "" where it could.
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SheetRow:
    pk: int
    label: str
    note: str
    channel: str
    cells: Sequence[SheetCell]
    total: str


def scenario_context(
    user: User,
    scenario: Scenario,
    today: date,
    *,
    may_change: bool,
    typed: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Everything the page of a scenario shows; ``typed`` is what was refused and stays in its fields."""
    rows = scenario_rows(scenario)
    plan = plan_of_scenario(scenario, rows)
    months = Organisation.current().calendar.months(scenario.fiscal_year.year)
    said = {month.key for row in rows for month, amount in row.cells if amount is not None}
    now = plan_now(
        user, scenario.fiscal_year, scenario.team, sorted(said) or [m.key for m in months]
    )
    past = history(user, scenario.team, today)
    found = outlooks(plan, past)
    channels = list({row.line.channel.key: row.line.channel.name for row in rows}.items())
    month_choices = [(month.key, month.label) for month in months]
    is_draft = scenario.state == ScenarioState.DRAFT
    asked = ChangeRequest.objects.filter(pk=scenario.request_id or 0).first()
    return {
        "title": _title(scenario, plan, now),
        "kicker": f"Scenario for {scenario.fiscal_year} · {scenario.team} · by {scenario.owner}",
        "scenario": scenario,
        "rail": "narrow",
        "asked": asked,
        "may_change": may_change and is_draft,
        "may_adopt": may_change and scenario.state != ScenarioState.ARCHIVED,
        "may_archive": may_change and scenario.state != ScenarioState.ARCHIVED,
        "heads": month_heads(month.label for month in months),
        "rows": [_row(row, typed) for row in rows],
        "column_totals": [formats.money(plan.month(month.key)) for month in months],
        "now_totals": [formats.money(now.month(month.key)) for month in months],
        "total": formats.money(plan.total),
        "now_total": formats.money(now.total),
        "tiles": _tiles(plan, now, found),
        "outlooks": [_outlook(one) for one in found],
        "period": past.period,
        "beyond": BEYOND,
        "gaps": plan.gaps,
        "rates": [f"1 {r.base} = {r.rate.normalize():f} {r.quote} ({r.name})" for r in plan.rates],
        "channel_choices": channels,
        "month_choices": month_choices,
        "tool_form": ToolForm(channels, month_choices, initial={"currency": _currency(rows)}),
        "adopt_form": AdoptForm(),
        "case_form": CaseForm(prefix="case"),
        "currency": plan.currency,
    }


def _title(scenario: Scenario, plan: Plan, now: Plan) -> str:
    change = plan.total - now.total
    planned = formats.money(plan.total)
    if not change:
        return f"{scenario}: {planned}, as the plan"
    return f"{scenario}: {planned}, {formats.money_signed(change)} against the plan"


def _currency(rows: Sequence[ScenarioRow]) -> str:
    return rows[0].line.currency if rows else Organisation.current().reporting_currency


def _row(row: ScenarioRow, typed: Mapping[str, str]) -> SheetRow:
    line = row.line
    state = "" if line.budget_line_id else " · new"
    cells = []
    for month, amount in row.cells:
        name = f"{PREFIX}{line.pk}-{month.key}"
        kept = "" if amount is None else formats.amount_typed(amount)
        text = typed.get(name, kept)
        label = f"{line}, {month.label}, {line.currency}"
        cells.append(SheetCell(name, label, text, amount_problem(text)))
    total = formats.money(row.total)
    return SheetRow(
        line.pk, line.name, f"{line.team} · {line.currency}{state}", line.channel.key, cells, total
    )


def read_cells(posted: QueryDict) -> Mapping[tuple[int, str], int]:
    """(scenario line, month) -> micros of every field that is filled in; raises ``Invalid``."""
    amounts = {}
    for name, text in posted.items():
        line, _, month = name.removeprefix(PREFIX).partition("-")
        if not name.startswith(PREFIX) or not line.isdecimal() or not str(text).strip():
            continue
        if problem := amount_problem(str(text)):
            raise Invalid(problem, where="cells")
        amounts[int(line), month] = int(read_amount(str(text)) * MICROS)
    return amounts


def amount_problem(text: str) -> str:
    """Why a field's text is no amount; "" for one that is, and for an empty field."""
    try:
        if text.strip():
            read_amount(text)
    except forms.ValidationError as error:
        return " ".join(error.messages)
    return ""


def _tiles(plan: Plan, now: Plan, found: Sequence[Outlook]) -> list[Tile]:
    revenue, conversions = added_up(found, "revenue"), added_up(found, "conversions")
    tiles = [
        Tile("Planned", formats.money(plan.total), sentence=f"in {plan.currency} at budget rates"),
        Tile(
            "Against the plan now",
            formats.money_signed(plan.total - now.total),
            sentence=f"the plan has {formats.money(now.total)}",
        ),
    ]
    if revenue:
        low, mid, high = (formats.money(Money(value, plan.currency)) for value in revenue)
        tiles.append(
            Tile("Expected revenue", mid, sentence=f"{low} to {high}{without(found, 'revenue')}")
        )
    if conversions:
        low, mid, high = (formats.compact(Money(value, "").amount) for value in conversions)
        tiles.append(
            Tile(
                "Expected conversions",
                mid,
                sentence=f"{low} to {high}{without(found, 'conversions')}",
            )
        )
    return tiles


def without(found: Sequence[Outlook], result: str) -> str:
    """ ", without display": a sum says which channels it cannot speak of."""
    channels = left_out(found, result)
    return f", without {' and '.join(channels)}" if channels else ""


def _outlook(one: Outlook) -> dict[str, Any]:
    currency = one.planned.currency
    low, mid, high = one.revenue.elasticity
    return {
        "channel": one.channel,
        "planned": formats.money(one.planned),
        "revenue": _range(one.revenue, lambda value: formats.money(Money(round(value), currency))),
        "conversions": _range(
            one.conversions, lambda value: formats.compact(Money(round(value), "").amount)
        ),
        "elasticity": f"{low:.2f} to {high:.2f}, middle {mid:.2f}",
        "why": one.why,
    }


def _range(found: Projection, text: Any) -> tuple[str, str, str]:
    if found.low is None or found.mid is None or found.high is None:
        return (formats.NOTHING,) * 3
    return text(found.low), text(found.mid), text(found.high)
