"""Who decides for whom while somebody is away, and the hours in which clocks run."""

from __future__ import annotations

from datetime import time, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Team

USER = settings.AUTH_USER_MODEL
LONGEST = timedelta(days=14)


class Delegation(models.Model):
    """A person hands their right to decide to another for a time, up to an amount.

    The database refuses one that is longer than 14 days, to oneself, or that would be
    handed on (a delegate who delegates, a delegator who is a delegate).
    """

    delegator = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="delegations")
    delegate = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="delegated")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # Micros of the reporting currency; none is the delegator's own limit.
    cap_micros = models.BigIntegerField(null=True)
    reason = models.TextField()
    made_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")) & Q(ends_at__lte=F("starts_at") + LONGEST),
                name="approvals_delegation_at_most_14_days",
                violation_error_message="A delegation lasts 14 days at most.",
            ),
            models.CheckConstraint(
                condition=~Q(delegator=F("delegate")),
                name="approvals_delegation_to_another",
                violation_error_message="Delegate to somebody else.",
            ),
            models.CheckConstraint(
                condition=Q(cap_micros__isnull=True) | Q(cap_micros__gt=0),
                name="approvals_delegation_cap_positive",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__gte=F("made_at")),
                name="approvals_delegation_from_now_on",
                violation_error_message="A delegation starts now or later.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delegate} for {self.delegator}"


class Absence(models.Model):
    """Somebody is out of office; with a delegation, somebody else decides meanwhile."""

    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    delegation = models.OneToOneField(
        Delegation, null=True, on_delete=models.PROTECT, related_name="absence"
    )
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="approvals_absence_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} is away"


class Substitute(models.Model):
    """Whom a person usually names when away, and who is asked when the person does not answer."""

    user = models.OneToOneField(USER, on_delete=models.CASCADE, related_name="substitute")
    substitute = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(user=F("substitute")), name="approvals_substitute_is_another"
            )
        ]

    def __str__(self) -> str:
        return f"{self.substitute} for {self.user}"


class WorkCalendar(models.Model):
    """When a team works: clocks of decisions run in these hours only. No team is everybody else."""

    team = models.OneToOneField(
        Team, null=True, on_delete=models.CASCADE, related_name="work_calendar"
    )
    # Empty: the organisation's.
    time_zone = models.CharField(max_length=64, blank=True)
    # ISO 3166 country and its part, as the holidays library knows them; empty for none.
    country = models.CharField(max_length=2, blank=True)
    part = models.CharField(max_length=10, blank=True)
    # Days of the week that are worked, Monday is 0.
    days = models.JSONField(default=list)
    opens = models.TimeField(default=time(9))
    closes = models.TimeField(default=time(17))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team"], name="approvals_calendar_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")), name="approvals_calendar_hours_in_order"
            ),
        ]

    def __str__(self) -> str:
        return str(self.team or "Everybody")


class DayOff(models.Model):
    """A day of its own on which nobody of a calendar works."""

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="days_off")
    day = models.DateField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="approvals_day_off_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
