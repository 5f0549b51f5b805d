"""Event streams: where events are sent, and how each stream is doing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person, sees_money
from core import clock
from core.api import read
from core.errors import AdroitError, Invalid
from integrations.api import stream_shapes as shapes
from integrations.models import EventStream, StreamEvent
from integrations.rules.stream import LIMITS, NotPacked, TooLarge, unpacked
from integrations.selectors.streams import health_of, latest_events, pieces_of, streams_for
from integrations.services.stream import Busy, Receipt, events_accept, stream_open

# Reasons of so many lines are told in the answer; all of them are in quarantine.
TOLD = 100
SENT = OpenApiExample(
    "A spend tick and a conversion",
    value='{"id": "t-1", "kind": "spend", "at": "2026-11-22T09:30:00Z", "campaign": "Winter", "amount": "1.25"}\n'
    '{"id": "c-1", "kind": "conversion", "at": "2026-11-22T09:31:00Z", "campaign": "Winter", "value": "80"}\n',
    request_only=True,
    media_type="application/x-ndjson",
)


class AsSent(BaseParser):
    """The body as bytes, no further than the limit."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> dict[str, bytes]:
        return {"body": stream.read(LIMITS.packed + 1)}


class TooMuch(AdroitError):
    """The body is over a limit; nothing of it was taken."""

    status = 413
    code = "too_large"


class Events(APIView):
    """Send events, one JSON object a line; each id counts once, however often it is sent.

    Bad lines are answered with number and reason and go to quarantine, the others are taken:
    202. When every line is bad: 422. While too much waits to be counted: 429 with
    Retry-After, and nothing was taken. The body may be packed (Content-Encoding: gzip).
    """

    acts = {"POST": Act.SEND_EVENTS}
    parser_classes = (AsSent,)

    @extend_schema(
        parameters=[
            OpenApiParameter("stream", str, required=True, description="The key of the stream")
        ],
        request={"application/x-ndjson": OpenApiTypes.STR},
        responses={
            202: shapes.ReceiptOut,
            413: OpenApiTypes.OBJECT,
            415: OpenApiTypes.OBJECT,
            422: OpenApiTypes.OBJECT,
            429: OpenApiTypes.OBJECT,
        },
        examples=[SENT],
    )
    def post(self, request: Request) -> Response:
        at, user = clock.now(), person(request)
        stream = _named(request)
        try:
            body = unpacked(request.data.get("body", b""), _encoding(request))
            receipt = events_accept(stream=stream, user=user, body=body, at=at)
        except Busy as busy:
            waiting = {"Retry-After": str(busy.retry_after)}
            return Response(busy.as_dict(), status=busy.status, headers=waiting)
        except TooLarge as error:
            raise TooMuch(str(error), remedy="Send fewer lines at once.") from error
        except NotPacked as error:
            raise Invalid(str(error), code="not_packed", where="Content-Encoding") from error
        _refuse_all_bad(receipt)
        return Response(shapes.ReceiptOut(receipt).data, status=202)


def _named(request: Request) -> EventStream:
    key = request.query_params.get("stream", "")
    if not key or "\x00" in key:
        raise Invalid(
            "Say which stream the events belong to.",
            where="stream",
            remedy="Add ?stream=KEY; the keys are on the page Imports, Event streams.",
        )
    return get_object_or_404(streams_for(person(request)), source__key=key)


def _encoding(request: Request) -> str:
    said = request.headers.get("Content-Encoding", "").strip().lower()
    if said in ("", "identity", "gzip"):
        return said
    error = Invalid("Only gzip is unpacked.", code="unknown_encoding", where="Content-Encoding")
    error.status = 415
    raise error


def _refuse_all_bad(receipt: Receipt) -> None:
    if receipt.rejected and not receipt.accepted and not receipt.known:
        raise Invalid(
            "No line could be taken; all of them are in quarantine.",
            code="all_lines_bad",
            details=list(shapes.BadLineOut(receipt.rejected[:TOLD], many=True).data),
        )


class Streams(APIView):
    """Event streams with rate, backlog and lag; open one."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.SEND_EVENTS}

    @extend_schema(responses=shapes.StreamOut(many=True))
    def get(self, request: Request) -> Response:
        now = clock.now()
        found = [health_of(stream, now) for stream in streams_for(person(request))]
        return Response(shapes.StreamOut(found, many=True).data)

    @extend_schema(request=shapes.StreamIn, responses={201: shapes.StreamOut})
    def post(self, request: Request) -> Response:
        now = clock.now()
        stream = stream_open(user=person(request), at=now, **read(shapes.StreamIn, request))
        return Response(shapes.StreamOut(health_of(stream, now)).data, status=201)


OVER = ["hour", "day"]


class StreamDetail(APIView):
    """One stream, and how it went over the last hour by minutes or the last day by half hours."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        parameters=[OpenApiParameter("over", str, enum=OVER)],
        responses=shapes.StreamDetailOut,
    )
    def get(self, request: Request, pk: int) -> Response:
        now = clock.now()
        stream = get_object_or_404(streams_for(person(request)), pk=pk)
        over = request.query_params.get("over") or "hour"
        if over not in OVER:
            raise Invalid(f"“{over}” is neither.", where="over", remedy="Use hour or day.")
        health = shapes.StreamOut(health_of(stream, now)).data
        pieces = shapes.PieceOut(pieces_of(stream, over, now), many=True).data
        return Response({**health, "over": over, "pieces": pieces})


class StreamEvents(generics.ListAPIView[StreamEvent]):
    """The events of a stream, newest first."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = shapes.StreamEventOut
    queryset = StreamEvent.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[StreamEvent]:
        if getattr(self, "swagger_fake_view", False):
            return StreamEvent.objects.none()
        stream = get_object_or_404(streams_for(person(self.request)), pk=self.kwargs["pk"])
        return latest_events(stream)

    def get_serializer_context(self) -> dict[str, Any]:
        user = person(self.request) if self.request.user.is_authenticated else None
        return {**super().get_serializer_context(), "money": bool(user and sees_money(user))}
