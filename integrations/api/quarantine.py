"""Quarantine over the API: the queue of every import, mending rows, dismissing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
from integrations.api.serializers import HeldRowOut
from integrations.forms import QuarantineFilter
from integrations.models import QuarantinedRow
from integrations.selectors import depends_on, quarantine_for, runs_for
from metrics.selectors import Dependent

Values = Mapping[str, Any]


class QueuedRowOut(HeldRowOut):
    """A row that could not be read, with its import, and what became of it."""

    file_name = serializers.CharField(source="run.file_name", read_only=True)
    team = serializers.IntegerField(source="run.team_id", read_only=True)
    mended = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(HeldRowOut.Meta):
        fields = [*HeldRowOut.Meta.fields, "run", "file_name", "team", "mended", "batch", "reason"]


class RowIn(serializers.Serializer[Values]):
    """A row by its key, with all its cells from the first to the last."""

    id = serializers.IntegerField()
    cells = serializers.ListField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=2_000),
        max_length=services.MOST_CELLS,
    )


class MendIn(serializers.Serializer[Values]):
    """Rows of one import as they should have been."""

    rows = RowIn(many=True, allow_empty=False)


class MendOut(serializers.Serializer[services.Mending]):
    """What was imported and what still cannot be read; ``batch`` is empty when nothing changed."""

    mended = HeldRowOut(many=True)
    held = HeldRowOut(many=True)
    batch = serializers.IntegerField(
        source="batch.pk", read_only=True, allow_null=True, default=None
    )


class RowDismissIn(serializers.Serializer[Values]):
    """Rows of one import to leave out, and why."""

    ids = serializers.ListField(child=serializers.IntegerField(), allow_empty=False)
    reason = serializers.CharField()


class DismissOut(serializers.Serializer[Values]):
    dismissed = serializers.IntegerField()


class DependentOut(serializers.Serializer[Dependent]):
    """Something that stands on an import, and what undoing it would mean."""

    what = serializers.CharField()
    name = serializers.CharField()
    url = serializers.CharField()
    meaning = serializers.CharField()


class Queue(generics.ListAPIView[QuarantinedRow]):
    """Rows that could not be read, of every import in sight; those that wait, unless asked."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = QueuedRowOut
    filterset_class = QuarantineFilter
    queryset = QuarantinedRow.objects.none()

    def get_queryset(self) -> QuerySet[QuarantinedRow]:
        return quarantine_for(person(self.request))


class Mend(APIView):
    """Read an import again with rows written anew; good ones are imported as a following batch."""

    acts = {"POST": Act.CONFIRM_PARTIAL}

    @extend_schema(request=MendIn, responses=MendOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        run = get_object_or_404(runs_for(user), pk=pk)
        data = MendIn(data=request.data)
        data.is_valid(raise_exception=True)
        cells = {row["id"]: row["cells"] for row in data.validated_data["rows"]}
        result = services.rows_mend(
            run, cells=cells, user=user, today=clock.today(), at=clock.now()
        )
        return Response(MendOut(result).data)


class Dismiss(APIView):
    """Leave rows of an import out for good."""

    acts = {"POST": Act.CONFIRM_PARTIAL}

    @extend_schema(request=RowDismissIn, responses=DismissOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        run = get_object_or_404(runs_for(user), pk=pk)
        data = RowDismissIn(data=request.data)
        data.is_valid(raise_exception=True)
        count = services.rows_dismiss(
            run,
            ids=data.validated_data["ids"],
            user=user,
            reason=data.validated_data["reason"],
            at=clock.now(),
        )
        return Response({"dismissed": count})


class Dependents(APIView):
    """What stands on an import: later imports, findings, requests and packs."""

    acts = {"GET": Act.UNDO_IMPORT}

    @extend_schema(responses=DependentOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        user = person(request)
        run = get_object_or_404(runs_for(user), pk=pk)
        shown: Any = depends_on(run, user)  # its stubs know single objects only
        return Response(DependentOut(shown, many=True).data)
