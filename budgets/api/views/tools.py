"""The register of marketing tools over the API."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from budgets.api.serializers import tools as shapes
from budgets.forms.tools import ToolFilter, tool_fields
from budgets.models import Tool
from budgets.rules.tool_uses import UseRow
from budgets.selectors.tools import ToolStanding, tool_standing, tool_standings, tools_for
from budgets.services.attachments import attachment_add
from budgets.services.tools import tool_cancel, tool_change, tool_create, tool_uses_enter
from core import clock
from core.api import read

SOURCE = "API"
EXAMPLE = OpenApiExample(
    "A newsletter tool",
    value={
        "name": "Mailflow", "team": 1, "owner": 1, "yearly": "18000.00", "currency": "EUR",
        "seats": 40, "starts_on": "2025-01-01", "renews_on": "2027-01-01", "notice_days": 90,
    },
    request_only=True,
)  # fmt: skip


def _find(request: Request, pk: int) -> ToolStanding:
    found = tool_standing(person(request), pk, today=clock.today())
    if found is None:
        raise Http404
    return found


class Tools(generics.ListAPIView[Tool]):
    """Tools in sight with their costs, notice and use; enter one."""

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.ToolOut
    filterset_class = ToolFilter
    queryset = Tool.objects.none()

    def get_queryset(self) -> QuerySet[Tool]:
        return tools_for(person(self.request)).order_by("renews_on", "name")

    def paginate_queryset(self, queryset: QuerySet[Tool]) -> list[ToolStanding] | None:  # type: ignore[override]
        rows = super().paginate_queryset(queryset)
        return None if rows is None else tool_standings(rows, today=clock.today())

    @extend_schema(request=shapes.ToolIn, responses={201: shapes.ToolOut}, examples=[EXAMPLE])
    def post(self, request: Request) -> Response:
        fields = tool_fields({"budget_line": None} | read(shapes.ToolIn, request))
        made = tool_create(user=person(request), fields=fields, at=clock.now())
        return Response(shapes.ToolOut(_find(request, made.pk)).data, status=201)


class ToolDetail(APIView):
    """One tool; change its contract, its owner or its cost."""

    acts = {"GET": Act.VIEW_MONEY, "PUT": Act.DRAFT_REQUEST}

    @extend_schema(responses=shapes.ToolOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.ToolOut(_find(request, pk)).data)

    @extend_schema(request=shapes.ToolIn, responses=shapes.ToolOut, examples=[EXAMPLE])
    def put(self, request: Request, pk: int) -> Response:
        tool = _find(request, pk).tool
        fields = tool_fields({"budget_line": None} | read(shapes.ToolIn, request))
        tool_change(tool=tool, user=person(request), fields=fields, at=clock.now())
        return Response(shapes.ToolOut(_find(request, pk)).data)


class ToolCancel(APIView):
    """Notice was given: nobody is reminded of the tool any more."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.ToolCancelIn, responses=shapes.ToolOut)
    def post(self, request: Request, pk: int) -> Response:
        reason = read(shapes.ToolCancelIn, request)["reason"]
        tool = _find(request, pk).tool
        tool_cancel(tool=tool, user=person(request), reason=reason, at=clock.now())
        return Response(shapes.ToolOut(_find(request, pk)).data)


class ToolCount(APIView):
    """How many people used one tool in the month before a day."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.CountIn, responses=shapes.UsesOut)
    def post(self, request: Request, pk: int) -> Response:
        tool = _find(request, pk).tool
        row = UseRow(tool.name, **read(shapes.CountIn, request))
        kept = tool_uses_enter(
            user=person(request), rows=[row], source=SOURCE, at=clock.now(), tool=tool
        )
        return Response(shapes.UsesOut({"kept": kept}).data)


class ToolUses(APIView):
    """Counts of active users of many tools, all of them or none."""

    acts = {"POST": Act.DRAFT_REQUEST}

    @extend_schema(request=shapes.UsesIn, responses=shapes.UsesOut)
    def post(self, request: Request) -> Response:
        rows = [UseRow(**one) for one in read(shapes.UsesIn, request)["counts"]]
        kept = tool_uses_enter(user=person(request), rows=rows, source=SOURCE, at=clock.now())
        return Response(shapes.UsesOut({"kept": kept}).data)


class ToolFiles(APIView):
    """Keep a file with a tool."""

    acts = {"POST": (Act.DRAFT_REQUEST, Act.CLOSE_PERIOD)}
    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": shapes.FileIn}, responses={201: shapes.FileOut})
    def post(self, request: Request, pk: int) -> Response:
        tool = _find(request, pk).tool
        upload = read(shapes.FileIn, request)["file"]
        kept = attachment_add(target=tool, user=person(request), upload=upload, at=clock.now())
        return Response(shapes.FileOut(kept).data, status=201)
