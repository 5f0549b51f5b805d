"""Deciding, commenting, sending and withdrawing; the confirm page that a mail leads to."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person
from approvals import services
from approvals.choices import LONGEST_REASON, Outcome
from approvals.forms import CommentForm, DecisionForm, WithdrawForm
from approvals.models import ChangeRequest
from approvals.permissions import ASKING, DECIDING
from approvals.views.again import keep, lead_to_sign_in, must_sign_in_again, typed_before
from approvals.views.reading import visible_request
from approvals.views.shown import request_context
from core import clock
from core.errors import Conflict, Invalid, NotAllowed
from core.once import reading_once
from core.pages import page, redirect_to

DONE = {
    Outcome.APPROVE: "Approved.",
    Outcome.REJECT: "Rejected. {asker} was told why.",
    Outcome.CHANGES: "Sent back. {asker} was told what to change.",
    Outcome.RECOMMEND: "Your recommendation stands with the request.",
}


@gate(*DECIDING)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    return _decide(request, user, visible_request(user, pk), "page")


def _decide(request: HttpRequest, user: User, asked: ChangeRequest, channel: str) -> HttpResponse:
    """Take the decision of a form; who comes too late sees how the request stands now."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise _unread(form)
    data, now = form.cleaned_data, clock.now()
    if must_sign_in_again(request, user, [asked], data["outcome"]):
        typed = {**keep(request.POST), "channel": channel}
        back = urlsplit(services.confirm_url(asked, user)).path
        return lead_to_sign_in(request, user, _key(asked), typed, back)
    try:
        services.request_decide(
            request=asked,
            user=user,
            outcome=data["outcome"],
            reason=data["reason"],
            content_hash=data["content_hash"],
            at=now,
            channel=channel,
            option=data["option"],
        )
    except Conflict as error:
        messages.error(request, f"{error.message} {error.remedy}".strip())
    else:
        text = DONE[Outcome(data["outcome"])].format(asker=asked.requested_by)
        messages.success(request, text)
    return redirect_to(request, asked.get_absolute_url())


def _unread(form: DecisionForm) -> Invalid:
    """What is wrong with a decision, in the words of its page."""
    if "reason" in form.errors:
        return Invalid(
            f"The reason has more than {LONGEST_REASON:,} characters, or signs that cannot be read.",
            where="reason",
            remedy="Go back and shorten it; nothing was decided.",
        )
    return Invalid(
        "The decision could not be read, so nothing was decided.",
        remedy="Open the request again and decide there.",
    )


def _key(asked: ChangeRequest) -> str:
    return f"request:{asked.pk}"


@gate()
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Where a mail's link leads. Opening it decides nothing; the person decides with a button.

    The link holds no right: it is for one person, who has signed in as themselves.
    """
    user = person(request)
    invitation = services.read_invitation(token)
    if invitation.user_id != user.pk:
        raise NotAllowed(
            "This link was sent to somebody else.",
            code="other_person",
            remedy="Sign in as the person it was sent to, or open your own inbox.",
        )
    asked = visible_request(user, invitation.request_id)
    if request.method == "POST":
        return _decide(request, user, asked, "mail")
    return _confirm_page(request, user, asked, invitation)


@reading_once()
def _confirm_page(
    request: HttpRequest, user: User, asked: ChangeRequest, invitation: services.Invitation
) -> HttpResponse:
    now = clock.now()
    services.look_record(request=asked, user=user, at=now)
    context = request_context(request, user, asked, now)
    context["typed"] = typed = typed_before(request, _key(asked))
    from_page = typed is not None and typed["channel"] == "page"
    decide_url = reverse("approvals:request-decide", args=[asked.pk])
    context["decide_url"] = decide_url if from_page else request.path
    context["may_copy"] = False
    context["may_delegate"] = can(user, Act.DELEGATE)
    context["changed"] = asked.content_hash != invitation.content_hash
    return page(request, "approvals/confirm.html", context)


@gate(Act.VIEW_MONEY, *ASKING)
@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    asked = visible_request(user, pk)
    form = CommentForm(request.POST)
    if not form.is_valid():
        raise Invalid("The comment is empty or too long.", where="text")
    services.request_comment(
        request=asked, user=user, text=form.cleaned_data["text"], at=clock.now()
    )
    return redirect_to(request, asked.get_absolute_url())


@gate(Act.SUBMIT_REQUEST, *ASKING)
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    asked = visible_request(user, pk)
    services.request_submit(request=asked, user=user, at=clock.now())
    messages.success(request, f"{asked.reference} was sent; those who may decide were told.")
    return redirect_to(request, asked.get_absolute_url())


@gate(Act.EDIT_SUBMITTED, *ASKING)
@require_POST
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    asked = visible_request(user, pk)
    form = WithdrawForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    services.request_recall(request=asked, user=user, reason=reason, at=clock.now())
    messages.success(request, f"{asked.reference} is a draft again. Change it, then send it.")
    return redirect_to(request, asked.get_absolute_url())


@gate(*ASKING)
@require_POST
def ask_again(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    asked = visible_request(user, pk)
    made = services.request_ask_again(request=asked, user=user, at=clock.now())
    messages.success(request, f"{made.reference} is a draft that follows {asked.reference}.")
    return redirect_to(request, made.get_absolute_url())


@gate(*ASKING)
@require_POST
def clone(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    asked = visible_request(user, pk)
    made = services.request_clone(request=asked, user=user, at=clock.now())
    messages.success(request, f"{made.reference} is a draft with the content of {asked.reference}.")
    return redirect_to(request, made.get_absolute_url())


@gate(Act.WITHDRAW_REQUEST, *ASKING)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    asked = visible_request(user, pk)
    form = WithdrawForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    services.request_withdraw(request=asked, user=user, reason=reason, at=clock.now())
    messages.success(request, f"{asked.reference} is withdrawn.")
    return redirect_to(request, asked.get_absolute_url())
