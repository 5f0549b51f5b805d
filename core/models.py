"""The shared records: the organisation, the event trail and its seals, the outbox, schedules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from core.periods import FiscalCalendar

# The organisation as the request under way has read it; None outside of requests.
_read: ContextVar[list[Organisation] | None] = ContextVar("organisation", default=None)


class Organisation(models.Model):
    """The one organisation an installation serves: how it counts time and money."""

    class FiscalPattern(models.TextChoices):
        CALENDAR = "calendar", "Calendar months"
        WEEKS_445 = "445", "4-4-5 weeks"

    name = models.CharField(max_length=120, default="My organisation")
    reporting_currency = models.CharField(max_length=3, default="EUR")
    time_zone = models.CharField(max_length=64, default="UTC")
    fiscal_start_month = models.PositiveSmallIntegerField(default=1)
    fiscal_pattern = models.CharField(
        max_length=8, choices=FiscalPattern.choices, default=FiscalPattern.CALENDAR
    )
    week_start = models.PositiveSmallIntegerField(default=0)
    classification = models.CharField(max_length=40, default="Internal")
    # The kill switch: set while everything that happens by itself stands still.
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.CharField(max_length=200, blank=True)
    stopped_because = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="core_organisation_is_one"),
            models.CheckConstraint(
                condition=Q(fiscal_start_month__range=(1, 12)), name="core_organisation_start_month"
            ),
            models.CheckConstraint(
                condition=Q(week_start__lte=6), name="core_organisation_week_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        if read := _read.get():
            read.clear()

    @classmethod
    def current(cls) -> Self:
        """The organisation; created with defaults when the installation is new."""
        read: list[Any] | None = _read.get()
        if read is None:
            return cls.objects.get_or_create(pk=1)[0]
        if not read:
            read.append(cls.objects.get_or_create(pk=1)[0])
        found: Self = read[0]
        return found

    @staticmethod
    @contextmanager
    def read_once() -> Iterator[None]:
        """Within, the organisation is read once: a page asks for it dozens of times."""
        before = _read.set([])
        try:
            yield
        finally:
            _read.reset(before)

    @property
    def calendar(self) -> FiscalCalendar:
        return FiscalCalendar(self.fiscal_start_month, self.fiscal_pattern, self.week_start)


class Event(models.Model):
    """One change, written in the transaction that made it; never updated or deleted.

    The actor is kept by number and name without a foreign key, so that history
    survives the people. ``team_path`` decides who may read it.
    """

    class ActorKind(models.TextChoices):
        PERSON = "person", "Person"
        AUTOMATION = "automation", "Automation"
        SYSTEM = "system", "System"

    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=12, choices=ActorKind.choices)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    action = models.CharField(max_length=80, db_index=True)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=40)
    subject_label = models.CharField(max_length=300)
    team_path = models.CharField(max_length=200, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    is_security = models.BooleanField(default=False)
    signature = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="core_event_subject"),
            models.Index(fields=["actor_id", "-id"], name="core_event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_label} by {self.actor_name}"


class EventSeal(models.Model):
    """The place of an event in the hash chain; ``digest`` covers the one before it."""

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="seal")
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position} {self.digest[:12]}"


class OutboxItem(models.Model):
    """Work that must happen: a row first, a job second, swept up when a worker dies."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped by a person"
        NEEDS_PERSON = "needs_person", "Needs a person"

    kind = models.CharField(max_length=80)
    key = models.CharField(max_length=200, unique=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True)
    progress_note = models.CharField(max_length=200, blank=True)
    stop_requested = models.BooleanField(default=False)

    # Set by the worker that holds the lease: the time while the work lasts.
    clock: Callable[[], datetime]

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["pending", "running"]),
                name="core_outbox_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.state})"


class ScheduledRun(models.Model):
    """One due slot of a schedule; the unique key lets two clocks tick at once."""

    schedule = models.CharField(max_length=80)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField()
    outbox = models.ForeignKey(OutboxItem, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-due_at"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="core_schedule_slot_once")
        ]

    def __str__(self) -> str:
        return f"{self.schedule} due {self.due_at:%Y-%m-%d %H:%M}"


class Heartbeat(models.Model):
    """When a part of the running system last said it lives (beat, worker, live stream)."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"


class SlowStatement(models.Model):
    """A statement to the database that took long, by its text without values."""

    digest = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()
    # The page or kind of job that asked last.
    place = models.CharField(max_length=200)
    times = models.PositiveIntegerField()
    total_ms = models.PositiveBigIntegerField()
    worst_ms = models.PositiveIntegerField()
    latest_at = models.DateTimeField()

    class Meta:
        ordering = ["-total_ms"]

    def __str__(self) -> str:
        return f"{self.place}: {self.worst_ms} ms"


class FeatureSwitch(models.Model):
    """Whether a feature is on, where somebody decided it; without a row its default holds."""

    key = models.CharField(max_length=60, primary_key=True)
    is_on = models.BooleanField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200)
    # The change request by which it was allowed; empty when it was switched off by hand.
    request_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.key} {'on' if self.is_on else 'off'}"


class IdempotencyKey(models.Model):
    """The stored answer to a write of the API: same key and body, same answer."""

    user_id = models.BigIntegerField()
    key = models.CharField(max_length=120)
    request_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    content_type = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(F("user_id"), F("key"), name="core_idempotency_key_once")
        ]

    def __str__(self) -> str:
        return self.key
