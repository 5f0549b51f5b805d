"""Spending checks over the API."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from budgets.api.serializers import orders as shapes
from budgets.models import SpendingCheck
from budgets.selectors.checks import checks_for
from budgets.services.checks import SETS_CHECKS, check_clear, check_set
from core import clock
from core.api import read

SCOPE = ("budget_line", "team", "channel")


class Checks(generics.ListAPIView[SpendingCheck]):
    """What stops, warns or is ignored, and where; set it for a scope."""

    acts = {"GET": Act.VIEW_MONEY, "POST": SETS_CHECKS}
    serializer_class = shapes.CheckOut
    filter_backends = ()
    queryset = SpendingCheck.objects.none()

    def get_queryset(self) -> QuerySet[SpendingCheck]:
        return checks_for(person(self.request)).order_by("pk")

    @extend_schema(request=shapes.CheckIn, responses=shapes.CheckOut)
    def post(self, request: Request) -> Response:
        fields = read(shapes.CheckIn, request)
        scope = {name: fields.pop(name) for name in SCOPE}
        row = check_set(user=person(request), levels=fields, at=clock.now(), **scope)
        return Response(shapes.CheckOut(row).data)


class CheckDetail(APIView):
    """Take a check away: the next wider one decides there."""

    acts = {"DELETE": SETS_CHECKS}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        user = person(request)
        found = get_object_or_404(checks_for(user), pk=pk)
        check_clear(check=found, user=user, at=clock.now())
        return Response(status=204)
