"""Pages on which initiatives, their milestones and their campaigns are changed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person
from campaigns import services
from campaigns.forms import InitiativeForm, MilestoneForm
from campaigns.models import Initiative
from campaigns.selectors import initiatives_for
from core import clock
from core.errors import AdroitError
from core.forms import refuse
from core.pages import form_page, redirect_to


def _initiative(user: User, pk: int) -> Initiative:
    return get_object_or_404(initiatives_for(user), pk=pk)


def _url(initiative: Initiative) -> str:
    return reverse("reporting:initiative", args=[initiative.pk])


def _form_page(
    request: HttpRequest, form: Any, title: str, save: str, initiative: Initiative | None
) -> HttpResponse:
    top = reverse("reporting:initiatives")
    back = _url(initiative) if initiative else top
    here = [(initiative.name, back)] if initiative else []
    crumbs = [("Initiatives", top), *here, (title, "")]
    return form_page(request, form, title=title, save=save, back=back, crumbs=crumbs)


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Begin an initiative."""
    user = person(request)
    form = InitiativeForm(user, request.POST or None, initial={"owner": user.pk})
    if form.is_valid():
        data, at = dict(form.cleaned_data), clock.now()
        campaigns = data.pop("campaigns")
        try:
            made = services.initiative_save(user=user, at=at, add=campaigns, **data)
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{made} has begun. Give it milestones next.")
            return redirect_to(request, _url(made))
    return _form_page(request, form, "New initiative", "Begin it", None)


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an initiative, and which campaigns carry it."""
    user = person(request)
    found = _initiative(user, pk)
    initial = {name: getattr(found, name) for name in services.INITIATIVE_FIELDS}
    initial |= {"team": found.team, "campaigns": list(found.campaigns.all())}
    form = InitiativeForm(user, request.POST or None, initial=initial, known=found)
    if form.is_valid():
        data, at = dict(form.cleaned_data), clock.now()
        data.pop("team")
        chosen, offered = list(data.pop("campaigns")), form.offered
        try:
            services.initiative_save(
                initiative=found, user=user, at=at, add=chosen,
                remove=[one for one in offered if one not in chosen], **data,
            )  # fmt: skip
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect_to(request, _url(found))
    return _form_page(request, form, "Edit", "Save changes", found)


@gate(Act.DRAFT_REQUEST)
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an initiative off the list."""
    user = person(request)
    found = _initiative(user, pk)
    services.initiative_delete(initiative=found, user=user, at=clock.now())
    messages.success(request, f"{found} is off the list; its campaigns stay.")
    return redirect_to(request, reverse("reporting:initiatives"))


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def milestone(request: HttpRequest, pk: int, milestone_pk: int | None = None) -> HttpResponse:
    """Add a milestone, or change one and say when it was reached."""
    user = person(request)
    found = _initiative(user, pk)
    known = get_object_or_404(found.milestones.all(), pk=milestone_pk) if milestone_pk else None
    initial = {f: getattr(known, f) for f in ("name", "due_on", "done_on")} if known else {}
    form = MilestoneForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            services.milestone_save(
                initiative=found, milestone=known, user=user, at=clock.now(), **form.cleaned_data
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "The milestone is saved.")
            return redirect_to(request, _url(found))
    title = "Change the milestone" if known else "Add a milestone"
    return _form_page(request, form, title, "Save milestone", found)


@gate(Act.DRAFT_REQUEST)
@require_POST
def milestone_remove(request: HttpRequest, pk: int, milestone_pk: int) -> HttpResponse:
    """Take a milestone away."""
    user = person(request)
    found = _initiative(user, pk)
    known = get_object_or_404(found.milestones.all(), pk=milestone_pk)
    services.milestone_remove(milestone=known, user=user, at=clock.now())
    messages.success(request, "The milestone is gone.")
    return redirect_to(request, _url(found))
