"""Before somebody leaves: what they hold, and who takes it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.choices import Act
from accounts.forms import HandoverForm
from accounts.models import User
from accounts.permissions import gate, person
from accounts.selectors import active_people_for, people_for
from accounts.views.common import settings_tabs
from core import clock
from core.errors import AdroitError
from core.forms import refuse
from core.pages import invalid, page, redirect_to


@gate(Act.INVITE_USER)
@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """One card for each kind of thing; posting hands one kind over."""
    by = person(request)
    someone = get_object_or_404(people_for(by), pk=pk)
    colleagues = active_people_for(by).exclude(pk=someone.pk)
    form = HandoverForm(colleagues, request.POST or None)
    if form.is_valid():
        try:
            count = services.hand_over(user=someone, by=by, at=clock.now(), **form.cleaned_data)
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{count} changed hands.")
            return redirect_to(request, reverse("accounts:person-handover", args=[pk]))
    answer = invalid if form.is_bound else page
    return answer(request, "accounts/handover.html", _context(request, someone, form))


def _context(request: HttpRequest, someone: User, form: HandoverForm) -> dict[str, object]:
    held = services.held_by(someone)
    url = reverse("accounts:person", args=[someone.pk])
    return {
        "someone": someone,
        "held": held,
        "form": form,
        "title": f"What {someone.name} leaves behind" if held else f"{someone.name} is free to go",
        "tabs": settings_tabs(request, "people"),
        "crumbs": [("People", reverse("accounts:people")), (someone.name, url), ("Handover", "")],
    }
