"""Accounts, the people in them without anything that says who they are, and their touches."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from campaigns.models import CampaignLine, Channel
from core import personal
from core.money import Money
from customers.models.records import Record


class Account(Record):
    """A company that buys or may buy."""

    name = models.CharField(max_length=300)
    industry = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=100, blank=True)
    revenue_micros = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    created_at = models.DateTimeField(null=True)
    is_deleted = models.BooleanField(default=False)

    class Meta(Record.Meta):
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("customers:account", args=[self.pk])

    @property
    def revenue(self) -> Money | None:
        known = self.revenue_micros is not None and self.currency
        return Money(self.revenue_micros or 0, self.currency) if known else None


class Contact(Record):
    """A person, known only by tokens (``core.personal``): number, e-mail, phone, name.

    ``seen_at`` is the newest moment at which a file or touch spoke of them; keeping counts from it.
    """

    email = models.CharField(max_length=48, blank=True, db_index=True)
    phone = models.CharField(max_length=48, blank=True)
    name = models.CharField(max_length=48, blank=True)
    account_ref = models.CharField(max_length=200, blank=True)
    account = models.ForeignKey(
        Account, null=True, on_delete=models.SET_NULL, related_name="contacts"
    )
    lifecycle = models.CharField(max_length=60, blank=True)
    origin = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return personal.label(self.email or self.number)

    def get_absolute_url(self) -> str:
        return reverse("customers:contact", args=[self.pk])


class Lead(Record):
    """That a contact became a lead, when, from where, and what became of it."""

    contact_ref = models.CharField(max_length=200)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="leads")
    status = models.CharField(max_length=60, blank=True)
    origin = models.CharField(max_length=100, blank=True)
    became_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        ordering = ["-became_at"]

    def __str__(self) -> str:
        return self.status or "Lead"


class Touchpoint(Record):
    """One moment at which marketing reached somebody; the account stays when the person goes."""

    at = models.DateTimeField()
    kind = models.CharField(max_length=60, blank=True)
    campaign_name = models.CharField(max_length=300, blank=True)
    contact_ref = models.CharField(max_length=200, blank=True)
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.SET_NULL, related_name="touches"
    )
    account_ref = models.CharField(max_length=200, blank=True)
    account = models.ForeignKey(
        Account, null=True, on_delete=models.SET_NULL, related_name="touches"
    )
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(CampaignLine, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(Record.Meta):
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.kind or 'Touch'} {self.at:%Y-%m-%d}"
