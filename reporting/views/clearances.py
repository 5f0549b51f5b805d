"""Who may take which documents away: the table of roles, and asking for a change."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.choices import Act
from accounts.permissions import can, gate, person, require
from approvals.choices import OPEN_STATES
from approvals.selectors import requests_visible
from core import clock
from core.classification import Level
from core.errors import AdroitError
from core.forms import refuse
from core.models import Organisation
from core.pages import invalid, page, redirect_to
from reporting.choices import CLEARANCE
from reporting.forms import ClearanceForm
from reporting.selectors.clearances import clearances, highest_of
from reporting.services.clearances import clearance_ask


@gate()
@require_http_methods(["GET", "POST"])
def clearance(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = ClearanceForm(request.POST or None)
    if request.method == "POST":
        require(user, Act.EDIT_ROLE)
        if form.is_valid():
            try:
                made = clearance_ask(user=user, at=clock.now(), **form.cleaned_data)
            except AdroitError as error:
                refuse(form, error)
            else:
                messages.success(request, f"{made.reference} was sent; an executive confirms it.")
                return redirect_to(request, made.get_absolute_url())
    waiting = requests_visible(user).filter(kind=CLEARANCE, state__in=OPEN_STATES)
    label = Organisation.current().classification
    context = {
        "title": "Who may take which documents away",
        "levels": list(Level),
        "rows": [(role, level, list(Level).index(level)) for role, level in clearances().items()],
        "waiting": waiting,
        "label": label,
        "own": highest_of(user).label,
        "form": form if can(user, Act.EDIT_ROLE) else None,
        "crumbs": [("Reports", reverse("reporting:reports")), ("Classification", "")]
        if can(user, Act.VIEW_MONEY)
        else [("Classification", "")],
    }
    answer = invalid if form.is_bound else page
    return answer(request, "reporting/clearance.html", context)
