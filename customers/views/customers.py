"""Accounts, the pipeline, one account, and the people behind labels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person, sees_money
from core import clock, formats
from core.errors import AdroitError
from core.exports import export_response
from core.forms import refuse
from core.money import Money
from core.pages import invalid, page
from core.parts import Entry, Fact, Ranked, Tab
from customers import selectors, services
from customers.forms import AccountFilter, OpportunityFilter, ReasonForm
from customers.models import Account, Contact
from customers.permissions import fields_for
from customers.views.tables import AccountTable, ContactTable, OpportunityTable, days_in_words

NAMES = {"accounts": "Accounts", "pipeline": "Pipeline", "contacts": "People"}


def _tabs(current: str) -> list[Tab]:
    return [
        Tab(label, reverse(f"customers:{name}"), current=name == current)
        for name, label in NAMES.items()
    ]


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Customers", reverse("customers:accounts")), *more]


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    user = person(request)
    rows = selectors.accounts_for(user)
    filtered = AccountFilter(request.GET, rows, request=request)
    table = AccountTable(request, filtered.qs)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Accounts", as_of=clock.now())
    count = rows.count()
    context = {
        "title": f"{formats.number(count)} accounts" if count != 1 else "1 account",
        "table": table,
        "filters": filtered.form,
        "tabs": _tabs("accounts"),
        "may_upload": can(user, Act.UPLOAD_IMPORT),
        "crumbs": _crumbs(("Accounts", "")),
    }
    return page(request, "customers/accounts.html", context, fragment="accounts")


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def pipeline(request: HttpRequest) -> HttpResponse:
    user, now = person(request), clock.now()
    query = request.GET.copy()
    if "outcome" not in query and not query.get("all"):
        query["outcome"] = "open"
    filtered = OpportunityFilter(query, selectors.opportunities_for(user), request=request)
    table = OpportunityTable(request, filtered.qs)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Opportunities", as_of=now)
    stages = selectors.pipeline_for(user, now)
    context = {
        "title": _pipeline_title(stages, money=sees_money(user)),
        "stages": _ranked(stages, money=sees_money(user)),
        "slow": _slowest(stages),
        "table": table,
        "filters": filtered.form,
        "tabs": _tabs("pipeline"),
        "may_upload": can(user, Act.UPLOAD_IMPORT),
        "crumbs": _crumbs(("Pipeline", "")),
    }
    return page(request, "customers/pipeline.html", context, fragment="opportunities")


def _pipeline_title(stages: Sequence[selectors.StageSum], *, money: bool) -> str:
    count = sum(stage.count for stage in stages)
    if not count:
        return "No opportunity is open"
    values = selectors.by_currency(value for stage in stages for value in stage.values)
    worth = f", worth {_worth(values)}" if values and money else ""
    deals = "1 opportunity is open" if count == 1 else f"{count:,} opportunities are open"
    return deals + worth


def _worth(values: Sequence[Money]) -> str:
    return " and ".join(formats.money(value) for value in values)


def _ranked(stages: Sequence[selectors.StageSum], *, money: bool) -> list[Ranked]:
    most = max((stage.count for stage in stages), default=1)
    return [
        Ranked(
            stage.stage,
            _worth(stage.values) if stage.values and money else f"{stage.count:,}",
            stage.count / most,
            note=_note(stage),
            tone="accent",
        )
        for stage in stages
    ]


def _note(stage: selectors.StageSum) -> str:
    deals = "1 opportunity" if stage.count == 1 else f"{stage.count:,} opportunities"
    age = f"median {days_in_words(stage.age)} in it" if stage.age else ""
    blank = f"{stage.without_amount:,} without an amount" if stage.without_amount else ""
    return " · ".join(filter(None, [stage.pipeline, deals, age, blank]))


def _slowest(stages: Sequence[selectors.StageSum]) -> str:
    aged = [stage for stage in stages if stage.age]
    if not aged:
        return "Where open opportunities stand"
    slow = max(aged, key=lambda stage: stage.age or timedelta())
    return f"{slow.stage} takes longest: {days_in_words(slow.age or timedelta())}"


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    rows = selectors.contacts_for(person(request))
    table = ContactTable(request, rows)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="People", as_of=clock.now())
    count = rows.count()
    context = {
        "title": f"{count:,} people, none of them by name" if count else "Nobody is known yet",
        "table": table,
        "tabs": _tabs("contacts"),
        "crumbs": _crumbs(("People", "")),
    }
    return page(request, "customers/contacts.html", context, fragment="contacts")


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def account(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(selectors.accounts_for(user), pk=pk)
    deals = selectors.opportunities_for(user).filter(account=found)
    people = selectors.contacts_for(user).filter(account=found)
    story = selectors.account_story(user, found)
    context = {
        "account": found,
        "facts": _facts(user, found),
        "deals": OpportunityTable(request, deals, export=False),
        "people": ContactTable(request, people, export=False),
        "story": [_entry(moment) for moment in story],
        "story_title": _story_title(len(story)),
        "crumbs": _crumbs((str(found), "")),
    }
    return page(request, "customers/account.html", context)


def _story_title(count: int) -> str:
    if not count:
        return "Nothing is known to have happened yet"
    return "One thing happened" if count == 1 else f"{count} things happened, newest first"


def _facts(user: User, account: Account) -> list[Fact]:
    facts = [
        Fact("System", f"{account.get_system_display()} {account.number}"),
        Fact("Industry", account.industry or formats.NOTHING),
        Fact("Country", account.country or formats.NOTHING),
        Fact("Team", account.team.name),
    ]
    if account.revenue and sees_money(user):
        facts.insert(2, Fact("Yearly revenue", formats.money(account.revenue)))
    if account.created_at:
        facts.append(Fact("Known since", formats.day(account.created_at.date(), weekday=False)))
    return facts


def _entry(moment: Any) -> Entry:
    return Entry(
        moment.title, when=formats.moment(moment.at), text=moment.text, tone=moment.tone,
        icon=moment.icon,
    )  # fmt: skip


@gate(Act.VIEW_CAMPAIGNS)
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """A person behind a label; with a reason, what is hidden of them."""
    user, now = person(request), clock.now()
    found = get_object_or_404(selectors.contacts_for(user), pk=pk)
    form = ReasonForm(request.POST or None)
    context = _contact(user, found, now) | {"form": form}
    if form.is_valid():
        try:
            shown = services.personal_look(
                contact=found, user=user, reason=form.cleaned_data["reason"], at=now
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            return page(request, "customers/contact.html", context | {"shown": shown})
    answer = invalid if form.is_bound else page
    return answer(request, "customers/contact.html", context)


def _contact(user: User, contact: Contact, now: datetime) -> dict[str, Any]:
    touches = contact.touches.select_related("channel").order_by("-at")[:40]
    deals = selectors.opportunities_for(user).filter(contacts=contact)
    return {
        "contact": contact,
        "facts": [
            Fact("Account", str(contact.account or formats.NOTHING)),
            Fact("Life cycle", contact.lifecycle or formats.NOTHING),
            Fact("Came from", contact.origin or formats.NOTHING),
            Fact("Last named", formats.ago(contact.seen_at, now)),
        ],
        "deals": deals,
        "story": [
            Entry(
                touch.channel.name if touch.channel else touch.kind or "Touch",
                when=formats.moment(touch.at), text=touch.campaign_name, icon="click",
            )
            for touch in touches
        ],
        "hidden": [field.label for field in fields_for(user, contact.team)],
        "crumbs": _crumbs(("People", reverse("customers:contacts")), (contact.label, "")),
    }  # fmt: skip
