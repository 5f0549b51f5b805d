"""Splitting a budget: the best split of a period, sliders to try others, and what is made of one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.permissions import can, gate, may, person, require
from core import clock, formats
from core.errors import AdroitError
from core.exports import export_response
from core.models import Organisation
from core.money import Money
from core.once import reading_once
from core.pages import page
from core.tables import Column, Table
from insights.models import AllocationPlan
from insights.selectors.allocation import Allocation
from insights.services.allocations import (
    gain_words,
)
from insights.views.allocation_landing import amounts_of, landing_of, sliders_of
from insights.views.allocation_question import Question
from insights.views.allocation_words import (
    BADGES,
    brought,
    brought_signed,
    one,
    per_unit,
    place_tabs,
)
from metrics.selectors import METRICS


class SplitTable(Table):
    """The recommended split beside the plan."""

    key = "split"
    noun = "channels"
    columns = (
        Column("name", "Channel", priority=1, strong=True, sub="note"),
        Column("now", "Planned", kind="money_exact", priority=2),
        Column("best", "Recommended", kind="money_exact", priority=1),
        Column("change", "Change", kind="custom", sort="change_sort", tone="tone", nowrap=True),
        Column("low", "At least", kind="money_exact", priority=3, default_visible=False),
        Column("high", "At most", kind="money_exact", priority=3, default_visible=False),
        Column("held", "Orders and spent", kind="money_exact", priority=3),
        Column("marginal", "Next unit brings", kind="custom", sort="marginal_sort", priority=3),
    )  # fmt: skip
    default_sort = "-best"
    row_id = "key"
    per_page = 50

    def cell(self, record: Any, column: Column) -> Any:
        cell = super().cell(record, column)
        if column.kind == "custom":
            cell.value = record[column.key]
        return cell


class KeptTable(Table):
    """Splits that somebody kept."""

    key = "kept"
    noun = "kept splits"
    columns = (
        Column("name", "Split", kind="link", url="get_absolute_url", priority=1, strong=True),
        Column("team", "Team", sort="team__name", priority=2),
        Column("period", "For", kind="custom", sort="first_day", priority=2),
        Column("gain", "Against the plan", kind="custom", sortable=False, priority=1),
        Column("made_by", "By", sort="made_by__name", priority=3),
        Column("made_at", "Kept", kind="date", priority=3),
    )  # fmt: skip
    default_sort = "-made_at"
    empty_title = "Nobody has kept a split yet"
    empty_text = "Work one out above, name it and keep it: requests and scenarios are made of it."

    def cell_period(self, row: AllocationPlan) -> str:
        return formats.span(row.first_day, row.last_day)

    def cell_gain(self, row: AllocationPlan) -> str:
        return gain_words(row).split(" against")[0]


@gate(Act.VIEW_MONEY)
@require_safe
@reading_once()
def allocation(request: HttpRequest) -> HttpResponse:
    """The best split of a period's budget against how it is planned."""
    user = person(request)
    question = Question(user, request.GET.dict())
    found = question.answer()
    table = SplitTable(request, [] if found is None else _rows(found))
    if (wanted := request.GET.get("export")) and found is not None:
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Budget split", as_of=clock.now())
    context = {
        "title": _title(question, found),
        "kicker": _kicker(question),
        "question": question,
        "form": question.form,
        "places": place_tabs("allocation", user, question.team),
        "found": found,
        "table": table,
        "may_keep": question.team is not None and may(user, Act.DRAFT_REQUEST, team=question.team, owner_id=user.pk),
        "may_train": can(user, Act.RUN_MODELS),
        "kept": KeptTable(request, AllocationPlan.objects.for_user(user).select_related("team", "made_by"), prefixed=True, export=False),
        **(_told(found) if found else {}),
    }  # fmt: skip
    return page(request, "insights/allocation.html", context, fragment="split")


def _told(found: Allocation) -> dict[str, Any]:
    """What the page says of a split."""
    board, best = found.basis.board, found.best
    amounts = {share.unit.key: share.best.micros for share in found.shares}
    gain = (best.expected_uplift, best.uplift_80.low, best.uplift_80.high)
    label, tone = BADGES[str(best.robustness.badge)]
    return {
        "gain": " ".join(
            (
                brought_signed(board, gain[0]),
                f"({brought_signed(board, gain[1])} to {brought_signed(board, gain[2])})",
            )
        ),
        "badge": label,
        "badge_tone": tone,
        "badge_words": _badge_words(found),
        "limits": _limits(found),
        "kkt": _kkt_words(found),
        "sliders": sliders_of(found),
        "landing": landing_of(found.basis, amounts, found.total.micros),
        "phases": _phases(found),
        "facts": _facts(found),
    }


