"""Lists of customer pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from accounts.permissions import person, sees_money
from core import clock
from core.tables import Cell, Column, Table
from customers.choices import Outcome
from customers.models import Opportunity, PersonalView

OUTCOME_TONES = {Outcome.OPEN: "accent", Outcome.WON: "good", Outcome.LOST: "neutral"}


def days_in_words(length: timedelta) -> str:
    """How long something stands, in whole days: hours say nothing about a sale."""
    if length.days < 1:
        return "less than a day"
    return "1 day" if length.days == 1 else f"{length.days:,} days"


class AccountTable(Table):
    key = "accounts"
    noun = "accounts"
    columns = (
        Column("name", "Account", kind="link", url="get_absolute_url", priority=1, sub="industry"),
        Column("open_deals", "Open opportunities", kind="number", priority=1),
        Column("people", "People", kind="number", priority=2),
        Column("touched_at", "Latest touch", kind="date", priority=2),
        Column("country", "Country", priority=3),
        Column("get_system_display", "System", sort="system", priority=3),
        Column("team", "Team", sort="team__name", priority=3),
    )
    default_sort = "-open_deals"
    search = ("name", "industry", "number")
    empty_title = "No account yet"
    empty_text = (
        "Import an export of companies or deals from HubSpot or Salesforce; accounts are made "
        "from it."
    )


class OpportunityTable(Table):
    """``now`` is what ages are counted to. Amounts show only to those who see money."""

    key = "opportunities"
    noun = "opportunities"
    columns = (
        Column("name", "Opportunity", kind="custom", sort="name", priority=1, sub="account"),
        Column("stage", "Stage", sort="stage", priority=2),
        Column("outcome", "Outcome", kind="badge", priority=3),
        Column("amount", "Amount", kind="money_exact", sort="amount_micros", priority=1),
        Column("age", "In this stage", kind="custom", sort="entered_at", priority=2),
        Column("closes_at", "Closes", kind="date", priority=3),
        Column("pipeline", "Pipeline", priority=3, default_visible=False),
        Column("fiscal_period", "Fiscal period", priority=3, default_visible=False),
        Column("team", "Team", sort="team__name", priority=3),
    )
    default_sort = "-amount"
    search = ("name", "stage", "account__name", "number")
    empty_title = "No opportunity yet"
    empty_text = "Import a deals export of HubSpot or an opportunity report of Salesforce."

    def __init__(self, request: HttpRequest, rows: Any, **options: Any) -> None:
        if not sees_money(person(request)):
            self.columns = tuple(  # type: ignore[misc, assignment]
                column for column in self.columns if column.key != "amount"
            )
            self.default_sort = "name"  # type: ignore[misc]
        self.now: datetime = clock.now()
        super().__init__(request, rows, **options)

    def cell_name(self, row: Opportunity) -> str:
        return str(row)

    def cell_age(self, row: Opportunity) -> str:
        entered = getattr(row, "entered_at", None)
        return days_in_words(self.now - entered) if entered and row.outcome == "open" else ""

    def cell(self, record: Opportunity, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "name" and record.account:
            cell.url = record.account.get_absolute_url()
        elif column.key == "outcome":
            cell.value = record.get_outcome_display()
            cell.tone = OUTCOME_TONES[Outcome(record.outcome)]
        return cell


class ContactTable(Table):
    key = "contacts"
    noun = "people"
    columns = (
        Column("label", "Person", kind="link", url="get_absolute_url", sort="id", priority=1),
        Column("account", "Account", sort="account__name", priority=1),
        Column("lifecycle", "Life cycle", priority=2),
        Column("origin", "Came from", priority=2),
        Column("seen_at", "Last named", kind="datetime", priority=3),
        Column("get_system_display", "System", sort="system", priority=3),
    )
    default_sort = "-seen_at"
    search = ("account__name", "lifecycle", "origin")
    empty_title = "No person yet"
    empty_text = "Import a contacts export; names, addresses and numbers are hashed on the way in."


class ViewTable(Table):
    """The access log: who looked at what is hidden of whom, and why."""

    key = "looks"
    noun = "looks"
    columns = (
        Column("at", "When", kind="datetime", priority=1),
        Column("viewer", "Who", kind="user", sort="viewer__name", priority=1),
        Column("label", "Person", priority=2),
        Column("saw", "Fields", kind="custom", sortable=False, priority=3),
        Column("reason", "Why", priority=2),
    )
    default_sort = "-at"
    search = ("label", "reason", "viewer__name")
    empty_title = "Nobody has looked"
    empty_text = "Whoever opens the hidden fields of a person says why, and is listed here."

    def cell_saw(self, row: PersonalView) -> str:
        return ", ".join(row.fields)
