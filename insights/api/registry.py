"""The model registry over the API: versions, training, asking for one to be put in use."""

from __future__ import annotations

import django_filters as filters
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.models import Team
from accounts.permissions import person
from accounts.selectors import teams_in_sight
from approvals.models import ChangeRequest
from core import clock, outbox
from core.models import OutboxItem
from insights.models import ModelVersion, ModelVersionQuerySet
from insights.models.versions import paths_up
from insights.selectors.versions import beside, trainings_of, versions_for
from insights.services.promotion import promote_ask
from insights.services.training import train_request


class ModelFilter(filters.FilterSet):
    """The filters of versions."""

    kind = filters.MultipleChoiceFilter(choices=ModelVersion.Kind.choices)
    state = filters.MultipleChoiceFilter(choices=ModelVersion.State.choices)
    team = filters.ModelChoiceFilter(queryset=teams_in_sight)

    class Meta:
        model = ModelVersion
        fields = ["kind", "state", "team"]


class ModelOut(serializers.ModelSerializer[ModelVersion]):
    """A version with what it was made from and how good it was on data it had not seen."""

    team_name = serializers.CharField(source="team.name", read_only=True)
    trained_by_name = serializers.CharField(
        source="trained_by.name", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = ModelVersion
        fields = [
            "id", "kind", "number", "team", "team_name", "state", "state_reason", "state_at",
            "batch", "known_at", "data_sha256", "rows", "params", "scores", "reason", "trained_at",
            "trained_by", "trained_by_name", "cpu_seconds", "request_id",
        ]  # fmt: skip


class ModelDetailOut(ModelOut):
    """The same with its fingerprint and what is in use instead."""

    content_sha256 = serializers.CharField(read_only=True)
    in_use = serializers.SerializerMethodField()

    class Meta(ModelOut.Meta):
        fields = [*ModelOut.Meta.fields, "content_sha256", "in_use"]

    def get_in_use(self, version: ModelVersion) -> int | None:
        other = beside(version)
        return other.pk if other else None


class TrainIn(serializers.Serializer[object]):
    """Which kind of model is trained, on the data of which team and all below it."""

    kind = serializers.ChoiceField(choices=ModelVersion.Kind.choices)
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.none())

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        fields = super().get_fields()
        request = self.context.get("request")
        # The description of the API is made for nobody.
        if request and request.user.is_authenticated:
            seen = teams_in_sight(request)
            above = {up for team in seen for up in paths_up(team.path)}
            fields["team"].queryset = Team.objects.filter(path__in=above)  # type: ignore[attr-defined]
        return fields


class WorkOut(serializers.ModelSerializer[OutboxItem]):
    """Work that is being done; ``version`` is what came of it, ``refused`` why nothing did."""

    version = serializers.IntegerField(source="result.version", allow_null=True, default=None)
    refused = serializers.CharField(source="result.refused", default="")

    class Meta:
        model = OutboxItem
        fields = ["id", "state", "progress_done", "progress_total", "progress_note", "version", "refused"]  # fmt: skip


class PromoteIn(serializers.Serializer[object]):
    reason = serializers.CharField(max_length=2000)


class PromoteAsked(serializers.ModelSerializer[ChangeRequest]):
    """The request that somebody else decides."""

    class Meta:
        model = ChangeRequest
        fields = ["id", "reference", "state"]


class Models(generics.ListAPIView[ModelVersion]):
    """Every version of every model, by kind, the newest first."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = ModelOut
    filterset_class = ModelFilter
    queryset = ModelVersion.objects.none()

    def get_queryset(self) -> ModelVersionQuerySet:
        return versions_for(person(self.request))


class ModelDetail(APIView):
    """One version."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=ModelDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(versions_for(person(request)), pk=pk)
        return Response(ModelDetailOut(found).data)


class ModelTrain(APIView):
    """Have a model trained; the answer is the work, ask for it until it is done."""

    acts = {"POST": Act.RUN_MODELS}

    @extend_schema(request=TrainIn, responses={202: WorkOut})
    def post(self, request: Request) -> Response:
        asked = TrainIn(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        item = train_request(**asked.validated_data, user=person(request), at=clock.now())
        return Response(WorkOut(item).data, status=202)


class Training(APIView):
    """How far a training is."""

    acts = {"GET": Act.RUN_MODELS}

    @extend_schema(responses=WorkOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(WorkOut(get_object_or_404(trainings_of(person(request)), pk=pk)).data)


class TrainingStop(APIView):
    """Stop a training; versions made so far stay."""

    acts = {"POST": Act.RUN_MODELS}

    @extend_schema(request=None, responses=WorkOut)
    def post(self, request: Request, pk: int) -> Response:
        item = get_object_or_404(trainings_of(person(request)), pk=pk)
        outbox.stop(item.pk, now=clock.now())
        item.refresh_from_db()
        return Response(WorkOut(item).data)


class ModelPromote(APIView):
    """Ask for a version to be put in use; neither you nor its trainer decides."""

    acts = {"POST": Act.PROPOSE_MODEL}

    @extend_schema(request=PromoteIn, responses={201: PromoteAsked})
    def post(self, request: Request, pk: int) -> Response:
        version = get_object_or_404(versions_for(person(request)), pk=pk)
        asked = PromoteIn(data=request.data)
        asked.is_valid(raise_exception=True)
        made = promote_ask(
            version=version, user=person(request), reason=asked.validated_data["reason"],
            at=clock.now(),
        )  # fmt: skip
        return Response(PromoteAsked(made).data, status=201)
