"""Steps of a request, what people said about them, and who read it when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.choices import Outcome, StepState
from approvals.models.delegation import Delegation
from approvals.models.discussion import Option
from approvals.models.requests import ChangeRequest, Policy

USER = settings.AUTH_USER_MODEL


class Step(models.Model):
    """One place on the way to a decision: who may decide it and how many must.

    Steps of the same ``order`` run side by side, told apart by ``lane``; the next order
    begins when all of them are approved. A step that does not decide asks for advice.
    """

    request = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="steps")
    revision = models.PositiveIntegerField()
    order = models.PositiveSmallIntegerField()
    lane = models.PositiveSmallIntegerField(default=1)
    roles = models.JSONField()
    act = models.CharField(max_length=80)
    needed = models.PositiveSmallIntegerField(default=1)
    # Everybody has to approve: the numbers of those who were asked and still may; empty where
    # nobody may now. Null where any of those who may will do.
    seats = models.JSONField(null=True)
    decides = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=StepState.choices, default=StepState.WAITING)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # Working hours to decide; from them, when it is opened, the moment it is due.
    hours = models.PositiveSmallIntegerField(null=True)
    due_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["revision", "order", "lane"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "revision", "order", "lane"], name="approvals_step_place_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request.reference} step {self.order}"

    @property
    def asks_everybody(self) -> bool:
        """Whether all who are asked must approve; their number is known once it opens."""
        return self.seats is not None or self.needed == 0


class Decision(models.Model):
    """What one person said about one step of one revision; never changed, never repeated."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="decisions")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    channel = models.CharField(max_length=12, default="page")
    # Fingerprint of the sign-in, so that two people are two sessions too; empty for none.
    session = models.CharField(max_length=64, blank=True)
    # The record names both: decided by ``user`` for ``on_behalf_of``, by which delegation.
    on_behalf_of = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    delegation = models.ForeignKey(
        Delegation, null=True, on_delete=models.PROTECT, related_name="decisions"
    )
    option = models.ForeignKey(Option, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(F("step"), F("user"), name="approvals_decision_once_each"),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.REJECT) | ~Q(reason=""),
                name="approvals_rejection_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} by {self.user}"


class Look(models.Model):
    """When a person first saw the evidence of a request's revision."""

    request = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="looks")
    revision = models.PositiveIntegerField()
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "revision", "user"], name="approvals_first_look_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} opened {self.request.reference}"
