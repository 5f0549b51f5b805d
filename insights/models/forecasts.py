"""Forecasts as they were issued: frozen, each with its ranges, and what people set beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.models import Campaign, CampaignLine, Channel
from insights.models.versions import ModelVersion

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class ForecastIssue(models.Model):
    """One run that issued forecasts of every series at once, from what was known at a moment.

    ``cutoff`` is the last day that was seen; ``currency`` that of all amounts, as the ratios'
    parts are in too; ``data_sha256`` of exactly what was read.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="issues")
    cutoff = models.DateField()
    issued_at = models.DateTimeField(db_index=True)
    known_at = models.DateTimeField()
    horizon = models.PositiveSmallIntegerField()
    currency = models.CharField(max_length=3)
    data_sha256 = models.CharField(max_length=64)
    series = models.PositiveIntegerField(default=0)
    too_thin = models.PositiveIntegerField(default=0)
    cpu_seconds = models.FloatField(null=True)

    class Meta:
        ordering = ["-issued_at", "-pk"]

    def __str__(self) -> str:
        return f"Forecasts from {self.cutoff}"


class ForecastQuerySet(models.QuerySet["Forecast"]):
    def for_user(self, user: User) -> Self:
        """Only forecasts of teams the person may see; amounts where they may see amounts."""
        plain = scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path") & Q(currency="")
        amounts = scope_for(user, Act.VIEW_MONEY).where("team__path") & ~Q(currency="")
        return self.filter(plain | amounts)


def _days() -> ArrayField[list[float | None], list[float | None]]:
    return ArrayField(models.FloatField(null=True))


class Forecast(models.Model):
    """What was expected of one metric of one subject on each day after ``cutoff``; never changed.

    Values stand in units (euros, clicks; a share is 0.03), day by day. ``sum_*`` at place ``n`` are
    of the first ``n + 1`` days together, with ranges of their own: those of days do not add up. Of a
    ratio they are the ratio of the sums. None where there is nothing to divide by.
    Additive metrics add up: lines to campaigns, campaigns to teams, channels and the company.
    """

    class Level(models.TextChoices):
        COMPANY = "company", "Company"
        TEAM = "team", "Team"
        CHANNEL = "channel", "Channel"
        CAMPAIGN = "campaign", "Campaign"
        LINE = "line", "Line"

    class Method(models.TextChoices):
        LEVEL = "level", "Level and weekdays"
        COMBINED = "combined", "Smoothing and trees"
        PLAN = "plan", "Smoothing, trees and planned spend"
        SUM = "sum", "Sum of its lines"
        RATIO = "ratio", "Ratio of its parts' forecasts"
        NAIVE = "naive", "The same weekday again: the seasonal naive stands in"

    issue = models.ForeignKey(ForecastIssue, on_delete=models.PROTECT, related_name="forecasts")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    metric = models.CharField(max_length=60)
    level = models.CharField(max_length=8, choices=Level.choices)
    # ``company``, ``team:4``, ``channel:search`` (of the company), ``channel:search@4`` (of team 4),
    # ``campaign:12``, ``line:33``.
    subject = models.CharField(max_length=60)
    # Whose it is; the team at the top for what is of the whole company.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(CampaignLine, null=True, on_delete=models.PROTECT, related_name="+")
    # Of amounts; "" of counts, shares and ratios.
    currency = models.CharField(max_length=3, blank=True)
    cutoff = models.DateField()
    issued_at = models.DateTimeField()
    known_at = models.DateTimeField()
    horizon = models.PositiveSmallIntegerField()
    yhat = _days()
    lo80 = _days()
    hi80 = _days()
    lo95 = _days()
    hi95 = _days()
    sum_yhat = _days()
    sum_lo80 = _days()
    sum_hi80 = _days()
    sum_lo95 = _days()
    sum_hi95 = _days()
    method = models.CharField(max_length=8, choices=Method.choices)
    # Why it is thin, or zero; "" when it is neither.
    reason = models.CharField(max_length=24, blank=True)
    # The call of the next seven days against the seven before: their value, 1 up, 0 flat, -1 down,
    # and how likely each was, down, flat and up. None and [] where nothing can be said.
    base7 = models.FloatField(null=True)
    call = models.SmallIntegerField(null=True)
    chances = ArrayField(models.FloatField(), default=list)
    # Days with data, young days that stood at what they should end at, earlier cut-offs tested.
    days_known = models.PositiveIntegerField(default=0)
    days_matured = models.PositiveIntegerField(default=0)
    tested = models.PositiveSmallIntegerField(default=0)

    objects = ForecastQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "subject", "metric"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "subject", "metric"], name="insights_forecast_once_an_issue"
            )
        ]
        indexes = [
            models.Index(
                fields=["subject", "metric", "-issued_at"], name="insights_forecast_of_subject"
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.subject} from {self.cutoff}"


class ForecastOverride(models.Model):
    """What a person expects instead for the first ``days`` days together; the forecast stays.

    ``value`` stands in the forecast's units. One stands at a time for a span; taking it back
    keeps it, with who and when.
    """

    forecast = models.ForeignKey(Forecast, on_delete=models.PROTECT, related_name="overrides")
    days = models.PositiveSmallIntegerField()
    value = models.FloatField()
    reason = models.TextField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["forecast", "days"],
                condition=Q(undone_at__isnull=True),
                name="insights_override_one_stands",
            )
        ]

    def __str__(self) -> str:
        return f"{self.value} for {self.days} days of {self.forecast_id}"
