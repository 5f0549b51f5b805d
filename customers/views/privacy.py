"""Personal data: how long it is kept, erasing a person, and who looked."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import ROLE_COLUMNS, Act, Role
from accounts.permissions import can, gate, person
from core import clock, formats
from core.errors import AdroitError
from core.exports import export_response
from core.forms import refuse
from core.pages import invalid, page, redirect_to
from core.parts import Fact
from customers import selectors, services
from customers.forms import EraseForm, KeepForm, PersonForm
from customers.models import Erasure
from customers.permissions import field_rights
from customers.views.tables import ViewTable

SEES = (Act.VIEW_AUDIT,)
CHANGES = Act.INVITE_USER
TO_SEE = "see how data about people is kept"
TO_CHANGE = "erase people or say how long data is kept"
LEVELS = {"A": "All teams", "S": "Own teams", "-": formats.NOTHING}


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Personal data", reverse("customers:privacy")), *more]


@gate(*SEES, to=TO_SEE)
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    user, now = person(request), clock.now()
    rules = selectors.rules(now)
    views = selectors.views_for(user)
    done = selectors.erasures()
    due = sum(rule.due for rule in rules)
    context = {
        "title": "Nobody is kept by name",
        "facts": [
            Fact("Hashed with", f"HMAC-SHA256, key {len(settings.PERSONAL_KEYS)}"),
            Fact("Forgotten tonight", f"{due:,} {'entry' if due == 1 else 'entries'}"),
            Fact("Erased people", f"{done.count():,}"),
            Fact("Looks at hidden fields", f"{views.count():,}"),
        ],
        "rules": [
            (rule, KeepForm(initial={"kind": rule.kind, "days": rule.days})) for rule in rules
        ],
        "erasures": done[:20],
        "rights": _rights(),
        "roles": [Role(role).label for role in ROLE_COLUMNS.values()],
        "may_change": can(user, CHANGES),
        "crumbs": [("Personal data", "")],
    }
    return page(request, "customers/privacy.html", context)


def _rights() -> list[tuple[str, list[str]]]:
    return [
        (field.label, [LEVELS[row[role]] for role in ROLE_COLUMNS.values()])
        for field, row in field_rights().items()
    ]


@gate(CHANGES, to=TO_CHANGE)
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep one kind of data for so many days; an empty field keeps it for ever."""
    form = KeepForm(request.POST)
    days = form.cleaned_data["days"] if form.is_valid() else -1
    kind = request.POST.get("kind", "")
    services.retention_set(kind=kind, days=days, user=person(request), at=clock.now())
    length = f"for {days:,} {'day' if days == 1 else 'days'}" if days else "for ever"
    messages.success(request, f"Kept {length} from tonight on.")
    return redirect_to(request, reverse("customers:privacy"))


@gate(CHANGES, to=TO_CHANGE)
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """First step: where a person is held. What was typed goes back to the page and nowhere else."""
    form = PersonForm(request.POST or None)
    context = {"form": form, "title": "Find a person", "crumbs": _crumbs(("Find a person", ""))}
    if form.is_valid():
        try:
            found = services.erasure_look(
                values=form.values(), user=person(request), at=clock.now()
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            count = sum(found.found.values())
            context |= {
                "erasure": found,
                "title": f"{count:,} {'entry names' if count == 1 else 'entries name'} this person",
                "found": selectors.where_found(found.found),
                "erase": EraseForm(initial=form.cleaned_data),
            }
            return page(request, "customers/find.html", context)
    answer = invalid if form.is_bound else page
    return answer(request, "customers/find.html", context)


@gate(CHANGES, to=TO_CHANGE)
@require_POST
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Second step: take the person out everywhere."""
    user = person(request)
    found = get_object_or_404(Erasure, pk=pk, asked_by=user)
    form = EraseForm(request.POST)
    if form.is_valid():
        services.erasure_do(
            found, values=form.values(), reason=form.cleaned_data["reason"], user=user,
            at=clock.now(),
        )  # fmt: skip
        messages.success(request, "The person is erased. This is the certificate.")
        return redirect_to(request, reverse("customers:erasure", args=[pk]))
    context = {
        "erasure": found, "erase": form, "title": "Say why the person is erased",
        "found": selectors.where_found(found.found), "crumbs": _crumbs(("Find a person", "")),
    }  # fmt: skip
    return invalid(request, "customers/find.html", context)


@gate(*SEES, to=TO_SEE)
@require_safe
def erasure(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate: what was taken out of where, when, by whom, and why."""
    found = get_object_or_404(selectors.erasures(), pk=pk)
    context = {
        "erasure": found,
        "title": f"{sum(found.removed.values()):,} entries no longer name this person",
        "removed": selectors.where_found(found.removed),
        "facts": [
            Fact("Certificate", f"Erasure {found.pk}"),
            Fact("Erased", formats.moment(found.done_at or found.asked_at)),
            Fact("By", found.asked_by.name),
        ],
        "crumbs": _crumbs((str(found), "")),
    }
    return page(request, "customers/erasure.html", context)


@gate(*SEES, to=TO_SEE)
@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """The access log."""
    rows = selectors.views_for(person(request))
    table = ViewTable(request, rows)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Access log", as_of=clock.now())
    context = {
        "title": "Who looked at what is hidden",
        "table": table,
        "crumbs": _crumbs(("Access log", "")),
    }
    return page(request, "customers/looks.html", context, fragment="looks")
