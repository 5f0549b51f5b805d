"""Where data comes from, and what the columns of its files mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.choices import Platform
from campaigns.models import AdAccount

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class SourceQuerySet(models.QuerySet["Source"]):
    def for_user(self, user: User) -> Self:
        """Only sources of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class Source(models.Model):
    """Where facts come from: a platform's files for a team, with what its rows mean."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    platform = models.CharField(max_length=20, choices=Platform.choices)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="sources")
    ad_account = models.ForeignKey(
        AdAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="sources"
    )
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64, default="UTC")
    expected_every_days = models.PositiveSmallIntegerField(default=1)
    is_active = models.BooleanField(default=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class MappingQuerySet(models.QuerySet["Mapping"]):
    def for_user(self, user: User) -> Self:
        """Only what is remembered for teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class Mapping(models.Model):
    """What the columns of one header set mean, remembered for a team; a change makes a version."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="mappings")
    name = models.CharField(max_length=120)
    header_hash = models.CharField(max_length=64)
    layout = models.CharField(max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1)
    # Target -> column header, and the answers a person gave ("year": "2020").
    columns = models.JSONField(default=dict)
    settings = models.JSONField(default=dict)
    is_current = models.BooleanField(default=True)
    used = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = MappingQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "header_hash"],
                condition=Q(is_current=True),
                name="integrations_mapping_current_once",
            ),
            models.UniqueConstraint(
                F("team"), Lower("name"), F("version"), name="integrations_mapping_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"
