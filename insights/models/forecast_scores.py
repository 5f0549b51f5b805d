"""What came of forecasts: each against the days it was about, and sums of them for the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from insights.models.forecasts import Forecast
from insights.models.versions import ModelVersion

if TYPE_CHECKING:
    from typing import Self


def _days() -> ArrayField[list[float | None], list[float | None]]:
    return ArrayField(models.FloatField(null=True), default=list)


class ForecastScore(models.Model):
    """A frozen forecast against what came, day by day ahead, once the days are final.

    ``naive`` is the latest same weekday carried on, from what was known when the forecast was
    issued, ``truth`` what came: None for a day that is not final yet. ``*_total`` at place ``n``
    are of the first ``n + 1`` days together. ``scale`` is the mean absolute difference to the
    same weekday before, ``came`` how the first seven days went against the seven before: 1 up,
    0 flat, -1 down.
    """

    forecast = models.OneToOneField(Forecast, on_delete=models.PROTECT, related_name="score")
    cutoff = models.DateField(db_index=True)
    naive = _days()
    naive_total = _days()
    truth = _days()
    truth_total = _days()
    scale = models.FloatField(null=True)
    came = models.SmallIntegerField(null=True)
    final_days = models.PositiveSmallIntegerField(default=0)
    # How often a final day was restated and scored anew.
    restated = models.PositiveIntegerField(default=0)
    scored_at = models.DateTimeField()

    class Meta:
        ordering = ["-cutoff", "-pk"]

    def __str__(self) -> str:
        return f"Score of forecast {self.forecast_id}"


class ForecastTallyQuerySet(models.QuerySet["ForecastTally"]):
    def for_user(self, user: User) -> Self:
        """Only scores of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class ForecastTally(models.Model):
    """Sums over the scored forecasts of a cut-off, from which every figure of the board comes.

    ``span`` day: the day so many days ahead; total: all days until then together. Errors stand
    in the metric's units; ``scaled`` in units of each series' own scale, so that they add up over
    metrics. ``ranged``, ``judged`` and ``weighed`` say how many cases stand behind the ranges,
    the directions and the scaled errors.
    """

    class Span(models.TextChoices):
        DAY = "day", "Single days"
        TOTAL = "total", "Totals"

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=8, choices=Forecast.Level.choices)
    metric = models.CharField(max_length=60)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    cutoff = models.DateField()
    span = models.CharField(max_length=5, choices=Span.choices)
    horizon = models.PositiveSmallIntegerField()
    n = models.PositiveIntegerField()
    size = models.FloatField()
    error = models.FloatField()
    naive_error = models.FloatField()
    bias = models.FloatField()
    weighed = models.PositiveIntegerField()
    scaled = models.FloatField()
    scaled_naive = models.FloatField()
    ranged = models.PositiveIntegerField()
    inside80 = models.PositiveIntegerField()
    inside95 = models.PositiveIntegerField()
    judged = models.PositiveIntegerField()
    hits = models.PositiveIntegerField()

    objects = ForecastTallyQuerySet.as_manager()

    class Meta:
        ordering = ["cutoff", "horizon"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "level", "metric", "team", "cutoff", "span", "horizon"],
                name="insights_tally_once",
            )
        ]
        indexes = [
            models.Index(fields=["span", "horizon", "cutoff"], name="insights_tally_of_horizon"),
            models.Index(fields=["metric", "level", "span"], name="insights_tally_of_metric"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.level}, {self.horizon} days after {self.cutoff}"
