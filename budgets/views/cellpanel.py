"""The side panel of one planned amount: its parts, where it ends, its whole history, and the form to change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can
from approvals.models import ChangeRequest
from budgets.forms import PlanForm
from budgets.models import BudgetLine
from budgets.rules.moves import Place
from budgets.selectors import landing, planned
from budgets.selectors.plan_history import CellEntry, cell_entries, visible_requests
from budgets.services.moves import month_of
from budgets.views.landing import LandingCard, landing_card
from campaigns.models import CampaignLine
from core import formats
from core.errors import Invalid
from core.money import Money
from core.parts import Entry
from core.periods import Period

FREE = "Not given to a campaign"
# More entries stand on the page of all changes.
SHOWN = 30


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


def panel(
    user: User,
    chosen: Chosen,
    today: date,
    form: PlanForm | None = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the panel shows; ``query`` may ask for ``words`` in the history, and ``inside`` it."""
    query, is_open = query or {}, chosen.month.end >= today
    amount = chosen.planned
    initial = {"amount": formats.amount_typed(amount)}
    words, inside = query.get("words", "")[:80], query.get("inside") == "1"
    entries = cell_entries(chosen.line, chosen.place.month, chosen.part, words=words, inside=inside)
    return {
        "title": f"{chosen.name}, {chosen.month.label}",
        "sub": f"Owner {chosen.line.owner} · {chosen.line.team} · pays in {chosen.line.currency}",
        "amount": formats.money_exact(amount),
        "key": chosen.place.key,
        "parts": _parts(chosen),
        "entries": _entries(user, entries[:SHOWN], today),
        "count": len(entries),
        "words": words,
        "inside": inside,
        "more_url": _more_url(chosen) if len(entries) > SHOWN else "",
        "landing": _landing(chosen, today),
        "form": (form or PlanForm(initial=initial)) if is_open and _may_change(user) else None,
        "currency": chosen.line.currency,
        "line_url": f"{reverse('budgets:line', args=[chosen.line.pk])}?month={chosen.place.month}",
        "is_over": not is_open,
        "edit_line": chosen.line if _may_change(user) else None,
    }


def _more_url(chosen: Chosen) -> str:
    query = urlencode({"line": str(chosen.line.pk), "month": chosen.place.month})
    return f"{reverse('budgets:history')}?{query}"


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


def _entries(user: User, found: Sequence[CellEntry], today: date) -> list[Entry]:
    requests = visible_requests(user, (entry.transaction.request_id for entry in found))
    return [_entry(entry, requests, today) for entry in found]


def _entry(found: CellEntry, requests: Mapping[int, ChangeRequest], today: date) -> Entry:
    made = found.transaction
    asked = requests.get(made.request_id or 0)
    when = formats.moment(timezone.localtime(made.at), today)
    change = (
        f"{formats.money_exact(found.inside)} given out inside the line"
        if found.inside
        else formats.money_exact_signed(found.change)
    )
    return Entry(
        title=formats.money_exact(found.after),
        when=f"{when} · {change}",
        who=made.actor_name,
        text=made.reason,
        chip=asked.reference if asked else "",
        url=asked.get_absolute_url() if asked else "",
    )


def _landing(chosen: Chosen, today: date) -> LandingCard | None:
    """Where the running month of a whole line ends."""
    if chosen.part or today not in chosen.month:
        return None
    return landing_card(landing(chosen.line, chosen.month, today=today))
