"""What accounts buy, pay and use."""

from __future__ import annotations

from django.db import models

from core.money import Money
from customers.choices import Outcome
from customers.models.people import Account, Contact
from customers.models.records import Record


class Opportunity(Record):
    """A possible sale. ``amount_micros`` is empty where nobody named an amount, which is not zero."""

    name = models.CharField(max_length=300, blank=True)
    account_ref = models.CharField(max_length=200, blank=True)
    account = models.ForeignKey(
        Account, null=True, on_delete=models.SET_NULL, related_name="opportunities"
    )
    # Tokens of the people on both sides, as the file names them; the keys follow from them.
    contact_refs = models.JSONField(default=list)
    contacts = models.ManyToManyField(Contact, related_name="opportunities")
    owner = models.CharField(max_length=48, blank=True)
    pipeline = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=4, choices=Outcome.choices, default=Outcome.OPEN)
    amount_micros = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    probability_percent = models.PositiveSmallIntegerField(null=True)
    fiscal_period = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    is_deleted = models.BooleanField(default=False)

    class Meta(Record.Meta):
        ordering = ["-id"]
        verbose_name_plural = "opportunities"

    def __str__(self) -> str:
        return self.name or f"Deal {self.number}"

    @property
    def amount(self) -> Money | None:
        known = self.amount_micros is not None and self.currency
        return Money(self.amount_micros or 0, self.currency) if known else None


class StageEntry(Record):
    """That an opportunity entered a stage, and left it; ``left_at`` is empty while it is there."""

    opportunity_ref = models.CharField(max_length=200)
    opportunity = models.ForeignKey(
        Opportunity, null=True, on_delete=models.CASCADE, related_name="stages"
    )
    stage = models.CharField(max_length=200)
    pipeline = models.CharField(max_length=200, blank=True)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        ordering = ["entered_at", "id"]
        verbose_name_plural = "stage entries"

    def __str__(self) -> str:
        return self.stage


class Payment(Record):
    """A payment of an account, or the attempt that failed."""

    account_ref = models.CharField(max_length=200, blank=True)
    account = models.ForeignKey(
        Account, null=True, on_delete=models.SET_NULL, related_name="payments"
    )
    contact_ref = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    amount_micros = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    is_failed = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)

    class Meta(Record.Meta):
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{'Failed payment' if self.is_failed else 'Payment'} {self.at:%Y-%m-%d}"

    @property
    def amount(self) -> Money | None:
        known = self.amount_micros is not None and self.currency
        return Money(self.amount_micros or 0, self.currency) if known else None


class Usage(Record):
    """How much of the product an account used on a day."""

    account_ref = models.CharField(max_length=200)
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="usage")
    day = models.DateField()
    events = models.BigIntegerField()

    class Meta(Record.Meta):
        ordering = ["-day"]
        verbose_name_plural = "usage"

    def __str__(self) -> str:
        return f"{self.account_ref} {self.day}"
