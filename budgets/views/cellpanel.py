"""The side panel of one planned amount: its parts, its pace, its history, and the form to change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can
from approvals.models import ChangeRequest
from budgets.forms import PlanForm
from budgets.models import BudgetLine
from budgets.rules.moves import Place
from budgets.selectors import CellChange, cell_history, pacing, planned
from budgets.services.moves import month_of
from campaigns.models import CampaignLine
from core import formats
from core.errors import Invalid
from core.money import Money
from core.parts import Entry
from core.periods import Period

FREE = "Not given to a campaign"


@dataclass(frozen=True, slots=True)
class PartRow:
    """A campaign line's share of a month, or what is not given out."""

    label: str
    amount: str
    url: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The amount a person looks at."""

    place: Place
    line: BudgetLine
    part: CampaignLine | None
    month: Period

    @property
    def name(self) -> str:
        return str(self.part or self.line)

    @property
    def planned(self) -> Money:
        micros = planned(self.line, self.part, self.place.month)
        return Money(micros, self.line.currency)


def find_cell(user: User, key: str) -> Chosen | None:
    """The amount a URL names, if the person sees it; None for anything else."""
    try:
        place = Place.read(key)
    except Invalid:
        return None
    lines = BudgetLine.objects.for_user(user).select_related("fiscal_year", "team", "owner")
    line = lines.filter(pk=place.budget_line).first()
    if line is None:
        return None
    part = None
    if place.campaign_line is not None:
        part = line.campaign_lines.filter(pk=place.campaign_line).first()
    try:
        return Chosen(place, line, part, month_of(line, place.month))
    except Invalid:
        return None


def panel(user: User, chosen: Chosen, today: date, form: PlanForm | None = None) -> dict[str, Any]:
    """What the panel shows."""
    is_open = chosen.month.end >= today
    amount = chosen.planned
    initial = {"amount": amount.rounded()}
    return {
        "title": f"{chosen.name}, {chosen.month.label}",
        "sub": f"Owner {chosen.line.owner} · {chosen.line.team} · pays in {chosen.line.currency}",
        "amount": formats.money_exact(amount),
        "key": chosen.place.key,
        "parts": _parts(chosen),
        "entries": _entries(cell_history(chosen.line, chosen.place.month, chosen.part), today),
        "pace": _pace(chosen, today),
        "form": (form or PlanForm(initial=initial)) if is_open and _may_change(user) else None,
        "currency": chosen.line.currency,
        "is_over": not is_open,
        "edit_line": chosen.line if _may_change(user) else None,
    }


def _may_change(user: User) -> bool:
    return can(user, Act.DRAFT_REQUEST)


def _parts(chosen: Chosen) -> list[PartRow]:
    """The campaign lines that draw on the line, and what none of them has; empty when none draws."""
    line, month = chosen.line, chosen.place.month
    whole = planned(line, None, month)
    rows, given = [], 0
    for part in line.campaign_lines.select_related("campaign").order_by("campaign__name", "name"):
        micros = planned(line, part, month)
        given += micros
        place = Place(line.pk, month, part.pk)
        rows.append(PartRow(str(part), _money(micros, line), place.key, place == chosen.place))
    if not rows:
        return []
    whole_place = Place(line.pk, month)
    first = PartRow("The whole line", _money(whole, line), whole_place.key, chosen.part is None)
    return [first, *rows, PartRow(FREE, _money(whole - given, line))]


def _money(micros: int, line: BudgetLine) -> str:
    return formats.money_whole(Money(micros, line.currency))


def _entries(changes: Sequence[CellChange], today: date) -> list[Entry]:
    numbers = {change.transaction.request_id for change in changes if change.transaction.request_id}
    requests = ChangeRequest.objects.in_bulk(numbers)
    return [_entry(change, requests, today) for change in changes]


def _entry(change: CellChange, requests: dict[int, ChangeRequest], today: date) -> Entry:
    made = change.transaction
    asked = requests.get(made.request_id or 0)
    when = formats.moment(timezone.localtime(made.at), today)
    return Entry(
        title=formats.money_exact(change.after),
        when=f"{when} · {formats.money_exact_signed(change.change)}",
        who=made.actor_name,
        text=made.reason,
        chip=asked.reference if asked else "",
        url=asked.get_absolute_url() if asked else "",
    )


def _pace(chosen: Chosen, today: date) -> str:
    """Where the month ends at the present run-rate, in a sentence; "" when that cannot be said."""
    if chosen.part or today not in chosen.month:
        return ""
    pace = pacing(chosen.line, chosen.month, today=today)
    if pace.landing is None or pace.landing_interval is None:
        return ""
    low, high = (
        _short(value, chosen) for value in (pace.landing_interval.low, pace.landing_interval.high)
    )
    return (
        f"At the present run-rate the month ends at {_short(pace.landing, chosen)} "
        f"({low} to {high} in 8 of 10 cases). A run-rate knows no season and no plan."
    )


def _short(micros: float, chosen: Chosen) -> str:
    return formats.money(Money(round(micros), chosen.line.currency))
