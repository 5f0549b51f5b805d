"""Totals of a level that was not loaded: to compare with, never to add."""

from __future__ import annotations

from django.db import models

from campaigns.models import CampaignLine
from integrations.choices import Level
from integrations.models.runs import ImportRun
from integrations.models.sources import Source
from metrics.models import Measures


class LevelTotal(Measures):
    """What a source says of some days at one level: of a line, or (without one) of the account."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="level_totals")
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="level_totals")
    level = models.CharField(max_length=10, choices=Level.choices)
    # Which further dimensions the rows were split by ("device"), for a level that is split.
    split = models.CharField(max_length=200, blank=True)
    line = models.ForeignKey(CampaignLine, null=True, on_delete=models.CASCADE, related_name="+")
    first_day = models.DateField()
    day = models.DateField()
    rows = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "level", "split", "line", "first_day", "day"],
                name="integrations_level_total_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.day}"
