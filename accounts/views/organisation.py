"""How the organisation counts time and money."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.choices import Act
from accounts.forms import WEEKDAYS, OrganisationForm
from accounts.models import User
from accounts.permissions import can, gate, person
from accounts.services.organisation import BOOKS, ONE_PERSON
from accounts.views.common import settings_tabs
from core import clock
from core.errors import AdroitError, NotAllowed
from core.forms import refuse
from core.models import Organisation
from core.pages import invalid, page, redirect_to
from core.periods import MONTH_NAMES


@gate(Act.VIEW_CAMPAIGNS)
@require_http_methods(["GET", "POST"])
def organisation(request: HttpRequest) -> HttpResponse:
    """What holds for everybody; posting changes it, or proposes what needs a second person."""
    user, current = person(request), Organisation.current()
    fields = editable(user)
    if request.method == "POST" and not fields:
        raise NotAllowed("Your role does not allow you to change the organisation.")
    initial = {name: getattr(current, name) for name in (*ONE_PERSON, *BOOKS)}
    form = OrganisationForm(current, request.POST or None, initial=initial)
    for name in set(initial) - fields:
        form.fields[name].disabled = True
    if form.is_valid():
        changes = {name: v for name, v in form.cleaned_data.items() if initial.get(name, v) != v}
        try:
            text = _save(user, changes, form.cleaned_data["reason"])
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, text)
            return redirect_to(request, reverse("accounts:organisation"))
    context = {
        "title": current.name,
        "form": form if fields else None,
        "facts": facts(current),
        "tabs": settings_tabs(request, "organisation"),
        "crumbs": [("Settings", reverse("accounts:settings")), ("Organisation", "")],
    }
    answer = invalid if form.is_bound else page
    return answer(request, "accounts/organisation.html", context)


def editable(user: User) -> set[str]:
    """The fields this person may change, alone or by a proposal."""
    alone = ONE_PERSON if can(user, Act.WRITE_CREDENTIALS) else ()
    proposed = BOOKS if can(user, Act.CHANGE_POLICY) else ()
    return {*alone, *proposed}


def _save(user: User, changes: dict[str, object], reason: str) -> str:
    at = clock.now()
    books = {name: value for name, value in changes.items() if name in BOOKS}
    rest = {name: value for name, value in changes.items() if name in ONE_PERSON}
    if books:
        services.books_propose(changes=books, by=user, at=at, reason=reason)
    if rest:
        services.organisation_edit(by=user, at=at, **rest)
    if books:
        return "Proposed. An executive confirms how the books are kept."
    return "Saved." if rest else "Nothing was different."


def facts(current: Organisation) -> list[tuple[str, str]]:
    """The organisation's values for those who only read them."""
    return [
        ("Reporting currency", current.reporting_currency),
        ("Time zone", current.time_zone),
        ("Fiscal year starts in", MONTH_NAMES[current.fiscal_start_month - 1]),
        ("Months are", current.get_fiscal_pattern_display()),
        ("The week starts on", WEEKDAYS[current.week_start]),
        ("Classification", current.classification),
    ]
