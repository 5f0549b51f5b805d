"""Attribution, journeys, lifetime value and impact over the API: the rows of their pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.models import Team
from accounts.permissions import person, require, sees_money
from accounts.selectors import teams_for
from analytics.results import REASON_TEXT
from core import clock, known, outbox
from core.api import AS_OF, read
from core.errors import Invalid
from core.known import answer_as_known
from insights.api import attribution_shapes as shapes
from insights.models import AttributionRun, Conversion, Verdict
from insights.rules.attribution import FORMULA, MODELS, Asked
from insights.selectors.analyses import analyses_ordered
from insights.selectors.asked import one_of
from insights.selectors.attribution import (
    ChannelCredit,
    Shown,
    attribution_runs,
    lifetime_runs,
    newest_run,
    shown_run,
    teams_of,
)
from insights.selectors.impact import ChannelMove, measured_effects, moves_together
from insights.selectors.lifetime import cohorts_shown
from insights.services.journeys import DAY_BINS, analysis_order, plan_for, plan_set

TEAM = OpenApiParameter("team", int, description="The topmost with a run without it")
RUN = OpenApiParameter("run", int, description="The newest without it")
KIND = OpenApiParameter("conversion", enum=list(Conversion.values))
WARNING = "Correlation is not an effect: believe what was measured."


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Invalid(f"“{text}” is not a number.", where=name)
    return int(text) if text else None


def _team(request: Request) -> Team | None:
    number = _number(request, "team")
    return get_object_or_404(teams_for(person(request)), pk=number) if number else None


# Where nothing was run yet that the caller may see.
NOTHING = {"run": None, "reason": "No run yet: POST /api/v1/analyses/ orders one."}


def _run(request: Request) -> AttributionRun | None:
    """The run asked for; None where there is none yet, a 404 for a number out of sight."""
    found = newest_run(
        attribution_runs(person(request), known.known_at()),
        number=_number(request, "run"),
        team=_team(request),
        kind=one_of(request.query_params, "conversion", Conversion.values),
    )
    if found is None and _number(request, "run") is not None:
        raise Http404
    return found


class AttributionView(APIView):
    """The newest run of a team and kind of conversion: every channel by nine models."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(
        parameters=[TEAM, KIND, RUN, OpenApiParameter("model", enum=list(MODELS)), AS_OF],
        responses=shapes.AttributionOut,
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        run, model = _run(request), one_of(request.query_params, "model", MODELS)
        if run is None:
            return Response(NOTHING)
        shown = shown_run(run, model)
        return Response(shapes.AttributionOut(_shown(shown)).data)


def _shown(shown: Shown) -> dict[str, Any]:
    return {
        "run": shown.run,
        "model": shown.model,
        "formula": FORMULA,
        "value": shown.value,
        "attributed_value": shown.attributed_value,
        "unattributed_value": shown.unattributed_value,
        "reported_value": shown.reported,
        "finance_value": shown.finance,
        "cautions": shown.cautions,
        "channels": [_channel(row) for row in shown.rows],
    }


def _channel(row: ChannelCredit) -> dict[str, Any]:
    return {
        "name": row.name,
        "shares": row.shares,
        "low": row.firm.low if row.firm else None,
        "high": row.firm.high if row.firm else None,
        "removal": row.removal,
        "conversions": row.conversions,
        "value": row.value,
        "cost": row.cost,
        "return_on_cost": None if row.roi is None else round(row.roi, 6),
        "claimed": row.claimed,
        "claimed_value": row.claimed_value,
    }


class AttributionRuns(generics.ListAPIView[AttributionRun]):
    """All runs in sight, the newest first."""

    acts = {"GET": Act.VIEW_MONEY}
    serializer_class = shapes.AttributionRunOut
    filter_backends = ()
    queryset = AttributionRun.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return AttributionRun.objects.none()
        return attribution_runs(person(self.request))


