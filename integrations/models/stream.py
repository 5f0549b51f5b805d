"""Events that come in one by one: what was accepted, what it adds up to, and when it was counted.

``StreamEvent`` is written when an event is accepted and never again; ``StreamTotal`` is the sum
of the counted events of a subject's day. Events and deliveries are counted in the order of their
numbers: everything up to ``EventStream.counted_event`` is in the totals, and in the facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import scope_for
from campaigns.models import CampaignLine
from core.models import OutboxItem
from integrations.choices import EventKind
from integrations.models.runs import ImportRun
from integrations.models.sources import Source
from metrics.models import Batch

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL
# What an event may add to; each is a measure of the facts.
EVENT_SUMS = ("impressions", "clicks", "spend", "conversions", "revenue")


class EventStreamQuerySet(models.QuerySet["EventStream"]):
    def for_user(self, user: User) -> Self:
        """Only streams of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("source__team__path"))


class EventStream(models.Model):
    """A source whose facts come as single events.

    While ``is_awake`` somebody counts (or is about to); ``alive_at`` is when they last said so.
    """

    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="stream")
    opened_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    is_awake = models.BooleanField(default=False)
    alive_at = models.DateTimeField(null=True)
    wakes = models.BigIntegerField(default=0)
    counted_event = models.BigIntegerField(default=0)
    counted_delivery = models.BigIntegerField(default=0)

    objects = EventStreamQuerySet.as_manager()

    class Meta:
        ordering = ["source__name"]

    def __str__(self) -> str:
        return self.source.name


class StreamRun(models.Model):
    """The import run that collects what a stream brought on one day of its time zone."""

    stream = models.ForeignKey(EventStream, on_delete=models.PROTECT, related_name="runs")
    day = models.DateField()
    run = models.OneToOneField(ImportRun, on_delete=models.PROTECT, related_name="stream_run")

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "day"], name="integrations_stream_run_once")
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.day}"


class StreamDelivery(models.Model):
    """One request with events, and what became of its lines."""

    stream = models.ForeignKey(EventStream, on_delete=models.PROTECT, related_name="deliveries")
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="deliveries")
    received_at = models.DateTimeField()
    sent_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    size = models.BigIntegerField()
    accepted = models.PositiveIntegerField()
    known = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.stream_id}: {self.accepted} at {self.received_at:%H:%M:%S}"


class StreamSubject(models.Model):
    """A campaign as the events of a stream name it, and the line it was found to be."""

    stream = models.ForeignKey(EventStream, on_delete=models.CASCADE, related_name="subjects")
    campaign_id = models.CharField(max_length=120, blank=True)
    campaign = models.CharField(max_length=300, blank=True)
    channel = models.CharField(max_length=40, blank=True)
    line = models.ForeignKey(CampaignLine, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stream", "campaign_id", "campaign", "channel"],
                name="integrations_stream_subject_once",
            )
        ]

    def __str__(self) -> str:
        return self.campaign or self.campaign_id


class Sums(models.Model):
    """What events add up to; empty where none of them says."""

    impressions = models.BigIntegerField(null=True)
    clicks = models.BigIntegerField(null=True)
    spend = models.BigIntegerField(null=True)
    conversions = models.BigIntegerField(null=True)
    revenue = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


class StreamEvent(Sums):
    """One accepted event. ``topic`` names what is no ad delivery (product:signup), ``person`` is a token."""

    stream = models.ForeignKey(
        EventStream, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    event_id = models.CharField(max_length=100)
    digest = models.UUIDField()
    kind = models.CharField(max_length=12, choices=EventKind.choices)
    topic = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    day = models.DateField()
    received_at = models.DateTimeField()
    subject = models.ForeignKey(
        StreamSubject, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.CharField(max_length=48, blank=True)
    is_withdrawn = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["stream", "event_id"], name="integrations_stream_event_once"
            )
        ]
        indexes = [
            models.Index(fields=["stream", "id"], name="integrations_stream_in_order"),
            models.Index(
                fields=["person"],
                condition=~models.Q(person=""),
                name="integrations_stream_person",
            ),
        ]

    def __str__(self) -> str:
        return self.event_id


class StreamTotal(Sums):
    """The sum of a stream's counted events of one subject or topic on one day."""

    stream = models.ForeignKey(EventStream, on_delete=models.PROTECT, related_name="totals")
    subject = models.ForeignKey(
        StreamSubject, null=True, on_delete=models.PROTECT, related_name="totals"
    )
    topic = models.CharField(max_length=100, blank=True)
    day = models.DateField()
    events = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stream", "subject", "topic", "day"],
                name="integrations_stream_total_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject or self.topic} {self.day}"


class StreamFlush(models.Model):
    """One micro-batch: which events were counted, how long they had waited, what looked at them.

    The lags are from an event's arrival until it was in the facts, in milliseconds.
    """

    stream = models.ForeignKey(EventStream, on_delete=models.PROTECT, related_name="flushes")
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="flushes")
    batch = models.OneToOneField(
        Batch, null=True, on_delete=models.PROTECT, related_name="stream_flush"
    )
    # What it brought into the journeys of people, which is undone apart from the facts.
    journeys = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="+")
    first_event = models.BigIntegerField()
    last_event = models.BigIntegerField()
    events = models.PositiveIntegerField()
    oldest_at = models.DateTimeField()
    visible_at = models.DateTimeField(db_index=True)
    lag_p50 = models.PositiveIntegerField()
    lag_p95 = models.PositiveIntegerField()
    lag_max = models.PositiveIntegerField()
    # The check of rules that this batch is part of.
    check_item = models.ForeignKey(
        OutboxItem, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["stream", "visible_at"], name="integrations_flush_visible")]

    def __str__(self) -> str:
        return f"{self.stream_id}: {self.events} at {self.visible_at:%H:%M:%S}"
