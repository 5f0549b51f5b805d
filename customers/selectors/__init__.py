"""What is known of customers, and of how data about people is kept: reads only."""

from customers.selectors.accounts import (
    account_story,
    accounts_for,
    contacts_for,
    find_accounts,
)
from customers.selectors.pipeline import StageSum, by_currency, opportunities_for, pipeline_for
from customers.selectors.privacy import (
    Rule,
    erased_marks,
    erasures,
    rules,
    views_for,
    where_found,
)

__all__ = [
    "Rule",
    "StageSum",
    "account_story",
    "accounts_for",
    "by_currency",
    "contacts_for",
    "erased_marks",
    "erasures",
    "find_accounts",
    "opportunities_for",
    "pipeline_for",
    "rules",
    "views_for",
    "where_found",
]
