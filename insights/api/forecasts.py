"""Forecasts over the API: what stands, one with its days, overrides and what-if."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from core import clock
from core.api import AS_OF, read
from core.errors import Invalid
from core.known import answer_as_known
from insights.api import forecast_shapes as shapes
from insights.models import Forecast, ForecastOverride
from insights.rules.what_if import Turned
from insights.selectors.asked import one_of
from insights.selectors.forecasts import Quoted, forecasts_visible, issue_standing
from insights.selectors.what_if import TurnedMetric, turn_of
from insights.services.forecast_overrides import override_set, override_undo
from insights.services.forecast_scenarios import scenario_from


@extend_schema(
    parameters=[
        OpenApiParameter("metric", str),
        OpenApiParameter("level", enum=Forecast.Level.values),
        OpenApiParameter(
            "subject", str, description="company, team:4, channel:search, campaign:12"
        ),
        AS_OF,
    ]
)
class Forecasts(generics.ListAPIView[Forecast]):
    """The forecasts of the newest issue, or of the one that stood at a moment."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = shapes.ForecastOut
    filter_backends = ()
    queryset = Forecast.objects.none()

    @answer_as_known
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Forecast]:
        if getattr(self, "swagger_fake_view", False):
            return Forecast.objects.none()
        one_of(self.request.query_params, "level", Forecast.Level.values)
        issue = issue_standing()
        if issue is None:
            return Forecast.objects.none()
        asked = {
            name: value
            for name in ("metric", "level", "subject")
            if (value := self.request.query_params.get(name))
        }
        found = forecasts_visible(person(self.request)).filter(issue=issue, **asked)
        return found.order_by("level", "subject", "metric")


class ForecastDetail(APIView):
    """One forecast with its days; it is what it was when it was issued."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=shapes.ForecastDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.ForecastDetailOut(_forecast(request, pk)).data)


class ForecastOverrides(APIView):
    """Set what you expect beside a forecast, with a reason; the forecast stays."""

    acts = {"POST": Act.OVERRIDE_FORECAST}

    @extend_schema(request=shapes.ExpectationIn, responses={201: shapes.ExpectationOut})
    def post(self, request: Request, pk: int) -> Response:
        made = override_set(
            forecast=_forecast(request, pk),
            user=person(request),
            at=clock.now(),
            **read(shapes.ExpectationIn, request),
        )
        return Response(shapes.ExpectationOut(made).data, status=201)


class ForecastOverrideUndo(APIView):
    """Take an expectation back; it stays readable."""

    acts = {"POST": Act.OVERRIDE_FORECAST}

    @extend_schema(request=None, responses=shapes.ExpectationOut)
    def post(self, request: Request, pk: int) -> Response:
        rows = ForecastOverride.objects.select_related("forecast__team", "forecast__campaign")
        seen = Forecast.objects.for_user(person(request))
        found = get_object_or_404(rows.filter(forecast__in=seen), pk=pk)
        done = override_undo(override=found, user=person(request), at=clock.now())
        return Response(shapes.ExpectationOut(done).data)


class ForecastWhatIf(APIView):
    """What comes of another budget, price of a click or conversion rate: stored figures, turned."""

    acts = {"POST": Act.VIEW_MONEY}

    @extend_schema(request=shapes.TurnIn, responses=shapes.TurnedOut(many=True))
    def post(self, request: Request, pk: int) -> Response:
        asked = read(shapes.TurnIn, request)
        days, quoted = asked.pop("days"), Quoted(_forecast(request, pk))
        turn = turn_of(quoted, Turned.within(**asked), person(request), days)
        if turn is None:
            raise Invalid("Spend and clicks are not forecast here, so nothing can be turned.")
        return Response([shapes.TurnedOut(_turned(row)).data for row in turn.rows])


class ForecastScenario(APIView):
    """Keep the turned budget as a scenario of the plan; the plan does not change."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.TurnedScenarioIn, responses={201: shapes.TurnedScenarioOut})
    def post(self, request: Request, pk: int) -> Response:
        asked = read(shapes.TurnedScenarioIn, request)
        turned = Turned.within(**{name: asked[name] for name in ("budget", "cpc", "cvr")})
        made = scenario_from(
            forecast=_forecast(request, pk),
            user=person(request),
            turned=turned,
            name=asked["name"],
            at=clock.now(),
        )
        return Response(shapes.TurnedScenarioOut({"scenario": made.pk}).data, status=201)


def _forecast(request: Request, pk: int) -> Forecast:
    return get_object_or_404(forecasts_visible(person(request)), pk=pk)


def _turned(row: TurnedMetric) -> dict[str, Any]:
    forecast = row.quoted.forecast
    return {
        "forecast": forecast.pk,
        "metric": forecast.metric,
        "currency": forecast.currency,
        "before": row.before,
        "after": row.after,
    }
