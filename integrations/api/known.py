"""What is known about files over the API: sources, and layouts whose columns are remembered."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from core import clock
from integrations import services
from integrations.models import Mapping, Source
from integrations.selectors import mappings_for, sources_for


class SourceOut(serializers.ModelSerializer[Source]):
    class Meta:
        model = Source
        fields = [
            "id", "key", "name", "platform", "team", "ad_account", "currency", "time_zone",
            "expected_every_days", "is_active",
        ]  # fmt: skip


class MappingOut(serializers.ModelSerializer[Mapping]):
    """Which header means what in one layout of a team's files."""

    class Meta:
        model = Mapping
        fields = [
            "id", "name", "team", "layout", "version", "columns", "settings", "used", "used_at",
            "created_at",
        ]  # fmt: skip
        extra_kwargs = {"columns": {"read_only": True}, "settings": {"read_only": True}}


class Sources(generics.ListAPIView[Source]):
    """Where figures come from."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = SourceOut
    filter_backends = ()
    queryset = Source.objects.none()

    def get_queryset(self) -> QuerySet[Source]:
        return sources_for(person(self.request)).order_by("name")


class Mappings(generics.ListAPIView[Mapping]):
    """Layouts that need no second look."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = MappingOut
    filter_backends = ()
    queryset = Mapping.objects.none()

    def get_queryset(self) -> QuerySet[Mapping]:
        return mappings_for(person(self.request))


class MappingDetail(APIView):
    """Forget a layout; what was imported with it stays."""

    acts = {"DELETE": Act.UPLOAD_IMPORT}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        user = person(request)
        mapping = get_object_or_404(mappings_for(user), pk=pk)
        services.mapping_forget(mapping, user=user, at=clock.now())
        return Response(status=204)
