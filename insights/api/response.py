"""Response curves over the API, and the measured returns that they begin from."""

from __future__ import annotations

import math
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.models import Team
from accounts.permissions import person
from core import clock, known
from core.api import AS_OF, read
from core.errors import Invalid
from core.known import answer_as_known
from insights.api import response_shapes as shapes
from insights.models import MeasuredReturn
from insights.rules.response import RESULTS, even_of
from insights.selectors.allocation import team_named
from insights.selectors.asked import one_of
from insights.selectors.curve_points import best_of_today, points_of
from insights.selectors.response import Board, Unit, board_of, response_versions, teams_of
from insights.services.returns import return_enter


class CurvesView(APIView):
    """What each channel's spend brought, its curve, and what the next unit would bring.

    Curves are those in use, or with ``as_of`` those of that moment. Ranges hold 80 % of the draws.
    Training is ``POST /models/train/`` with the kind ``response``.
    """

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(
        parameters=[
            OpenApiParameter("team", int, description="The first with curves without it"),
            OpenApiParameter("metric", enum=list(RESULTS)),
            OpenApiParameter("even", float, description="What the next unit must bring"),
            AS_OF,
        ],
        responses=shapes.CurvesOut,
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        user, given = person(request), request.query_params
        versions = response_versions(user, known.known_at())
        metric = one_of(given, "metric", list(RESULTS))
        team = _team(teams_of(versions, user), given.get("team", ""))
        board = board_of(versions, team, metric, day=known.today())
        even = _even(given.get("even", ""), board)
        best = best_of_today(board)
        answer = {
            "team": team.pk if team else None,
            "metric": board.metric,
            "metrics": board.metrics,
            "currency": board.currency,
            "break_even": even,
            "versions": [version.pk for version in board.versions],
            "channels": [_unit(unit, even, best.get(unit.key)) for unit in board.channels],
            "lines": [_unit(unit, even, None) for unit in board.lines],
            "thin": [
                {"team": one.pk, "name": one.name, "reason": why, "weeks": weeks}
                for one, why, weeks in board.thin
            ],
        }
        return Response(shapes.CurvesOut(answer).data)


def _team(teams: list[Team], wanted: str) -> Team | None:
    """The team asked for, the first without a wish; raises ``Invalid`` when it has no curves."""
    team = team_named(teams, wanted)
    if wanted and (team is None or str(team.pk) != wanted):
        raise Invalid("There is no such team with curves, or you may not see it.", where="team")
    return team


def _even(text: str, board: Board) -> float:
    if not text:
        pairs = [(u.spend_today, u.marginal.value) for u in board.read if u.marginal]
        return even_of(pairs, is_money=board.is_money)
    try:
        even = float(text)
    except ValueError:
        even = math.nan
    if not math.isfinite(even):
        raise Invalid(f"“{text}” is not a number.", where="even", remedy="Write it like 1.5.")
    return even


def _unit(unit: Unit, even: float, best: float | None) -> dict[str, Any]:
    fields = ("key", "team", "channel", "name", "version", "weeks", "spend_today", "result_today",
              "contribution", "roi", "marginal", "half_life", "quality", "left_out", "reason")  # fmt: skip
    told = {name: getattr(unit, name) for name in fields}
    return told | {"room": unit.room(even), "best_share": best, "points": points_of(unit)}


class MeasuredReturns(generics.ListAPIView[MeasuredReturn]):
    """Returns that tests measured. Entering one takes the place of the last of its channel."""

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.RUN_MODELS}
    serializer_class = shapes.MeasuredOut
    queryset = MeasuredReturn.objects.none()

    def get_queryset(self) -> QuerySet[MeasuredReturn]:
        rows = MeasuredReturn.objects.for_user(person(self.request))
        return rows.filter(ended_at=None).select_related("channel")

    @extend_schema(request=shapes.MeasuredIn, responses={201: shapes.MeasuredOut})
    def post(self, request: Request) -> Response:
        made = return_enter(
            user=person(request), at=clock.now(), **read(shapes.MeasuredIn, request)
        )
        return Response(shapes.MeasuredOut(made).data, status=201)
