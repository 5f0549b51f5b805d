"""The audit trail over the API, with the filters of the page."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import generics, serializers

from accounts.choices import Act
from accounts.permissions import person
from core.models import Event
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
