"""Change requests, the policy that routes them, their steps and decisions. Knows no subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from approvals.choices import (
    FINAL_STATES,
    OPEN_STATES,
    STATE_TONES,
    Outcome,
    RequestState,
    StepState,
)
from core.money import Money

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class Policy(models.Model):
    """Who must approve what: an immutable version; a change makes the next version.

    ``rules`` is an ordered list; the first rule whose conditions hold routes a request:
    ``{"kinds": ["budget.reallocation"], "above_micros": 0, "max_micros": 5000000000,
    "teams": ["0001/"], "steps": [{"roles": ["director"], "act": "decide_small", "needed": 1}]}``.
    Amounts are micros of the reporting currency; ``"*"`` is any kind, no team is any team.
    """

    version = models.PositiveIntegerField(unique=True)
    rules = models.JSONField()
    reason = models.TextField()
    created_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"Policy version {self.version}"


class ChangeRequestQuerySet(models.QuerySet["ChangeRequest"]):
    def for_user(self, user: User) -> Self:
        """Requests of teams whose money the person may see, and the person's own."""
        scope = scope_for(user, Act.VIEW_MONEY)
        # An empty Q would vanish in the "or" and leave only the person's own.
        if scope.everything:
            return self.all()
        return self.filter(scope.where("team__path") | Q(requested_by=user))

    def open(self) -> Self:
        """Requests on their way to a decision."""
        return self.filter(state__in=OPEN_STATES)


class ChangeRequest(models.Model):
    """A change that somebody asks for, bound to a hash of exactly what it changes."""

    kind = models.CharField(max_length=60)
    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=200)
    reason = models.TextField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=12, choices=RequestState.choices, default=RequestState.DRAFT
    )
    payload = models.JSONField()
    evidence = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    revision = models.PositiveIntegerField(default=1)
    # What policy looks at: the request's own amount and the same person's other moves on
    # the same lines in 30 days. Both in micros of the reporting currency.
    amount_micros = models.BigIntegerField(default=0)
    own_micros = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    policy = models.ForeignKey(Policy, null=True, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="requests")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)
    outcome_note = models.TextField(blank=True)

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "due_at"], name="approvals_request_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_micros__gte=0), name="approvals_request_amount_absolute"
            ),
            models.CheckConstraint(
                condition=Q(own_micros__gte=0) & Q(own_micros__lte=F("amount_micros")),
                name="approvals_request_own_within_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.EXECUTED) | Q(executed_at__isnull=False),
                name="approvals_request_executed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("approvals:request", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"CR-{self.number}"

    @property
    def state_tone(self) -> str:
        return STATE_TONES.get(RequestState(self.state), "neutral")

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def amount(self) -> Money:
        """The request's own absolute amount."""
        return Money(self.own_micros, self.currency)

    @property
    def policy_amount(self) -> Money:
        """What decides who must approve: with the same person's other moves on the same lines."""
        return Money(self.amount_micros, self.currency)


class Contributor(models.Model):
    """Somebody who touched a request in any way; they never decide it."""

    request = models.ForeignKey(
        ChangeRequest, on_delete=models.CASCADE, related_name="contributors"
    )
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "user", "how"], name="approvals_contributor_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.how}"


class Step(models.Model):
    """One place on the way to a decision: who may decide it and how many must."""

    request = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="steps")
    revision = models.PositiveIntegerField()
    order = models.PositiveSmallIntegerField()
    roles = models.JSONField()
    act = models.CharField(max_length=80)
    needed = models.PositiveSmallIntegerField(default=1)
    decides = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=StepState.choices, default=StepState.WAITING)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["revision", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "revision", "order"], name="approvals_step_place_once"
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(state=StepState.CURRENT),
                name="approvals_one_current_step",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request.reference} step {self.order}"


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


class Comment(models.Model):
    """A remark on a request."""

    request = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="comments")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return self.text[:60]


class Execution(models.Model):
    """A request was carried out: one row, so it happens once."""

    request = models.OneToOneField(
        ChangeRequest, on_delete=models.PROTECT, related_name="execution"
    )
    content_hash = models.CharField(max_length=64)
    result = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.request.reference} carried out"
