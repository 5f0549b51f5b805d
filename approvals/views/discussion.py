"""Mentions, votes, decisions between alternatives, and the record of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import Team
from accounts.permissions import gate, person, teams_with
from approvals import services
from approvals.forms import ChoiceForm, VoteForm
from approvals.models import ChangeRequest
from approvals.permissions import ASKING
from approvals.selectors.discussion import mentionable
from approvals.views.reading import visible_request
from approvals.views.shown import request_context
from core import clock
from core.errors import AdroitError, Invalid
from core.forms import refuse
from core.money import Money
from core.once import reading_once
from core.pages import form_page, page, redirect_to

LEAD = "People in sight of it vote and comment; who may decide it by the policy chooses one."


@gate(Act.VIEW_MONEY, *ASKING)
@require_safe
def mentions(request: HttpRequest, pk: int) -> HttpResponse:
    """People to mention whose name begins with ``?q=``, as a list of buttons."""
    user, now = person(request), clock.now()
    asked = visible_request(user, pk)
    people = mentionable(asked, request.GET.get("q", ""), by=user, at=now)
    return page(request, "approvals/_mentions.html", {"people": people})


@gate(Act.VIEW_MONEY, *ASKING)
@require_POST
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which alternative one would choose."""
    user = person(request)
    asked = visible_request(user, pk)
    form = VoteForm(request.POST)
    if not form.is_valid():
        raise Invalid("Choose one of the alternatives.", where="option")
    option = get_object_or_404(asked.options, pk=form.cleaned_data["option"])
    services.vote_cast(
        request=asked, user=user, option=option, why=form.cleaned_data["why"], at=clock.now()
    )
    messages.success(request, "Your vote stands; you can change it until it is decided.")
    return redirect_to(request, asked.get_absolute_url())


@gate(Act.VIEW_MONEY, *ASKING)
@require_safe
@reading_once()
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """A decision for the file: what was asked, said, voted and decided, to print."""
    asked = visible_request(person(request), pk)
    context = request_context(request, person(request), asked, clock.now())
    context["title"] = f"Record of {asked.reference}"
    context["crumbs"] = [
        ("Approvals", reverse("approvals:inbox")),
        (asked.reference, asked.get_absolute_url()),
        ("Record", ""),
    ]
    context["evidence"] = [*context["evidence"], ("Fingerprint", asked.content_hash)]
    context["phone_bar"] = False
    return page(request, "approvals/record.html", context)


def _teams(request: HttpRequest) -> Any:
    teams = teams_with(person(request), Act.DRAFT_REQUEST)
    return Team.objects.filter(pk__in=[team.pk for team in teams])


def _payload(data: Mapping[str, Any]) -> dict[str, Any]:
    amount = data["amount"]
    return services.choice_payload(
        question=data["question"],
        team=data["team"],
        options=data["options"],
        deadline=data["deadline"],
        amount_micros=Money.parse(amount, "").micros if amount is not None else 0,
        evidence=data["evidence"],
    )


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def choice_new(request: HttpRequest) -> HttpResponse:
    """Ask for a decision between alternatives."""
    form = ChoiceForm(_teams(request), request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = services.choice_ask(
                user=person(request), title=data["title"], reason=data["reason"],
                payload=_payload(data), at=clock.now(),
            )  # fmt: skip
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{made.reference} was sent; those who may decide were told.")
            return redirect_to(request, made.get_absolute_url())
    return form_page(
        request, form, title="Ask for a decision between alternatives", save="Ask",
        back=reverse("approvals:inbox"), lead=LEAD,
        crumbs=[("Approvals", reverse("approvals:inbox")), ("Decision", "")],
    )  # fmt: skip


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def choice_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is to be decided; votes and approvals so far are void."""
    user, now = person(request), clock.now()
    asked = visible_request(user, pk)
    if asked.kind != services.CHOICE:
        raise Http404("This request has no alternatives.")
    form = ChoiceForm(_teams(request), request.POST or None, initial=_filled(asked, now))
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.request_edit(
                request=asked, user=user, payload=_payload(data), reason=data["reason"],
                title=data["title"], at=now,
            )  # fmt: skip
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Changed, and sent again.")
            return redirect_to(request, asked.get_absolute_url())
    return form_page(
        request, form, title=f"Change {asked.reference}", save="Change and send again",
        back=asked.get_absolute_url(), lead="Votes given so far go when the alternatives change.",
        crumbs=[("Approvals", reverse("approvals:inbox")), (asked.reference, "")],
    )  # fmt: skip


def _filled(asked: ChangeRequest, now: datetime) -> dict[str, Any]:
    said = asked.payload
    deadline = said.get("deadline")
    blocks = [f"{o['label']}\n{o.get('text', '')}".strip() for o in said["options"]]
    day = date.fromisoformat(deadline) if deadline else None
    return {
        "title": asked.title,
        "reason": asked.reason,
        "question": said["question"],
        "team": said["team"],
        "options": "\n\n".join(blocks),
        "evidence": "\n".join(f"{label}: {text}" for label, text in said.get("evidence") or []),
        "amount": Money(said["amount_micros"], "").amount if said.get("amount_micros") else None,
        "deadline": day if day and day >= timezone.localtime(now).date() else None,
    }
