"""The words of customer records."""

from __future__ import annotations

from django.db import models


class Entity(models.TextChoices):
    """What one row of a customer file is."""

    ACCOUNT = "account", "Accounts"
    CONTACT = "contact", "Contacts"
    LEAD = "lead", "Leads"
    OPPORTUNITY = "opportunity", "Opportunities"
    STAGE = "stage", "Stages of opportunities"
    TOUCH = "touch", "Touchpoints"
    PAYMENT = "payment", "Payments"
    USAGE = "usage", "Usage"


class System(models.TextChoices):
    """Where a record has its number from."""

    HUBSPOT = "hubspot", "HubSpot"
    SALESFORCE = "salesforce", "Salesforce"
    OTHER = "", "Other"


class Outcome(models.TextChoices):
    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"


class PersonalField(models.TextChoices):
    """What is hidden of a contact until somebody says why they look; see field_rights.csv."""

    LABEL = "label", "Label"
    EMAIL = "email", "E-mail hash"
    PHONE = "phone", "Phone hash"
    NAME = "name", "Name hash"
    NUMBER = "number", "Customer number hash"
