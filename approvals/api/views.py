"""Requests over the API: everything the pages can read or do."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from approvals import services
from approvals.api import serializers as shapes
from approvals.api.again import require_fresh
from approvals.forms import RequestFilter
from approvals.models import ChangeRequest
from approvals.permissions import ASKING, DECIDING
from approvals.selectors import requests_visible, waiting_for
from core import clock

SEES = (Act.VIEW_MONEY, *ASKING)
MOVE = OpenApiExample(
    "A budget move",
    value={
        "kind": "budget.reallocation",
        "title": "Move €4,000 from Display to Shopping, December",
        "reason": "Shopping still has room at peak demand.",
        "payload": {
            "moves": [
                {"budget_line": 2, "campaign_line": 3, "month": "2026-12", "amount_micros": -4000000000},
                {"budget_line": 1, "campaign_line": 1, "month": "2026-12", "amount_micros": 4000000000},
            ],
            "currency": "EUR",
        },
    },
    request_only=True,
)  # fmt: skip


def find_request(request: Request, pk: int) -> ChangeRequest:
    """A request in the caller's sight, or 404."""
    return get_object_or_404(requests_visible(person(request), at=clock.now()), pk=pk)


def request_answer(asked: ChangeRequest, status: int = 200) -> Response:
    """A request with everything, as it is stored now."""
    fresh = ChangeRequest.objects.select_related("team", "requested_by").get(pk=asked.pk)
    return Response(shapes.RequestDetailOut(fresh).data, status=status)


class Requests(generics.ListAPIView[ChangeRequest]):
    """List requests in sight; ask for a change."""

    acts = {"GET": SEES, "POST": ASKING}
    serializer_class = shapes.RequestOut
    filterset_class = RequestFilter
    queryset = ChangeRequest.objects.none()

    def get_queryset(self) -> QuerySet[ChangeRequest]:
        return requests_visible(person(self.request), at=clock.now())

    @extend_schema(
        request=shapes.RequestIn, responses={201: shapes.RequestDetailOut}, examples=[MOVE]
    )
    def post(self, request: Request) -> Response:
        data = shapes.RequestIn(data=request.data)
        data.is_valid(raise_exception=True)
        made = services.request_create(
            user=person(request), evidence={}, at=clock.now(), **data.validated_data
        )
        return request_answer(made, 201)


class WaitingRequests(APIView):
    """Requests that wait for the caller's own decision, the one that lapses first on top."""

    acts = {"GET": SEES}

    @extend_schema(responses=shapes.RequestOut(many=True))
    def get(self, request: Request) -> Response:
        rows = waiting_for(person(request), now=clock.now())
        return Response(shapes.RequestOut(rows, many=True).data)


class RequestDetail(APIView):
    """One request with before and after, steps, decisions and comments; change it."""

    acts = {"GET": SEES, "PATCH": (Act.EDIT_SUBMITTED, *ASKING)}

    @extend_schema(responses=shapes.RequestDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        asked = find_request(request, pk)
        services.look_record(request=asked, user=person(request), at=clock.now())
        return request_answer(asked)

    @extend_schema(request=shapes.RequestChange, responses=shapes.RequestDetailOut)
    def patch(self, request: Request, pk: int) -> Response:
        data = shapes.RequestChange(data=request.data)
        data.is_valid(raise_exception=True)
        changed = services.request_edit(
            request=find_request(request, pk),
            user=person(request),
            at=clock.now(),
            **data.validated_data,
        )
        return request_answer(changed)


class RequestSubmit(APIView):
    """Send a draft for approval."""

    acts = {"POST": (Act.SUBMIT_REQUEST, *ASKING)}

    @extend_schema(request=None, responses=shapes.RequestDetailOut)
    def post(self, request: Request, pk: int) -> Response:
        sent = services.request_submit(
            request=find_request(request, pk), user=person(request), at=clock.now()
        )
        return request_answer(sent)


class RequestWithdraw(APIView):
    """Take back one's own request."""

    acts = {"POST": (Act.WITHDRAW_REQUEST, *ASKING)}

    @extend_schema(request=shapes.WithdrawIn, responses=shapes.RequestDetailOut)
    def post(self, request: Request, pk: int) -> Response:
        data = shapes.WithdrawIn(data=request.data)
        data.is_valid(raise_exception=True)
        gone = services.request_withdraw(
            request=find_request(request, pk),
            user=person(request),
            at=clock.now(),
            **data.validated_data,
        )
        return request_answer(gone)


class RequestDecide(APIView):
    """Approve, reject, ask for changes or recommend; 409 when it is too late or was changed.

    A token decides only when it was made for approving, and never above the first threshold.
    """

    acts = {"POST": DECIDING}

    @extend_schema(
        request=shapes.DecisionIn,
        responses=shapes.RequestDetailOut,
        examples=[
            OpenApiExample(
                "Approve",
                value={"outcome": "approve", "content_hash": "0f3c…64 hexadecimal digits"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        asked = find_request(request, pk)
        data = shapes.DecisionIn(data=request.data)
        data.is_valid(raise_exception=True)
        require_fresh(request, [asked], data.validated_data["outcome"])
        decided = services.request_decide(
            request=asked,
            user=person(request),
            at=clock.now(),
            channel="api",
            **data.validated_data,
        )
        return request_answer(decided)


class RequestComments(APIView):
    """Remarks on a request."""

    acts = {"GET": SEES, "POST": SEES}

    @extend_schema(responses=shapes.CommentOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        rows = find_request(request, pk).comments.select_related("user")
        return Response(shapes.CommentOut(rows, many=True).data)

    @extend_schema(request=shapes.CommentIn, responses={201: shapes.CommentOut})
    def post(self, request: Request, pk: int) -> Response:
        asked = find_request(request, pk)
        data = shapes.CommentIn(data=request.data)
        data.is_valid(raise_exception=True)
        comment = services.request_comment(
            request=asked, user=person(request), at=clock.now(), **data.validated_data
        )
        return Response(shapes.CommentOut(comment).data, status=201)
