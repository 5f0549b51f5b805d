"""What all customer records share: the number another system gave them, and who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from customers.choices import System
from metrics.models import Batch

if TYPE_CHECKING:
    from typing import Self


class RecordQuerySet(models.QuerySet[Any]):
    def for_user(self, user: User) -> Self:
        """Only records of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class Record(models.Model):
    """One thing of another system, as its newest import says.

    Other records are named by their number in that system (``..._ref``), so that files may come
    in any order; the foreign key beside it is set as soon as both are there.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    system = models.CharField(max_length=20, choices=System.choices, blank=True)
    number = models.CharField(max_length=200)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["team", "system", "number"], name="customers_%(class)s_once"
            )
        ]
