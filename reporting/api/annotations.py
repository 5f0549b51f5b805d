"""Remarks on charts over the API."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.models import Team
from accounts.permissions import person
from accounts.selectors import open_teams_for
from campaigns.models import Campaign
from core import clock
from core.api import Seen, read
from reporting import services
from reporting.forms import AnnotationFilter
from reporting.models import Annotation
from reporting.selectors.annotations import annotations_for, deleted_annotations_for

STRIKE = OpenApiExample(
    "Three days of a strike",
    value={
        "campaign": 12,
        "first_day": "2026-11-03",
        "last_day": "2026-11-05",
        "text": "Parcel strike: orders were held back.",
    },
    request_only=True,
)


class AnnotationOut(serializers.ModelSerializer[Annotation]):
    """``campaign`` is null for a remark on all charts of the team."""

    campaign = serializers.IntegerField(source="campaign_id", read_only=True, allow_null=True)
    by_name = serializers.CharField(source="by.name", read_only=True)

    class Meta:
        model = Annotation
        fields = ["id", "team", "campaign", "first_day", "last_day", "text", "by", "by_name", "at"]


class AnnotationIn(serializers.Serializer[Annotation]):
    """A remark on a campaign's charts, or (without one) on those of a team."""

    campaign = Seen(
        Campaign, Campaign.objects.for_user, required=False, allow_null=True, default=None
    )
    team = Seen(Team, open_teams_for, required=False, allow_null=True, default=None)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    text = serializers.CharField(max_length=300)


class AnnotationChange(serializers.Serializer[Annotation]):
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    text = serializers.CharField(max_length=300)


class Annotations(generics.ListAPIView[Annotation]):
    """Remarks in sight; add one."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.VIEW_CAMPAIGNS}
    serializer_class = AnnotationOut
    filterset_class = AnnotationFilter
    queryset = Annotation.objects.none()

    def get_queryset(self) -> QuerySet[Annotation]:
        return annotations_for(person(self.request))

    @extend_schema(request=AnnotationIn, responses={201: AnnotationOut}, examples=[STRIKE])
    def post(self, request: Request) -> Response:
        data = read(AnnotationIn, request)
        made = services.annotation_add(user=person(request), at=clock.now(), **data)
        return Response(AnnotationOut(made).data, status=201)


class AnnotationDetail(APIView):
    """One remark; change or delete it."""

    acts = {
        "GET": Act.VIEW_CAMPAIGNS,
        "PUT": Act.VIEW_CAMPAIGNS,
        "DELETE": Act.VIEW_CAMPAIGNS,
    }

    def _remark(self, request: Request, pk: int) -> Annotation:
        return get_object_or_404(annotations_for(person(request)), pk=pk)

    @extend_schema(responses=AnnotationOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(AnnotationOut(self._remark(request, pk)).data)

    @extend_schema(request=AnnotationChange, responses=AnnotationOut)
    def put(self, request: Request, pk: int) -> Response:
        remark, data = self._remark(request, pk), read(AnnotationChange, request)
        changed = services.annotation_edit(
            annotation=remark, user=person(request), at=clock.now(), **data
        )
        return Response(AnnotationOut(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        services.annotation_delete(
            annotation=self._remark(request, pk), user=person(request), at=clock.now()
        )
        return Response(status=204)


class AnnotationUndelete(APIView):
    """Bring a deleted remark back."""

    acts = {"POST": Act.VIEW_CAMPAIGNS}

    @extend_schema(request=None, responses=AnnotationOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        remark = get_object_or_404(deleted_annotations_for(user), pk=pk)
        kept = services.annotation_undelete(annotation=remark, user=user, at=clock.now())
        return Response(AnnotationOut(kept).data)
