"""Splits of a budget over the API: worked out, tried, kept, proposed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from core import clock
from core.api import read
from core.errors import Invalid
from core.money import MICROS, Money
from insights.api import response_shapes as shapes
from insights.api.serializers import ProposedOut
from insights.models import AllocationPlan
from insights.rules.allocation import SHIFT, Bound, least_unit
from insights.selectors.allocation import Allocation, Asked, Basis, allocate, tried
from insights.selectors.allocation_ground import Ground, ground_of
from insights.services.allocations import (
    allocation_keep,
    allocation_propose,
    allocation_scenario,
)


class AllocationView(APIView):
    """The best split of a period's budget, by the curves in use. Nothing is kept."""

    acts = {"POST": Act.VIEW_MONEY}

    @extend_schema(request=shapes.AllocationSplitIn, responses=shapes.AllocationSplitOut)
    def post(self, request: Request) -> Response:
        given = read(shapes.AllocationSplitIn, request)
        ground, basis = _basis(request, given)
        found = allocate(basis, _asked(ground, given))
        return Response(shapes.AllocationSplitOut(_told(found)).data)


class AllocationTry(APIView):
    """What any amounts would bring, from the stored curves: quick enough for a slider."""

    acts = {"POST": Act.VIEW_MONEY}

    @extend_schema(request=shapes.TryIn, responses=shapes.TriedOut)
    def post(self, request: Request) -> Response:
        given = read(shapes.TryIn, request)
        ground, basis = _basis(request, given)
        amounts = _amounts(basis, given["amounts"])
        asked, told = _asked(ground, given), tried(basis, amounts)
        total = sum(amounts.values())
        budget = basis.total if asked.total is None else asked.total
        answer = {
            "total": basis.money(total),
            "over": basis.money(total - budget),
            "result": _range(told.result, told.result_80),
            "change": _range(told.change, told.change_80),
            "by_channel": told.by_channel,
            "beyond": told.beyond,
        }
        return Response(shapes.TriedOut(answer).data)


class Allocations(generics.ListAPIView[AllocationPlan]):
    """Kept splits; a new one is worked out anew and kept with its inputs and curves."""

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.AllocationPlanOut
    queryset = AllocationPlan.objects.none()

    def get_queryset(self) -> QuerySet[AllocationPlan]:
        return _plans(self.request)

    @extend_schema(request=shapes.KeepIn, responses={201: shapes.AllocationPlanOut})
    def post(self, request: Request) -> Response:
        given = read(shapes.KeepIn, request)
        ground, basis = _basis(request, given)
        amounts = _amounts(basis, given["amounts"]) if "amounts" in given else None
        made = allocation_keep(
            user=person(request),
            found=allocate(basis, _asked(ground, given)),
            name=given["name"],
            amounts=amounts,
            at=clock.now(),
        )
        return Response(shapes.AllocationPlanOut(made).data, status=201)


class AllocationDetail(generics.RetrieveAPIView[AllocationPlan]):
    """One kept split."""

    acts = {"GET": Act.VIEW_MONEY}
    serializer_class = shapes.AllocationPlanOut

    def get_queryset(self) -> QuerySet[AllocationPlan]:
        return _plans(self.request)


class AllocationPropose(APIView):
    """Ask for the moves of a kept split, exactly as they are."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.AllocationReasonIn, responses={201: ProposedOut})
    def post(self, request: Request, pk: int) -> Response:
        plan: AllocationPlan = get_object_or_404(_plans(request), pk=pk)
        made = allocation_propose(
            plan=plan, user=person(request), reason=read(shapes.AllocationReasonIn, request)["reason"],
            at=clock.now(),
        )  # fmt: skip
        return Response(ProposedOut(made).data, status=201)


class AllocationScenario(APIView):
    """Make a scenario of the plan in which a kept split holds."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=None, responses={201: shapes.ScenarioMadeOut})
    def post(self, request: Request, pk: int) -> Response:
        plan: AllocationPlan = get_object_or_404(_plans(request), pk=pk)
        made = allocation_scenario(plan=plan, user=person(request), at=clock.now())
        return Response(shapes.ScenarioMadeOut(made).data, status=201)


def _plans(request: Any) -> QuerySet[AllocationPlan]:
    return AllocationPlan.objects.for_user(person(request)).select_related("team", "scenario")


def _basis(request: Request, given: Mapping[str, Any]) -> tuple[Ground, Basis]:
    """What is asked stands on; raises ``Invalid`` for an unknown team or period, or without a curve."""
    team, period = str(given.get("team", "")), given.get("period", "")
    ground = ground_of(
        person(request), today=clock.today(), team=team, metric=given.get("metric", ""),
        period=period,
    )  # fmt: skip
    if team and (ground.team is None or str(ground.team.pk) != team):
        raise Invalid("There is no such team with curves, or you may not see it.", where="team")
    if period and ground.period.key != period:
        keys = ", ".join(one.key for one in ground.periods)
        raise Invalid(f"“{period}” cannot be planned.", where="period", remedy=f"One of {keys}.")
    if ground.basis is None:
        raise Invalid(
            "No channel has a response curve yet.", code="no_curves", where="team",
            remedy="Import 52 weeks of spend and results, then train.",
        )  # fmt: skip
    return ground, ground.basis


def _asked(ground: Ground, given: Mapping[str, Any]) -> Asked:
    total: Decimal | None = given.get("total")
    unit = least_unit(ground.board.currency)
    return Asked(
        period=ground.period,
        total=None if not total else int(total * MICROS) // unit * unit,
        shift=given.get("shift", SHIFT),
        bounds={
            key: Bound(bound.get("low"), bound.get("high"))
            for key, bound in given.get("bounds", {}).items()
        },
    )


def _amounts(basis: Basis, given: Mapping[str, Decimal]) -> dict[str, int]:
    return {key: Money.parse(value, basis.currency).micros for key, value in given.items()}


def _range(value: float, ends: Any) -> dict[str, float]:
    return {"value": value, "low": ends.low, "high": ends.high}


def _told(found: Allocation) -> dict[str, Any]:
    basis, best = found.basis, found.best
    return {
        "team": basis.board.team.pk if basis.board.team else None,
        "period": basis.period.key,
        "metric": basis.board.metric,
        "versions": [version.pk for version in basis.board.versions],
        "total": found.total,
        "is_planned": basis.is_planned,
        "recommend": best.recommend,
        "gain": _range(best.expected_uplift, best.uplift_80),
        "chance_of_loss": best.chance_of_loss,
        "badge": str(best.robustness.badge),
        "draws_that_gain": best.robustness.share,
        "models": best.robustness.models,
        "kkt_holds": best.kkt.holds,
        "kkt_gap": best.kkt.gap,
        "shares": found.shares,
        "limits": best.binding,
        "by_month": {
            month: {key: basis.money(micros) for key, micros in row.items()}
            for month, row in found.by_month.items()
        },
    }
