"""Pages on which campaigns are made and changed. Pages with numbers are in ``reporting``."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person, require
from campaigns import services
from campaigns.choices import Status
from campaigns.forms import (
    BulkForm,
    CampaignForm,
    CloneForm,
    CreativeForm,
    LineForm,
    MoveForm,
    OptimisationForm,
)
from campaigns.models import Campaign, Creative, Optimisation
from campaigns.selectors import campaigns_with_parts
from core import clock
from core.errors import AdroitError, Invalid
from core.forms import refuse
from core.money import MICROS
from core.pages import form_page, invalid, page, redirect_to
from core.text import counted


def _campaign(user: User, pk: int) -> Campaign:
    return get_object_or_404(campaigns_with_parts(user), pk=pk)


def _url(campaign: Campaign) -> str:
    return reverse("reporting:campaign", args=[campaign.pk])


def _crumbs(campaign: Campaign, last: str) -> list[tuple[str, str]]:
    return [
        ("Campaigns", reverse("reporting:campaigns")),
        (campaign.name, _url(campaign)),
        (last, ""),
    ]


def _form_page(
    request: HttpRequest,
    form: Any,
    title: str,
    save: str,
    campaign: Campaign | None,
    lead: str = "",
) -> HttpResponse:
    back = _url(campaign) if campaign else reverse("reporting:campaigns")
    return form_page(
        request,
        form,
        title=title,
        save=save,
        back=back,
        crumbs=_crumbs(campaign, title) if campaign else [("Campaigns", back), (title, "")],
        lead=lead,
        kicker=campaign.name if campaign else "",
    )


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = CampaignForm(user, request.POST or None, initial={"owner": user.pk})
    if form.is_valid():
        data = {k: v for k, v in form.cleaned_data.items() if k != "version"}
        try:
            campaign = services.campaign_create(user=user, at=clock.now(), **data)
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, f"{campaign} is a draft. Add its lines and a target next.")
            _warn(request, campaign)
            return redirect_to(request, _url(campaign))
    return _form_page(request, form, "New campaign", "Create campaign", None)


def _warn(request: HttpRequest, campaign: Campaign) -> None:
    """Say what the name breaks of the team's naming rules; it may stay so."""
    for said in services.name_warnings(campaign.team, campaign.name):
        messages.warning(request, said)


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    campaign = _campaign(user, pk)
    require(user, Act.DRAFT_REQUEST, team=campaign.team, owner_id=campaign.owner_id)
    initial = {name: getattr(campaign, name) for name in services.EDITABLE}
    initial |= {"team": campaign.team, "version": campaign.version}
    form = CampaignForm(user, request.POST or None, initial=initial)
    form.fields["team"].disabled = True
    form.fields.pop("audiences")
    if form.is_valid():
        changes = {name: form.cleaned_data[name] for name in services.EDITABLE}
        try:
            changed = services.campaign_edit(
                campaign=campaign,
                user=user,
                at=clock.now(),
                version=form.cleaned_data["version"],
                **changes,
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Saved.")
            _warn(request, changed)
            return redirect_to(request, _url(campaign))
    return _form_page(request, form, "Edit", "Save changes", campaign)


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def clone(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    campaign = _campaign(user, pk)
    form = CloneForm(request.POST or None, initial={"name": f"{campaign.name} (copy)"})
    if form.is_valid():
        try:
            copy = services.campaign_clone(
                campaign=campaign, user=user, at=clock.now(), **form.cleaned_data
            )
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, f"{copy} is a draft with {copy.lines.count()} lines.")
            return redirect_to(request, _url(copy))
    lead = "Brief, audiences and channel lines are copied; history, targets and numbers are not."
    return _form_page(request, form, "Clone", "Create the copy", campaign, lead)


@gate(Act.DRAFT_REQUEST, Act.PAUSE_CAMPAIGN, Act.RESUME_CAMPAIGN, Act.DECIDE_SMALL)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm one step of the life cycle; what is missing is said before the button is pressed."""
    user = person(request)
    campaign = _campaign(user, pk)
    to = request.POST.get("to") or request.GET.get("to", "")
    if to not in Status.values:
        raise Invalid("That is not a state of a campaign.", where="to")
    form = MoveForm(request.POST or None, initial={"to": to})
    if form.is_valid():
        try:
            services.campaign_move(
                campaign=campaign,
                to=to,
                by=user,
                reason=form.cleaned_data["reason"],
                at=clock.now(),
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{campaign} is now {Status(to).label.lower()}.")
            return redirect_to(request, _url(campaign))
    context = {
        "form": form,
        "campaign": campaign,
        "to": Status(to),
        "missing": services.unmet(campaign, to),
        "back": _url(campaign),
        "crumbs": _crumbs(campaign, Status(to).label),
    }
    answer = invalid if form.is_bound else page
    return answer(request, "campaigns/move.html", context, fragment="drawer")


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def line_add(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    campaign = _campaign(user, pk)
    form = LineForm(campaign, request.POST or None)
    if form.is_valid():
        try:
            line = services.line_create(
                campaign=campaign, user=user, at=clock.now(), **form.cleaned_data
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"Line {line} was added.")
            return redirect_to(request, _url(campaign))
    lead = (
        "A line is this campaign in one channel and ad account. Its currency cannot change later."
    )
    return _form_page(request, form, "Add a line", "Add line", campaign, lead)


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def creative(request: HttpRequest, pk: int, creative_pk: int | None = None) -> HttpResponse:
    """Add a creative to the asset plan, or change one."""
    user = person(request)
    campaign = _campaign(user, pk)
    known = get_object_or_404(Creative, pk=creative_pk, campaign=campaign) if creative_pk else None
    initial = {f: getattr(known, f) for f in services.CREATIVE_FIELDS} if known else {}
    form = CreativeForm(campaign, request.POST or None, initial=initial)
    if form.is_valid():
        try:
            services.creative_save(
                campaign=campaign, creative=known, user=user, at=clock.now(), **form.cleaned_data
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "The asset plan is saved.")
            return redirect_to(request, _url(campaign))
    title = "Edit creative" if known else "Add a creative"
    return _form_page(request, form, title, "Save creative", campaign)


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def log_change(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    campaign = _campaign(user, pk)
    form = OptimisationForm(
        campaign,
        services.expectable_metrics(),
        request.POST or None,
        initial={"made_on": clock.today()},
    )
    if form.is_valid():
        try:
            _log(campaign, user, dict(form.cleaned_data))
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Logged. It stands on the charts from now on.")
            return redirect_to(request, _url(campaign))
    lead = "A change with a hypothesis and an expected effect gets a verdict once the data matured."
    return _form_page(request, form, "Log a change", "Log this change", campaign, lead)


def _log(campaign: Campaign, user: User, data: dict[str, Any]) -> None:
    low, high = data.pop("expected_low"), data.pop("expected_high")
    ends = [None if value is None else int(value * MICROS) for value in (low, high)]
    middle = None if None in ends else sum(end for end in ends if end is not None) // 2
    services.optimisation_log(
        campaign=campaign,
        user=user,
        at=clock.now(),
        expected=(ends[0], middle, ends[1]),
        **data,
    )


@gate(Act.DRAFT_REQUEST)
@require_POST
def undo_change(request: HttpRequest, pk: int, optimisation_pk: int) -> HttpResponse:
    user = person(request)
    campaign = _campaign(user, pk)
    entry = get_object_or_404(Optimisation, pk=optimisation_pk, campaign=campaign)
    services.optimisation_undo(
        optimisation=entry, user=user, reason=request.POST.get("reason", ""), at=clock.now()
    )
    messages.success(request, f"“{entry}” is marked as taken back.")
    return redirect_to(request, _url(campaign))


@gate(Act.DRAFT_REQUEST, Act.PAUSE_CAMPAIGN)
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    user = person(request)
    visible = Campaign.objects.for_user(user)
    form = BulkForm(user, visible, request.POST)
    back = reverse("reporting:campaigns")
    if not form.is_valid() or not form.cleaned_data["ids"]:
        raise Invalid("Choose at least one campaign, and what to change.", where="ids")
    chosen = list(visible.filter(pk__in=form.cleaned_data["ids"]).select_related("team"))
    count = services.campaigns_change(
        campaigns=chosen,
        user=user,
        owner=form.cleaned_data["owner"],
        to=form.cleaned_data["to"] or None,
        reason=form.cleaned_data["reason"],
        at=clock.now(),
    )
    messages.success(request, f"{counted(count, 'campaign was', 'campaigns were')} changed.")
    return redirect_to(request, back)
