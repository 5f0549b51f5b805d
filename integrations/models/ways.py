"""Ways by which files come in without anybody uploading them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from integrations.choices import Every, WayKind
from integrations.models.sources import Source

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL
LONGEST_LOOKBACK = 60


class WayInQuerySet(models.QuerySet["WayIn"]):
    def for_user(self, user: User) -> Self:
        """Only ways of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class WayIn(models.Model):
    """A drop folder, a mail address or a fetched URL of a team, and who answers for what it brings.

    A file that can be read as it is goes straight in; anything else is held, and waits for
    ``responsible``. ``key`` names the folder and is the secret part of the mail address.
    """

    kind = models.CharField(max_length=8, choices=WayKind.choices)
    name = models.CharField(max_length=120)
    key = models.SlugField(max_length=60, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="ways_in")
    source = models.ForeignKey(
        Source, null=True, blank=True, on_delete=models.PROTECT, related_name="ways_in"
    )
    responsible = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="ways_in")
    # What is known about its files, as the settings of an import.
    settings = models.JSONField(default=dict, blank=True)
    # Of a mail address: from whom files are taken, addresses or "@domain".
    senders = models.JSONField(default=list, blank=True)
    # Of a URL: the whole of it sealed, because it may hold a token; host and path are shown.
    sealed_url = models.BinaryField(default=b"", blank=True)
    shown_url = models.CharField(max_length=300, blank=True)
    every = models.CharField(max_length=8, choices=Every.choices, default=Every.DAILY)
    hour = models.PositiveSmallIntegerField(default=6, validators=[MaxValueValidator(23)])
    lookback_days = models.PositiveSmallIntegerField(
        default=7, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_LOOKBACK)]
    )
    is_active = models.BooleanField(default=True)
    # The slot that was last fetched for: one fetch per slot, whoever ticks.
    fetched_for = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    last_word = models.CharField(max_length=300, blank=True)
    last_failed = models.BooleanField(default=False)
    made_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = WayInQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lookback_days__gte=1, lookback_days__lte=LONGEST_LOOKBACK),
                name="integrations_lookback_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name
