"""Asking for a move of planned money: the form, its live proof, and changing what was asked."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person
from approvals.models import ChangeRequest
from approvals.selectors import requests_visible
from approvals.services import request_create, request_edit
from budgets.choices import PLAN_CHANGE, REALLOCATION, REQUEST_KINDS
from budgets.services import Proposal, read_proposal
from budgets.views.movesheet import MoveSheet
from core import clock
from core.errors import AdroitError
from core.idempotency import form_once
from core.pages import invalid, page, redirect_to


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def reallocate(request: HttpRequest) -> HttpResponse:
    """Choose lines, months and amounts; both sides must be equal. Nothing moves before approval."""
    user = person(request)
    proposal = read_proposal(request.POST.get("proposal") or request.GET.get("proposal", ""))
    sheet = MoveSheet(
        user,
        clock.now(),
        posted=request.POST or None,
        start=proposal.payload,
        proposal=proposal,
        kind=_kind(request),
        token=request.GET.get("proposal", ""),
        campaign=request.GET.get("campaign", ""),
    )
    if request.method == "POST" and not sheet.asks_for_row and sheet.is_valid():
        try:
            made, is_first = _create_once(user, sheet, proposal)
        except AdroitError as error:
            sheet.refuse(error)
        else:
            said = "was sent to those who may decide."
            if not is_first:
                said = "is this very move: you sent it already, so it was not sent twice."
            messages.success(request, f"{made.reference} {said}")
            return redirect_to(request, made.get_absolute_url())
    return _answer(request, sheet, "Propose a move")


def _kind(request: HttpRequest) -> str:
    given = request.POST.get("kind") or request.GET.get("kind", "")
    return PLAN_CHANGE if given == PLAN_CHANGE else REALLOCATION


def _create_once(user: User, sheet: MoveSheet, proposal: Proposal) -> tuple[ChangeRequest, bool]:
    """The request of a form, and whether it was made now and not when the form was sent before."""
    if not sheet.key:
        return _create(user, sheet, proposal), True
    found, is_first = form_once(
        user_id=user.pk,
        key=sheet.key,
        act=lambda: str(_create(user, sheet, proposal).pk),
        now=clock.now(),
    )
    return ChangeRequest.objects.get(pk=int(found)), is_first


def _create(user: User, sheet: MoveSheet, proposal: Proposal) -> ChangeRequest:
    payload = sheet.payload()
    return request_create(
        user=user,
        kind=sheet.kind,
        payload=payload,
        title=sheet.title(),
        reason=sheet.words("reason"),
        evidence=proposal.evidence,
        at=clock.now(),
    )


@gate(Act.EDIT_SUBMITTED)
@require_http_methods(["GET", "POST"])
def reallocate_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a move that was asked for: it starts its way anew."""
    user = person(request)
    asked = get_object_or_404(requests_visible(user).filter(kind__in=REQUEST_KINDS), pk=pk)
    if asked.is_final or asked.requested_by_id != user.pk:
        raise Http404
    carried = {
        name: asked.payload[name]
        for name in ("expected", "expected_for_micros", "recommendation", "scenario")
        if name in asked.payload
    }
    sheet = MoveSheet(
        user,
        clock.now(),
        posted=request.POST or None,
        start={**asked.payload, "title": asked.title, "reason": asked.reason},
        kind=asked.kind,
        carried=carried,
    )
    if request.method == "POST" and not sheet.asks_for_row and sheet.is_valid():
        try:
            request_edit(
                request=asked,
                user=user,
                payload=sheet.payload(),
                reason=sheet.words("reason"),
                title=sheet.title(),
                at=clock.now(),
            )
        except AdroitError as error:
            sheet.refuse(error)
        else:
            messages.success(
                request, f"{asked.reference} was sent again; earlier approvals are void."
            )
            return redirect_to(request, asked.get_absolute_url())
    return _answer(request, sheet, f"Change {asked.reference}", asked)


@gate(Act.DRAFT_REQUEST)
@require_POST
def proof(request: HttpRequest) -> HttpResponse:
    """What the rows of the form amount to right now; nothing is kept."""
    user = person(request)
    sheet = MoveSheet(user, clock.now(), posted=request.POST, kind=_kind(request))
    sheet.is_valid()
    return page(request, "budgets/_proof.html", {"proof": sheet.proof()})


def _answer(
    request: HttpRequest, sheet: MoveSheet, title: str, asked: ChangeRequest | None = None
) -> HttpResponse:
    context = {
        "title": title,
        "sheet": sheet,
        "asked": asked,
        "proof": sheet.proof(),
        "crumbs": [("Budgets", reverse("budgets:centre")), (title, "")],
    }
    answer = invalid if sheet.has_errors else page
    return answer(request, "budgets/move.html", context)
