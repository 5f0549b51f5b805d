"""How a team names its campaigns and marks its links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class NamingRuleQuerySet(models.QuerySet["NamingRule"]):
    def for_user(self, user: User) -> Self:
        """Only rules of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))

    def current(self) -> Self:
        return self.filter(is_current=True)


class NamingRule(models.Model):
    """A pattern such as ``{market}_{channel}_{campaign}`` and what links must carry; versioned.

    It holds for the team and for the teams below that have none of their own. ``allowed``
    maps a part to its values, ``utm`` a parameter to its values (none: any).
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="naming_rules")
    version = models.PositiveIntegerField(default=1)
    pattern = models.CharField(max_length=200)
    allowed = models.JSONField(default=dict)
    utm = models.JSONField(default=dict)
    is_current = models.BooleanField(default=True)
    saved_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    objects = NamingRuleQuerySet.as_manager()

    class Meta:
        ordering = ["team__name", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["team"],
                condition=Q(is_current=True),
                name="integrations_naming_rule_current_once",
            ),
            models.UniqueConstraint(
                fields=["team", "version"], name="integrations_naming_rule_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pattern}, version {self.version}"
