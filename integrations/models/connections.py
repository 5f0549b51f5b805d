"""Accounts that are read through a platform's API, the syncs of each, and orders going out to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.models import CampaignLine
from integrations.choices import (
    OPEN_SYNCS,
    ConnectionState,
    OrderKind,
    OrderState,
    SyncKind,
    SyncState,
)
from integrations.models.runs import ImportRun
from integrations.models.sources import Source

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL
LONGEST_LOOKBACK = 60


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def for_user(self, user: User) -> Self:
        """Only connections of teams the person may see; who writes credentials sees all."""
        return self.filter(
            scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path")
            | scope_for(user, Act.WRITE_CREDENTIALS).where("team__path")
        )


class Connection(models.Model):
    """One account at one platform, read through its API.

    ``sealed`` holds the credentials and ``access`` the short-lived token, both encrypted;
    nothing shows or exports them.
    """

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    # A file of integrations/connectors/api.
    platform = models.CharField(max_length=20)
    account = models.CharField(max_length=120)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="connections")
    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="connection")
    fields = models.JSONField(default=dict)
    sealed = models.BinaryField(null=True)
    access = models.BinaryField(null=True)
    access_until = models.DateTimeField(null=True)
    credentials_at = models.DateTimeField(null=True)
    events = models.JSONField(default=list)
    # The account's own events, by key, as it named them at the latest test.
    event_choices = models.JSONField(default=dict)
    lookback_days = models.PositiveSmallIntegerField(default=30)
    every_hours = models.PositiveSmallIntegerField(default=6)
    may_write = models.BooleanField(default=False)
    state = models.CharField(
        max_length=8, choices=ConnectionState.choices, default=ConnectionState.NEW
    )
    next_at = models.DateTimeField(null=True)
    complete_until = models.DateField(null=True)
    error = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    created_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "account"], name="integrations_connection_account_once"
            ),
            models.CheckConstraint(
                condition=Q(lookback_days__gte=1, lookback_days__lte=LONGEST_LOOKBACK),
                name="integrations_connection_lookback",
            ),
            models.CheckConstraint(
                condition=Q(every_hours__gte=1, every_hours__lte=168),
                name="integrations_connection_every_hours",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SyncRun(models.Model):
    """One sync: a period, cut into parts that are loaded one after the other.

    ``part`` is the part in work, ``read`` and ``page`` how far its questions are,
    ``cursor`` what the next question says. ``step`` goes up with everything that is
    kept, so that of two workers only one can go on.
    """

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="syncs")
    kind = models.CharField(max_length=10, choices=SyncKind.choices)
    state = models.CharField(max_length=8, choices=SyncState.choices, default=SyncState.WAITING)
    first_day = models.DateField()
    last_day = models.DateField()
    part = models.PositiveIntegerField(default=0)
    parts = models.PositiveIntegerField()
    read = models.PositiveSmallIntegerField(default=0)
    page = models.PositiveIntegerField(default=0)
    cursor = models.JSONField(default=dict)
    step = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    asked_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    resume_at = models.DateTimeField(null=True)
    stop_requested = models.BooleanField(default=False)
    error = models.TextField(blank=True)
    remedy = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state__in=OPEN_SYNCS),
                name="integrations_sync_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.connection}, {self.first_day} to {self.last_day}"


class SyncPage(models.Model):
    """A page as the platform answered, packed, until its part is loaded and kept as a file."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="kept_pages")
    part = models.PositiveIntegerField()
    read = models.PositiveSmallIntegerField()
    page = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        ordering = ["part", "read", "page"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "part", "read", "page"], name="integrations_sync_page_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.part}/{self.read}/{self.page}"


class SyncPart(models.Model):
    """A part that is in the facts, with the import that brought it."""

    run = models.ForeignKey(SyncRun, on_delete=models.PROTECT, related_name="loaded")
    part = models.PositiveIntegerField()
    import_run = models.OneToOneField(ImportRun, on_delete=models.PROTECT, related_name="sync_part")

    class Meta:
        ordering = ["part"]
        constraints = [
            models.UniqueConstraint(fields=["run", "part"], name="integrations_sync_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.part}"


class PlatformOrderQuerySet(models.QuerySet["PlatformOrder"]):
    def for_user(self, user: User) -> Self:
        """Only orders about teams whose money the person may see."""
        return self.filter(scope_for(user, Act.VIEW_MONEY).where("connection__team__path"))


class PlatformOrder(models.Model):
    """An approved change on its way to a platform: asked once, read back, never sent blindly twice."""

    key = models.CharField(max_length=120, unique=True)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="orders")
    line = models.ForeignKey(CampaignLine, on_delete=models.PROTECT, related_name="orders")
    request_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=10, choices=OrderKind.choices)
    # The platform's number of what is changed: the campaign, or a part of it.
    target = models.CharField(max_length=120)
    wanted = models.CharField(max_length=60)
    before = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=12, choices=OrderState.choices, default=OrderState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    remedy = models.TextField(blank=True)

    objects = PlatformOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.line}: {self.wanted}"
