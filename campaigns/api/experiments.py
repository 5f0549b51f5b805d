"""Experiments over the API: plan, seal, start, feed. What they say is in ``insights``."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from campaigns import services
from campaigns.api import experiment_shapes as shapes
from campaigns.choices import ExperimentKind, ExperimentState
from campaigns.models import Experiment, ExperimentQuerySet
from campaigns.rules.reading_files import ReadingRow, read_readings
from campaigns.rules.sample_size import Question, size_for
from campaigns.selectors import experiments_for, readings_of
from core import clock, known
from core.api import AS_OF, read
from core.errors import Invalid
from core.known import answer_as_known


def experiment_seen(request: Request, pk: int) -> Experiment:
    return get_object_or_404(experiments_for(person(request)), pk=pk)


def _answer(request: Request, pk: int, status: int = 200) -> Response:
    return Response(shapes.ExperimentOut(experiment_seen(request, pk)).data, status=status)


class Experiments(generics.ListAPIView[Experiment]):
    """Experiments in sight; draft one."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.RUN_EXPERIMENT}
    serializer_class = shapes.ExperimentOut
    filter_backends = ()
    queryset = Experiment.objects.none()

    def get_queryset(self) -> ExperimentQuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Experiment.objects.none()
        asked = shapes.ExperimentQuery(data=self.request.query_params.dict())
        asked.is_valid(raise_exception=True)
        return experiments_for(person(self.request)).filter(**asked.validated_data)

    @extend_schema(
        parameters=[
            OpenApiParameter("state", enum=ExperimentState.values),
            OpenApiParameter("kind", enum=ExperimentKind.values),
        ]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=shapes.ExperimentIn, responses={201: shapes.ExperimentOut})
    def post(self, request: Request) -> Response:
        said = read(shapes.ExperimentIn, request)
        said.pop("version", None)
        made = services.experiment_create(user=person(request), at=clock.now(), **_designs(said))
        return _answer(request, made.pk, status=201)


def _designs(said: dict[str, Any]) -> dict[str, Any]:
    designs: dict[str, Any] = {}
    if "arms" in said:
        designs["arms"] = shapes.arms_of(said.pop("arms"))
    if "metrics" in said:
        designs["metrics"] = shapes.metrics_of(said.pop("metrics"))
    return said | designs


class ExperimentDetail(APIView):
    """One experiment; a draft can be changed."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "PATCH": Act.RUN_EXPERIMENT}

    @extend_schema(responses=shapes.ExperimentOut)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(request, pk)

    @extend_schema(request=shapes.ExperimentChange, responses=shapes.ExperimentOut)
    def patch(self, request: Request, pk: int) -> Response:
        found = experiment_seen(request, pk)
        said = _designs(read(shapes.ExperimentChange, request))
        services.experiment_edit(experiment=found, user=person(request), at=clock.now(), **said)
        return _answer(request, pk)


class ExperimentSteps(APIView):
    """Seal the plan, open it again, start, stop or archive."""

    acts = {"POST": Act.RUN_EXPERIMENT}

    @extend_schema(request=shapes.ExperimentStepIn, responses=shapes.ExperimentOut)
    def post(self, request: Request, pk: int) -> Response:
        said, found = read(shapes.ExperimentStepIn, request), experiment_seen(request, pk)
        services.experiment_step(experiment=found, user=person(request), at=clock.now(), **said)
        return _answer(request, pk)


class ExperimentReadings(APIView):
    """What its arms brought, day by day; bring more."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.RUN_EXPERIMENT}

    @extend_schema(parameters=[AS_OF], responses=shapes.ExperimentReadingOut(many=True))
    @answer_as_known
    def get(self, request: Request, pk: int) -> Response:
        found = experiment_seen(request, pk)
        rows = readings_of(found, known.known_at())
        arms = {arm.pk: arm for arm in found.arms.all()}
        metrics = {one.pk: one for one in found.metrics.all()}
        for one in rows:
            one.arm, one.metric = arms[one.arm_id], metrics[one.metric_id]
        return Response(shapes.ExperimentReadingOut(rows, many=True).data)

    @extend_schema(
        request=shapes.ExperimentReadingsIn, responses={201: shapes.ExperimentRecordedOut}
    )
    def post(self, request: Request, pk: int) -> Response:
        said, found = read(shapes.ExperimentReadingsIn, request), experiment_seen(request, pk)
        done = services.figures_record(
            experiment=found, rows=_rows(found, said), user=person(request), at=clock.now(),
            day=said["day"], spends=said["spends"],
        )  # fmt: skip
        return Response(shapes.ExperimentRecordedOut(done).data, status=201)


def _rows(experiment: Experiment, said: dict[str, Any]) -> list[ReadingRow]:
    if said["spends"] and "rows" not in said and "csv" not in said:
        return []
    if ("rows" in said) == ("csv" in said):
        raise Invalid("Give either rows or the text of a file.", where="rows")
    if "rows" in said:
        return [ReadingRow(**row) for row in said["rows"]]
    kinds = {one.name: one.kind for one in experiment.metrics.all()}
    arms = [arm.name for arm in experiment.arms.all()]
    return read_readings(said["csv"], arms=arms, metrics=kinds)


class ExperimentSize(APIView):
    """How many units a test needs, before it is planned."""

    acts = {"POST": Act.RUN_EXPERIMENT}

    @extend_schema(request=shapes.ExperimentSizeIn, responses=shapes.ExperimentSizeOut)
    def post(self, request: Request) -> Response:
        size = size_for(Question(**read(shapes.ExperimentSizeIn, request)))
        found = [{"days": days, "effect": effect} for days, effect in size.found]
        return Response(
            shapes.ExperimentSizeOut(
                {
                    "per_arm": size.per_arm, "total": size.total, "days": size.days,
                    "critical": size.critical, "found": found,
                }
            ).data
        )  # fmt: skip