class JourneysView(APIView):
    """Paths, steps, time to a conversion, stages and what comes next, of the newest run."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(parameters=[TEAM, KIND, RUN, AS_OF], responses=shapes.JourneysOut)
    @answer_as_known
    def get(self, request: Request) -> Response:
        run = _run(request)
        if run is None:
            return Response(NOTHING)
        told: Mapping[str, Any] = run.record["journeys"]
        paths = told["paths"]
        if not sees_money(person(request)):
            paths = [{k: v for k, v in row.items() if k != "value"} for row in paths]
        answer = {
            **told, "run": run, "conversions": told["n"], "paths": paths, "day_bins": list(DAY_BINS)
        }  # fmt: skip
        return Response(shapes.JourneysOut(answer).data)


class LifetimeView(APIView):
    """What customers bring by the channel and the month they were won by and in."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(parameters=[TEAM, RUN, AS_OF], responses=shapes.LifetimeOut)
    @answer_as_known
    def get(self, request: Request) -> Response:
        runs = lifetime_runs(person(request), known.known_at())
        number, team = _number(request, "run"), _team(request)
        team = team or next(iter(teams_of(runs)), None)
        run = (runs.filter(pk=number) if number else runs.filter(team=team)).first()
        if run is None and number is not None:
            raise Http404
        if run is None:
            return Response(NOTHING)
        answer = {
            "id": run.pk, "team": run.team_id, "first_day": run.first_day, "last_day": run.last_day,
            "ran_at": run.ran_at, "data_sha256": run.data_sha256, "settings": run.settings,
            "customers": run.customers, "purchases": run.purchases,
            "channels": cohorts_shown(run, "channels"), "months": cohorts_shown(run, "months"),
        }  # fmt: skip
        return Response(shapes.LifetimeOut(answer).data)


class ImpactView(APIView):
    """Effects that were measured, then what moves together and how much later."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(parameters=[TEAM, AS_OF], responses=shapes.ImpactOut)
    @answer_as_known
    def get(self, request: Request) -> Response:
        user, team = person(request), _team(request)
        moves, period = moves_together(user, team, known.today())
        answer = {
            "warning": WARNING,
            "first_day": period.start,
            "last_day": period.end,
            "effects": [_effect(one) for one in measured_effects(user, team)],
            "moves": [_move(one) for one in moves],
        }
        return Response(shapes.ImpactOut(answer).data)


def _effect(one: Verdict) -> dict[str, Any]:
    change = one.optimisation
    numbers = {"effect": one.effect_micros, "low": one.low_micros, "high": one.high_micros}
    return {
        "change": change.what, "campaign": change.campaign_id, "metric": one.metric,
        "outcome": one.outcome, "reason": one.reason, "made_on": change.made_on,
        **{name: None if micros is None else micros / 10**6 for name, micros in numbers.items()},
    }  # fmt: skip


def _move(one: ChannelMove) -> dict[str, Any]:
    found = one.found
    return {
        "channel": one.name,
        "lags": found.lags,
        "strongest_lag": found.strongest.lag if found.strongest else None,
        "chance": found.chance,
        "reason": REASON_TEXT[found.reason] if found.reason else "",
    }


class Analyses(APIView):
    """Have a run made by the worker, with settings of one's own."""

    acts = {"POST": Act.RUN_MODELS}

    @extend_schema(request=shapes.AnalysisIn, responses={202: shapes.AnalysisOut})
    def post(self, request: Request) -> Response:
        user, wanted, now = person(request), read(shapes.AnalysisIn, request), clock.now()
        team, kind = wanted["team"], wanted["kind"]
        require(user, Act.RUN_MODELS, team=team)
        asked = _asked(plan_for(team, kind), wanted.get("settings", {}))
        if wanted["standard"]:
            plan_set(team=team, kind=kind, asked=asked, user=user, at=now)
        item = analysis_order(user=user, team=team, kind=kind, asked=asked, at=now)
        return Response(shapes.AnalysisOut(item).data, status=202)


def _asked(usual: Asked, given: Mapping[str, Any]) -> Asked:
    """The usual settings with what was given in their place."""
    unknown = set(given) - set(usual.plain())
    if unknown:
        raise Invalid(f"There is no setting {', '.join(sorted(unknown))}.", where="settings")
    return Asked.checked({**usual.plain(), **given})


class AnalysisDetail(APIView):
    """How far a run is."""

    acts = {"GET": Act.RUN_MODELS}

    @extend_schema(responses=shapes.AnalysisOut)
    def get(self, request: Request, pk: int) -> Response:
        item = get_object_or_404(analyses_ordered(person(request)), pk=pk)
        return Response(shapes.AnalysisOut(item).data)


class AnalysisStop(APIView):
    """Stop a run that is on its way; nothing of it is kept."""

    acts = {"POST": Act.RUN_MODELS}

    @extend_schema(request=None, responses=shapes.AnalysisOut)
    def post(self, request: Request, pk: int) -> Response:
        item = get_object_or_404(analyses_ordered(person(request)), pk=pk)
        outbox.stop(item.pk, now=clock.now())
        item.refresh_from_db()
        return Response(shapes.AnalysisOut(item).data)
