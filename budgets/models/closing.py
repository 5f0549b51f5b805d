"""Months closed and signed: what finance froze, what owners stand for, and why amounts differ."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from budgets.choices import SignoffKind
from budgets.models.plans import BudgetLine, FiscalYear

USER = settings.AUTH_USER_MODEL


class MonthClose(models.Model):
    """A fiscal month that was closed: its plan, orders and bills stay as they are."""

    fiscal_year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="closes")
    month = models.CharField(max_length=7)
    closed_at = models.DateTimeField()
    closed_by_id = models.BigIntegerField(null=True)
    closed_by_name = models.CharField(max_length=200)
    # The approved batch that trued the month up, and the one that opened it again.
    request_id = models.BigIntegerField(null=True)
    reopened_at = models.DateTimeField(null=True)
    reopen_request_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-month", "-closed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "month"],
                condition=Q(reopened_at__isnull=True),
                name="budgets_month_closed_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year} {self.month}"


class Signoff(models.Model):
    """The owner of a budget line, campaign or target stands for its month."""

    kind = models.CharField(max_length=10, choices=SignoffKind.choices)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(max_length=200)
    fiscal_year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="signoffs")
    month = models.CharField(max_length=7)
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="signoffs")
    comment = models.TextField()
    # What stood there when it was signed, as label -> text.
    figures = models.JSONField(default=dict)
    # What the close of the month itself made of them; the signature stands for both.
    closed_figures = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "fiscal_year", "month"], name="budgets_signed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject_name} {self.month}"


class VarianceNote(models.Model):
    """Why a line's month came out other than planned; the newest counts, older ones stay."""

    budget_line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, related_name="variance_notes"
    )
    month = models.CharField(max_length=7)
    text = models.TextField()
    planned_micros = models.BigIntegerField()
    actual_micros = models.BigIntegerField(null=True)
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.budget_line} {self.month}"
