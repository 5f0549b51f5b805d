"""Remarks on charts: added from the campaign page, changed, deleted and brought back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Act
from accounts.permissions import gate, person
from campaigns.models import Campaign
from core import clock
from core.errors import AdroitError
from core.forms import refuse
from core.pages import form_page, redirect_to
from reporting import services
from reporting.forms import AnnotationForm
from reporting.models import Annotation
from reporting.selectors.annotations import annotations_for, deleted_annotations_for


def _back(remark: Annotation) -> str:
    if remark.campaign_id is None:
        return reverse("reporting:campaigns")
    return reverse("reporting:campaign", args=[remark.campaign_id])


@gate(Act.VIEW_CAMPAIGNS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Remark on a campaign's charts."""
    user = person(request)
    campaign = get_object_or_404(Campaign.objects.for_user(user).select_related("team"), pk=pk)
    today = clock.today()
    form = AnnotationForm(request.POST or None, initial={"first_day": today, "last_day": today})
    back = reverse("reporting:campaign", args=[pk])
    if form.is_valid():
        data = dict(form.cleaned_data)
        of_team = data.pop("whole_team")
        try:
            services.annotation_add(
                user=user, at=clock.now(), team=campaign.team,
                campaign=None if of_team else campaign, **data,
            )  # fmt: skip
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "The remark stands on the charts.")
            return redirect_to(request, back)
    return _form_page(request, form, "Remark on the charts", back, campaign.name)


@gate(Act.VIEW_CAMPAIGNS)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a remark."""
    user = person(request)
    remark = get_object_or_404(annotations_for(user), pk=pk)
    initial = {"first_day": remark.first_day, "last_day": remark.last_day, "text": remark.text}
    form = AnnotationForm(request.POST or None, initial=initial)
    del form.fields["whole_team"]
    if form.is_valid():
        try:
            services.annotation_edit(
                annotation=remark, user=user, at=clock.now(), **form.cleaned_data
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect_to(request, _back(remark))
    return _form_page(request, form, "Change the remark", _back(remark), remark.text)


def _form_page(
    request: HttpRequest, form: AnnotationForm, title: str, back: str, about: str
) -> HttpResponse:
    crumbs = [("Campaigns", reverse("reporting:campaigns")), (about, back), (title, "")]
    return form_page(request, form, title=title, save="Save the remark", back=back, crumbs=crumbs)


@gate(Act.VIEW_CAMPAIGNS)
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a remark off the charts; the message offers to bring it back."""
    user = person(request)
    remark = get_object_or_404(annotations_for(user), pk=pk)
    services.annotation_delete(annotation=remark, user=user, at=clock.now())
    undo = reverse("reporting:annotation-undelete", args=[pk])
    messages.success(request, "The remark is deleted.", extra_tags=undo)
    return redirect_to(request, _back(remark))


@gate(Act.VIEW_CAMPAIGNS)
@require_POST
def undelete(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a remark back."""
    user = person(request)
    remark = get_object_or_404(deleted_annotations_for(user), pk=pk)
    services.annotation_undelete(annotation=remark, user=user, at=clock.now())
    messages.success(request, "The remark is back.")
    return redirect_to(request, _back(remark))
