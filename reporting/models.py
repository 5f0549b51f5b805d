"""What people read: packs and reviews, frozen with their provenance, and who gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.choices import Act, Role
from accounts.models import Team, User
from accounts.permissions import scope_for
from core.classification import Level

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class ReportQuerySet(models.QuerySet["Report"]):
    def for_user(self, user: User) -> Self:
        """Only reports about teams whose amounts the person may see: every report holds some."""
        return self.filter(scope_for(user, Act.VIEW_MONEY).where("team__path"))


class Report(models.Model):
    """A board pack or performance review of a period, frozen when made."""

    class Kind(models.TextChoices):
        BOARD_PACK = "board_pack", "Board pack"
        REVIEW = "performance_review", "Performance review"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SIGNED = "signed", "Signed"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="reports")
    period_key = models.CharField(max_length=40)
    first_day = models.DateField()
    last_day = models.DateField()
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    as_of = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    classification = models.CharField(max_length=40)
    # Every number with its formula, filters, as-of and imports; the pages are drawn from it alone.
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    pdf = models.BinaryField()
    comment = models.TextField(blank=True)
    signed_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["kind", "team", "-made_at"], name="reporting_report_kind")]
        # What was frozen never changes: see the trigger reporting_frozen in the migrations.
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "team", "period_key", "content_hash"], name="reporting_report_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="reporting_signature_has_a_person",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Subscription(models.Model):
    """A person gets a kind of report about a team by mail, in their own scope at send time.

    Its filters say which of them: of which periods, only when something is behind, and
    whether the PDF comes along or only a link.
    """

    class Cadence(models.TextChoices):
        EVERY = "every", "Every month and quarter"
        MONTH = "month", "Every month"
        QUARTER = "quarter", "Every quarter"

    class Condition(models.TextChoices):
        ALWAYS = "always", "Always"
        BEHIND = "behind", "Only when a target is behind"

    class Delivery(models.TextChoices):
        PDF = "pdf", "PDF attached"
        LINK = "link", "Link only"

    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="subscriptions")
    kind = models.CharField(max_length=20, choices=Report.Kind.choices)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    cadence = models.CharField(max_length=8, choices=Cadence.choices, default=Cadence.EVERY)
    condition = models.CharField(
        max_length=8, choices=Condition.choices, default=Condition.ALWAYS, verbose_name="When"
    )
    delivery = models.CharField(max_length=8, choices=Delivery.choices, default=Delivery.PDF)
    created_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "user__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "team"], name="reporting_subscription_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.user}"


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def for_user(self, user: User) -> Self:
        """Only remarks of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))

    def kept(self) -> Self:
        """Without those that were deleted."""
        return self.filter(deleted_at=None)


class Annotation(models.Model):
    """A remark at a day or over a range of days, drawn on the charts it is about."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="annotations")
    campaign_id = models.BigIntegerField(null=True)
    first_day = models.DateField()
    last_day = models.DateField()
    text = models.CharField(max_length=300)
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ["first_day", "id"]
        indexes = [
            models.Index(fields=["team", "first_day"], name="reporting_annotation_team"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="reporting_annotation_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.text


class Clearance(models.Model):
    """Up to which classification a role may take reports and exports away."""

    role = models.CharField(max_length=12, choices=Role.choices, primary_key=True)
    highest = models.CharField(max_length=12, choices=Level.choices)
    request_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.get_highest_display()}"