def _badge_words(found: Allocation) -> str:
    robust = found.best.robustness
    told = f"{formats.percent(robust.share, 0)} of the curve draws gain"
    if not robust.models:
        return f"{told}; no attribution of this team stands beside them"
    agree = sum(gain > 0 for gain in robust.models.values())
    return f"{told}; so do {agree} of {len(robust.models)} attribution models"


def _limits(found: Allocation) -> list[tuple[str, str]]:
    """Each limit that the best split touches, and what a unit of room there would bring."""
    names = {unit.key: unit.name for unit in found.basis.units}
    board = found.basis.board
    return [
        (
            f"{names[limit.channel]}: {limit.constraint}" if limit.channel else "The whole budget",
            f"{one(board)} more brings {per_unit(board, limit.worth)}",
        )
        for limit in found.best.binding
    ]


def _kkt_words(found: Allocation) -> str:
    kkt, board = found.best.kkt, found.basis.board
    price = per_unit(board, kkt.price)
    if kkt.holds:
        return f"Optimal: off their limits all channels return {price} on the next {one(board)}."
    return f"Close to optimal: returns on the next {one(board)} still differ by {formats.percent(kkt.gap, 1)}."


def _phases(found: Allocation) -> list[dict[str, Any]]:
    """Month by month, where there are several."""
    if len(found.by_month) < 2:
        return []
    board = found.basis.board
    rows = []
    for place, month in enumerate(found.basis.months):
        amounts = found.by_month[month.key]
        phase = found.phases.phases[place] if found.phases else None
        rows.append(
            {
                "label": month.label,
                "total": Money(sum(amounts.values()), board.currency),
                "amounts": [Money(amounts[unit.key], board.currency) for unit in found.basis.units],
                "result": brought(board, phase.result) if phase else formats.NOTHING,
                "range": f"{brought(board, phase.result_80.low)} to {brought(board, phase.result_80.high)}"
                if phase else "",
            }
        )  # fmt: skip
    return rows


def _facts(found: Allocation) -> list[tuple[str, str]]:
    board = found.basis.board
    versions = ", ".join(
        f"#{v.pk} {v.team.name} ({formats.day(v.trained_at.date())})" for v in board.versions
    )
    return [
        ("Curves", versions),
        ("Period", f"{found.basis.period.label}, {found.basis.weeks:.1f} weeks"),
        ("Budget", formats.money_exact(found.total)),
        ("Chance of a loss", formats.percent(found.best.chance_of_loss, 0)),
        ("Sum of the split", formats.money_exact(Money(sum(s.best.micros for s in found.shares), board.currency))),
    ]  # fmt: skip


def _rows(found: Allocation) -> list[dict[str, Any]]:
    board = found.basis.board
    return [
        {
            "key": share.unit.key,
            "name": share.unit.name,
            "note": _note(share.limit, is_beyond=share.is_beyond),
            "now": share.now,
            "best": share.best,
            "change": formats.money_signed(share.change) if share.change else formats.NOTHING,
            "change_sort": share.change.micros,
            "tone": "",
            "low": share.low,
            "high": share.high,
            "held": share.held,
            "marginal": per_unit(board, share.marginal),
            "marginal_sort": share.marginal,
        }
        for share in found.shares
    ]


def _note(limit: str, *, is_beyond: bool) -> str:
    told = [f"at its limit: {limit}"] if limit else []
    if is_beyond:
        told.append("past anything ever spent: a guess")
    return ", ".join(told)


def _title(question: Question, found: Allocation | None) -> str:
    if question.problem:
        return "No split keeps these limits"
    if found is None:
        return "A budget cannot be split yet"
    board, best = found.basis.board, found.best
    label = METRICS[board.metric].label.lower()
    if not best.recommend:
        return "Leave the split as it is: no other gains more than the noise"
    moved = sum(max(share.change.micros, 0) for share in found.shares)
    return (
        f"Moving {formats.money(Money(moved, board.currency))} should bring "
        f"{brought_signed(board, best.expected_uplift)} {label}"
    )


def _kicker(question: Question) -> str:
    name = question.team.name if question.team else Organisation.current().name
    return f"Allocation · {name} · {question.period.label}"


@gate(Act.VIEW_MONEY)
@require_POST
@reading_once()
def allocation_try(request: HttpRequest) -> HttpResponse:
    """Only what the sliders change: what these amounts would bring. Nothing is kept."""
    question = Question(person(request), request.POST.dict())
    context: dict[str, Any] = {"question": question}
    if question.basis is not None:
        try:
            amounts = amounts_of(question.basis, request.POST.dict())
            total = question.asked.total
            total = question.basis.total if total is None else total
            context["landing"] = landing_of(question.basis, amounts, total)
        except AdroitError as error:
            context["problem"] = f"{error.message} {error.remedy}".strip()
    return page(request, "insights/_allocation_landing.html", context)
