"""The audit trail and the global search over the API."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import SIGNED_IN, Act
from accounts.permissions import person
from core import events
from core import search as finder
from core.models import Event, EventSeal
from reporting.forms import EventFilter
from reporting.selectors.audit import events_for


class EventOut(serializers.ModelSerializer[Event]):
    class Meta:
        model = Event
        fields = [
            "id", "at", "actor_kind", "actor_id", "actor_name", "action", "subject_type",
            "subject_id", "subject_label", "before", "after", "reason", "signature",
        ]  # fmt: skip


class Events(generics.ListAPIView[Event]):
    """Events the person may read, newest first."""

    acts = {"GET": Act.VIEW_AUDIT}
    serializer_class = EventOut
    filterset_class = EventFilter
    queryset = Event.objects.none()

    def get_queryset(self) -> QuerySet[Event]:
        return events_for(person(self.request))


class WholeEventOut(EventOut):
    """An event with its place in the chain; ``is_genuine`` says that it is as it was written."""

    is_genuine = serializers.SerializerMethodField()
    position = serializers.SerializerMethodField()
    digest = serializers.SerializerMethodField()

    class Meta(EventOut.Meta):
        fields = [*EventOut.Meta.fields, "is_genuine", "position", "digest"]

    def get_is_genuine(self, event: Event) -> bool:
        return event.signature == events.signature(event)

    def get_position(self, event: Event) -> int | None:
        seal = self._seal(event)
        return seal.position if seal else None

    def get_digest(self, event: Event) -> str | None:
        seal = self._seal(event)
        return seal.digest if seal else None

    def _seal(self, event: Event) -> EventSeal | None:
        return getattr(event, "seal", None)


class EventDetail(generics.RetrieveAPIView[Event]):
    """One event with its seal."""

    acts = {"GET": Act.VIEW_AUDIT}
    serializer_class = WholeEventOut
    queryset = Event.objects.none()

    def get_queryset(self) -> QuerySet[Event]:
        return events_for(person(self.request)).select_related("seal")


class HeadOut(serializers.Serializer[events.Head]):
    """The end of the sealed chain; keep it elsewhere to prove later that nothing was cut."""

    position = serializers.IntegerField()
    digest = serializers.CharField()


class TrailHead(APIView):
    """How many events are sealed, and the digest of the last one."""

    acts = {"GET": Act.VIEW_AUDIT}

    @extend_schema(responses=HeadOut)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(HeadOut(events.head()).data)


class HitOut(serializers.Serializer[finder.Hit]):
    """One thing found, and the address of its page."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    detail = serializers.CharField()
    url = serializers.CharField()


class Search(APIView):
    """Campaigns, requests, alerts, reports, people: whatever has the words, as far as one may see it."""

    acts = {"GET": SIGNED_IN}

    @extend_schema(
        parameters=[OpenApiParameter("q", str, required=True)], responses=HitOut(many=True)
    )
    def get(self, request: Request) -> Response:
        kinds = finder.find(person(request), request.query_params.get("q", ""))
        hits = [hit for found in kinds.values() for hit in found]
        return Response([HitOut(hit).data for hit in hits])
