"""What everybody looks after themselves: name, tokens, sign-ins, second factor."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.choices import Act
from accounts.forms import PersonForm, TokenForm
from accounts.models import ApiToken, User
from accounts.permissions import can, gate, needs_second_factor, person
from accounts.selectors import second_factors, sign_ins, tokens_for
from accounts.views.common import settings_tabs
from accounts.views.people import facts_about
from core import clock
from core.errors import AdroitError
from core.forms import refuse
from core.pages import invalid, page, redirect_to
from core.tables import Column, Table


@gate()
@require_safe
def settings_home(request: HttpRequest) -> HttpResponse:
    """The settings begin where this person has something to look after."""
    user = person(request)
    start = "people" if can(user, Act.INVITE_USER) else "me"
    return HttpResponseRedirect(reverse(f"accounts:{start}"))


@gate()
@require_safe
def elsewhere(request: HttpRequest, key: str = "") -> HttpResponse:  # noqa: ARG001
    """Stands where the sign-in package would let people manage addresses and sessions itself."""
    return HttpResponseRedirect(reverse("accounts:me"))


@gate()
@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """My account; posting changes name and title."""
    user = person(request)
    form = PersonForm(request.POST or None, initial={"name": user.name, "title": user.title})
    if form.is_valid():
        services.person_edit(user=user, by=user, at=clock.now(), **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect_to(request, reverse("accounts:me"))
    return _me(request, form=form, answer=invalid if form.is_bound else page)


def _me(request: HttpRequest, *, answer: Any = page, **more: Any) -> HttpResponse:
    user = person(request)
    context = {
        "title": "My account",
        "form": PersonForm(initial={"name": user.name, "title": user.title}),
        "token_form": TokenForm(),
        "tabs": settings_tabs(request, "me"),
        "facts": facts_about(user),
        "roles": user.current_memberships(),
        "tokens": token_rows(user),
        "may_create_token": can(user, Act.CREATE_TOKEN),
        "sign_ins": sign_ins(user, current_key=request.session.session_key or ""),
        "factors": second_factors(user),
        "crumbs": [("Settings", reverse("accounts:settings")), ("My account", "")],
    }
    response: HttpResponse = answer(request, "accounts/me.html", context | more)
    return response


def token_rows(user: User) -> list[dict[str, Any]]:
    """One's own tokens, each with whether it still works."""
    now = clock.now()
    own = ApiToken.objects.filter(user=user)[:50]
    return [{"token": token, "is_alive": token.is_alive(now)} for token in own]


@gate(Act.CREATE_TOKEN)
@never_cache
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """Make a token; its secret is on this answer and nowhere else."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _me(request, token_form=form, answer=invalid)
    try:
        token, secret = services.token_create(
            user=person(request), at=clock.now(), **form.cleaned_data
        )
    except AdroitError as error:
        refuse(form, error)
        return _me(request, token_form=form, answer=invalid)
    return _me(request, new_token=token, secret=secret)


@gate()
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token: one's own, or anybody's for an administrator."""
    user = person(request)
    token = get_object_or_404(tokens_for(user), pk=pk)
    services.token_revoke(token=token, by=user, at=clock.now())
    messages.success(request, f"“{token.name}” no longer works.")
    back = "accounts:me" if token.user_id == user.pk else "accounts:tokens"
    return redirect_to(request, reverse(back))


@gate()
@require_POST
def end_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out another browser of one's own."""
    user = person(request)
    if not services.sessions_end(user=user, by=user, at=clock.now(), only=pk):
        raise Http404("You have no such sign-in.")
    messages.success(request, "That browser is signed out.")
    return redirect_to(request, reverse("accounts:me"))


@gate()
@require_POST
def end_other_sign_ins(request: HttpRequest) -> HttpResponse:
    """Sign out every other browser of one's own."""
    user = person(request)
    but = request.session.session_key or ""
    count = services.sessions_end(user=user, by=user, at=clock.now(), but=but)
    messages.success(request, f"{count} other browsers are signed out.")
    return redirect_to(request, reverse("accounts:me"))


@gate()
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Why a second factor is needed, and where to set it up."""
    user = person(request)
    context = {
        "title": "Your role needs a second factor",
        "is_needed": needs_second_factor(user),
        "factors": second_factors(user),
        "crumbs": [("Second factor", "")],
    }
    return page(request, "accounts/second_factor.html", context)


class TokenTable(Table):
    """Everybody's tokens, without their secrets."""

    key = "tokens"
    columns = (
        Column("name", "Token", priority=1, sub="prefix"),
        Column("user", "Owner", kind="user", sort="user.name", priority=1),
        Column("access", "It may", kind="custom", sort="access"),
        Column("created_at", "Made", kind="datetime", priority=3),
        Column("used_at", "Last used", kind="datetime", priority=2),
        Column("expires_at", "Ends", kind="datetime", priority=3),
        Column("state", "State", kind="badge", sortable=False, priority=2),
    )
    default_sort = "-created_at"
    search = ("name", "user.name", "prefix")
    noun = "tokens"
    empty_title = "There are no API tokens"
    empty_text = "People make them under My account."

    def cell_access(self, row: ApiToken) -> str:
        return str(row.get_access_display())

    def cell(self, record: ApiToken, column: Column) -> Any:
        cell = super().cell(record, column)
        if column.key == "state":
            cell.value, cell.tone = token_state(record)
        return cell


def token_state(token: ApiToken) -> tuple[str, str]:
    """Whether a token still works, in a word, with its judgement."""
    if token.revoked_at:
        return "Revoked", "neutral"
    return ("Works", "good") if token.is_alive(clock.now()) else ("Expired", "neutral")


@gate(Act.REVOKE_TOKEN)
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Everybody's tokens; posting revokes the ticked ones."""
    user, now = person(request), clock.now()
    table = TokenTable(request, tokens_for(user), bulk_url=request.path, export=False)
    if request.method == "POST":
        ticked = tokens_for(user).filter(pk__in=_numbers(request.POST.getlist("ids")))
        alive = [token for token in ticked if token.revoked_at is None]
        for token in alive:
            services.token_revoke(token=token, by=user, at=now)
        messages.success(request, f"{len(alive)} tokens no longer work.")
        return redirect_to(request, request.path)
    context = {
        "title": "Programs that act for people",
        "tabs": settings_tabs(request, "tokens"),
        "table": table,
        "crumbs": [("Settings", reverse("accounts:settings")), ("API tokens", "")],
    }
    return page(request, "accounts/tokens.html", context, fragment="tokens")


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isdecimal() and len(text) < 19]
