"""Change requests, the policy that routes them, and who touched them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from approvals.choices import FINAL_STATES, OPEN_STATES, STATE_TONES, RequestState, Risk
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
    # The change request by which a second person confirmed it; empty for the first version.
    request_id = models.BigIntegerField(null=True)

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
    # Since when it cannot be approved as it stands, because what it would change has moved.
    moved_at = models.DateTimeField(null=True)
    outcome_note = models.TextField(blank=True)
    # What policy looks at besides kind, amount and team: the largest share of a line's plan
    # that changes (percent), the channels it touches, and how risky its action says it is.
    percent = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    channels = models.JSONField(default=list)
    risk = models.CharField(max_length=6, choices=Risk.choices, default=Risk.NORMAL)
    # A request that ended is not opened again; it is asked for anew and says what it follows.
    follows = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="followed_by"
    )

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
    def has_moved(self) -> bool:
        """Whether it waits, but has to be sent again before it can be approved."""
        return self.state == RequestState.OPEN and self.moved_at is not None

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
    session = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "user", "how"], name="approvals_contributor_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.how}"


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
