"""People and accounts as other systems know them, how they changed, and who looked at them."""

from customers.models.changes import RecordChange
from customers.models.people import Account, Contact, Lead, Touchpoint
from customers.models.privacy import Erasure, PersonalView, RetentionRule, Suppression
from customers.models.records import Record, RecordQuerySet
from customers.models.sales import Opportunity, Payment, StageEntry, Usage

__all__ = [
    "Account",
    "Contact",
    "Erasure",
    "Lead",
    "Opportunity",
    "Payment",
    "PersonalView",
    "Record",
    "RecordChange",
    "RecordQuerySet",
    "RetentionRule",
    "StageEntry",
    "Suppression",
    "Touchpoint",
    "Usage",
]
