"""Keeping a split of a budget, and what can be made of it: a request, or a scenario of the plan."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from approvals.models import ChangeRequest
from approvals.services import request_create
from budgets.choices import PLAN_CHANGE, REALLOCATION
from budgets.models import BudgetLine, FiscalYear, Scenario
from budgets.services import proposal_url
from budgets.services.scenarios import cells_set, scenario_create
from core import events, formats
from core.errors import Conflict, Invalid
from core.money import MICROS, Money, split
from insights.models import AllocationPlan
from insights.rules.allocation import least_unit, taken_and_given
from insights.rules.response import METHOD
from insights.selectors.allocation import Allocation, tried
from insights.selectors.allocation_money import Held
from metrics.choices import MONEY_MEASURES

PLACES = 6


@transaction.atomic
def allocation_keep(
    *,
    user: User,
    found: Allocation,
    name: str,
    amounts: Mapping[str, int] | None = None,
    at: datetime,
) -> AllocationPlan:
    """Keep a split with its inputs and what it should bring: the recommended, or ``amounts``.

    ``amounts`` are micros of every unit for the whole period. Raises ``Invalid`` without a name and
    for amounts that do not fit the channels.
    """
    team = found.basis.board.team
    require(user, Act.DRAFT_REQUEST, team=team, owner_id=user.pk)
    if team is None or not name.strip():
        raise Invalid("Give the split a name.", where="name")
    by_month = found.by_month if amounts is None else _spread(found, amounts)
    inputs = {**found.asked.plain(), "team": team.pk, "by_hand": amounts is not None}
    result = _result(found, by_month)
    versions = list(found.basis.board.versions)
    plan = AllocationPlan.objects.create(
        team=team,
        name=name.strip()[:80],
        metric=found.basis.board.metric,
        currency=found.basis.currency,
        first_day=found.basis.period.start,
        last_day=found.basis.period.end,
        inputs=inputs,
        result=result,
        sha256=_sha256(inputs, result, [version.pk for version in versions]),
        made_at=at,
        made_by=user,
    )
    plan.versions.set(versions)
    events.record(
        actor=user.as_actor(),
        action="allocation.kept",
        subject=plan,
        at=at,
        after={"name": plan.name, "sha256": plan.sha256, "versions": [v.pk for v in versions]},
        team_path=team.path,
    )
    return plan


def _spread(found: Allocation, amounts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Amounts chosen for the whole period by month, as each channel is planned; sums exactly."""
    basis = found.basis
    unit = least_unit(basis.currency)
    tried(basis, amounts)
    by_month: dict[str, dict[str, int]] = {month.key: {} for month in basis.months}
    for key, micros in amounts.items():
        months = basis.planned.get(key, {})
        weights = [sum(held.planned for held in months.get(m.key, ())) for m in basis.months]
        parts = split(micros // unit, weights if any(weights) else [1] * len(weights))
        for month, part in zip(basis.months, parts, strict=True):
            by_month[month.key][key] = part * unit
    return by_month


def _result(found: Allocation, by_month: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    basis, best = found.basis, found.best
    totals = {u.key: sum(month[u.key] for month in by_month.values()) for u in basis.units}
    told = tried(basis, totals)
    return {
        "shares": [
            {
                "unit": share.unit.key,
                "name": share.unit.name,
                "channel": share.unit.channel,
                "now_micros": share.now.micros,
                "best_micros": totals[share.unit.key],
                "held_micros": share.held.micros,
                "limit": share.limit,
                "is_beyond": share.unit.key in told.beyond,
                "result": round(told.by_channel[share.unit.key], PLACES),
            }
            for share in found.shares
        ],
        "result": [
            round(v, PLACES) for v in (told.result, told.result_80.low, told.result_80.high)
        ],
        "gain": [round(v, PLACES) for v in (told.change, told.change_80.low, told.change_80.high)],
        "chance_of_loss": round(best.chance_of_loss, PLACES),
        "recommend": best.recommend,
        "badge": str(best.robustness.badge),
        "draws_that_gain": round(best.robustness.share, PLACES),
        "models": dict(best.robustness.models),
        "kkt": {"price": best.kkt.price, "gap": best.kkt.gap, "holds": best.kkt.holds},
        "by_month": {month: dict(row) for month, row in by_month.items()},
        "moves": _moves(found, by_month),
        "is_planned": basis.is_planned,
    }


def _moves(found: Allocation, by_month: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """What must move in the plan, place by place; in the lines' own currencies."""
    moves = []
    for unit in found.basis.units:
        months = found.basis.planned.get(unit.key, {})
        for month, parts in months.items():
            unit_micros = parts[0].unit
            planned = [held.planned for held in parts]
            wanted = by_month[month][unit.key]
            if unit.rate != 1.0:
                wanted = round(wanted / unit.rate / unit_micros) * unit_micros
            change = wanted - sum(planned)
            floors = [held.floor for held in parts]
            for held, micros in zip(
                parts, taken_and_given(change, planned, floors, unit_micros), strict=True
            ):
                if micros:
                    moves.append(_move(held, micros))
    return moves


def _move(held: Held, micros: int) -> dict[str, Any]:
    return {
        "budget_line": held.budget_line,
        "campaign_line": held.campaign_line,
        "month": held.month,
        "amount_micros": micros,
    }


def _sha256(inputs: Any, result: Any, versions: Sequence[int]) -> str:
    told = json.dumps([inputs, result, sorted(versions)], sort_keys=True)
    return sha256(told.encode()).hexdigest()


def editing_url(plan: AllocationPlan) -> str:
    """Where a person looks at the moves, changes them and sends them for approval.

    Raises ``Conflict`` where nothing moves.
    """
    payload, kind = _payload(plan)
    url = proposal_url(payload, evidence_of(plan))
    return url if kind == REALLOCATION else f"{url}&kind={PLAN_CHANGE}"


@transaction.atomic
def allocation_propose(
    *, plan: AllocationPlan, user: User, reason: str, at: datetime
) -> ChangeRequest:
    """Ask for the moves of a kept split, exactly; its evidence is frozen with the request."""
    require(user, Act.DRAFT_REQUEST, team=plan.team, owner_id=user.pk)
    payload, kind = _payload(plan)
    made = request_create(
        user=user,
        kind=kind,
        payload=payload,
        title=f"Split {_period(plan)} as in “{plan.name}”"[:200],
        reason=reason,
        evidence=evidence_of(plan),
        at=at,
    )
    plan.request_id = made.pk
    plan.save(update_fields=["request_id"])
    events.record(
        actor=user.as_actor(), action="allocation.proposed", subject=plan, at=at,
        after={"request": made.reference}, team_path=plan.team.path,
    )  # fmt: skip
    return made


def _payload(plan: AllocationPlan) -> tuple[dict[str, Any], str]:
    """The payload of a request and its kind: a plain move, or a change of the plan's total."""
    moves = plan.result["moves"]
    if not moves:
        raise Conflict(
            "Nothing moves in this split.",
            code="nothing_moves",
            remedy="Choose another split, or plan money for these channels first.",
        )
    net = sum(move["amount_micros"] for move in moves)
    is_one = plan.currency in _currencies(plan) and len(_currencies(plan)) == 1
    low, mid, high = (round(value * MICROS) for value in _in_order(plan.result["gain"]))
    payload: dict[str, Any] = {"moves": moves}
    if is_one:
        payload["currency"] = plan.currency
    if is_one or plan.metric not in MONEY_MEASURES:
        payload["expected"] = {"metric": plan.metric, "low": low, "mid": mid, "high": high}
    return payload, REALLOCATION if is_one and net == 0 else PLAN_CHANGE


def _in_order(gain: Sequence[float]) -> tuple[float, float, float]:
    mid, low, high = gain
    return min(low, mid), mid, max(high, mid)


def _currencies(plan: AllocationPlan) -> set[str]:
    lines = {move["budget_line"] for move in plan.result["moves"]}
    return set(BudgetLine.objects.filter(pk__in=lines).values_list("currency", flat=True))


def evidence_of(plan: AllocationPlan) -> dict[str, str]:
    """Why, as an approver reads it: the curves by their number, the gain and how sure it is."""
    result = plan.result
    versions = ", ".join(
        f"{version} for {version.team.name} (#{version.pk})"
        for version in plan.versions.select_related("team").order_by("pk")
    )
    return {
        "Split": f"{plan.name} (#{plan.pk})",
        "Curves": versions,
        "Expected gain": gain_words(plan),
        "Chance of a loss": formats.percent(result["chance_of_loss"], 0),
        "Robustness": f"{result['badge'].capitalize()}: "
        f"{formats.percent(result['draws_that_gain'], 0)} of the curves gain",
        "Chosen": "by hand" if plan.inputs["by_hand"] else "by the optimiser",
        "Worked out": formats.day(plan.made_at.date()),
        "Method": METHOD,
    }


def gain_words(plan: AllocationPlan) -> str:
    """``+€8.6k (€7.6k to €9.1k) against the plan``"""
    mid, low, high = (_written(plan, value) for value in plan.result["gain"])
    return f"{mid} ({low} to {high}) against the plan, over {_period(plan)}"


def _written(plan: AllocationPlan, value: float) -> str:
    if plan.metric in MONEY_MEASURES:
        return formats.money_signed(Money(round(value * MICROS), plan.currency))
    return formats.signed(round(value))


def _period(plan: AllocationPlan) -> str:
    return formats.span(plan.first_day, plan.last_day)


@transaction.atomic
def allocation_scenario(*, plan: AllocationPlan, user: User, at: datetime) -> Scenario:
    """A scenario of the plan in which the split holds; everything else stays as planned.

    Raises ``Conflict`` when one was made already or nothing moves.
    """
    if plan.scenario is not None:
        raise Conflict(f"“{plan.scenario}” was made of it already.", code="already_made")
    moves = _payload(plan)[0]["moves"]
    year = FiscalYear.objects.filter(
        starts_on__lte=plan.first_day, ends_on__gte=plan.last_day
    ).first()
    if year is None:
        raise Conflict("The period is in no fiscal year that is open.", code="no_year")
    scenario = scenario_create(
        user=user,
        fiscal_year=year,
        team=plan.team,
        name=plan.name,
        note=f"{gain_words(plan)}. Split #{plan.pk}.",
        at=at,
    )
    cells_set(scenario=scenario, user=user, amounts=_cells(scenario, moves), at=at)
    plan.scenario = scenario
    plan.save(update_fields=["scenario"])
    events.record(
        actor=user.as_actor(), action="allocation.scenario_made", subject=plan, at=at,
        after={"scenario": scenario.pk}, team_path=plan.team.path,
    )  # fmt: skip
    return scenario


def _cells(scenario: Scenario, moves: Sequence[Mapping[str, Any]]) -> dict[tuple[int, str], int]:
    """(scenario line, month) -> micros after the moves."""
    change: dict[tuple[int, str], int] = defaultdict(int)
    for move in moves:
        change[move["budget_line"], move["month"]] += move["amount_micros"]
    found = {}
    for line in scenario.lines.prefetch_related("cells"):
        now = {cell.month: cell.amount_micros for cell in line.cells.all()}
        for (budget_line, month), micros in change.items():
            if budget_line == line.budget_line_id and micros:
                found[line.pk, month] = now.get(month, 0) + micros
    return found
