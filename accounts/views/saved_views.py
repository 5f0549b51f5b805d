"""Saved views: opened, kept, renamed, shared, deleted and brought back; a list opens with its default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.choices import LISTS
from accounts.forms import ViewForm
from accounts.models import SavedView, User
from accounts.permissions import gate, person
from accounts.selectors import default_view, deleted_views_of, saved_views_for
from accounts.services.saved_views import kept_query
from core import clock
from core.errors import AdroitError, Invalid
from core.forms import refuse
from core.pages import invalid, page, redirect_to
from core.saved import SavedLink, SavedViews

GetResponse = Callable[[HttpRequest], HttpResponse]


def list_of(request: HttpRequest) -> str:
    """The list a request shows, or "" for any other page."""
    match = request.resolver_match
    return match.view_name if match and match.view_name in LISTS else ""


class DefaultViews:
    """A list that is opened without filters opens with the view its reader chose for that."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        if request.method != "GET" or request.META.get("QUERY_STRING") or not list_of(request):
            return None
        if not isinstance(request.user, User) or request.headers.get("HX-Request"):
            return None
        chosen = default_view(request.user, list_of(request))
        return HttpResponseRedirect(_address(chosen)) if chosen else None


def _address(view: SavedView) -> str:
    query = "&".join(filter(None, [view.query, urlencode({"saved": view.pk})]))
    return f"{reverse(view.page)}?{query}"


def views_of_list(request: HttpRequest) -> SavedViews | None:
    """What the filter bar of a list shows."""
    name = list_of(request)
    if not name or not isinstance(request.user, User):
        return None
    user, asked = request.user, request.GET.get("saved", "")
    found = list(saved_views_for(user).filter(page=name))
    current = next((view for view in found if str(view.pk) == asked), None)
    query = kept_query(request.GET.urlencode())
    default = default_view(user, name) if found else None
    return SavedViews(
        links=[_link(view, user, current, default) for view in found],
        save_url=f"{reverse('accounts:view-new')}?{urlencode({'page': name, 'query': query})}",
        edit_url=reverse("accounts:view-edit", args=[current.pk])
        if current and current.user_id == user.pk
        else "",
        is_changed=current is not None and current.query != query,
    )


def _link(
    view: SavedView, user: User, current: SavedView | None, default: SavedView | None
) -> SavedLink:
    return SavedLink(
        label=view.name,
        url=_address(view),
        current=view == current,
        by="" if view.user_id == user.pk else view.user.name,
        is_default=view == default,
    )


def _view(user: User, pk: int) -> SavedView:
    return get_object_or_404(saved_views_for(user), pk=pk)


def _query_now(request: HttpRequest, name: str) -> str:
    """The filters as they stand: the page the drawer opened over may have moved on since."""
    above = urlsplit(request.headers.get("Referer", ""))
    try:
        is_same = resolve(above.path).view_name == name
    except Resolver404:
        is_same = False
    return above.query if is_same else request.GET.get("query", "")


@gate()
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a view by its own address, which can be sent to a colleague."""
    return HttpResponseRedirect(_address(_view(person(request), pk)))


@gate()
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Keep a list as it is under a name."""
    user, name = person(request), request.GET.get("page", "")
    start = {"page": name, "query": kept_query(_query_now(request, name))}
    return _keep(request, user, ViewForm(user, request.POST or None, initial=start), None)


@gate()
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename or share a view, take over the filters as they stand now, or choose it as default."""
    user = person(request)
    view = _view(user, pk)
    start = {
        "page": view.page,
        "query": kept_query(_query_now(request, view.page)) or view.query,
        "name": view.name,
        "team": view.team_id,
        "is_default": default_view(user, view.page) == view,
    }
    return _keep(request, user, ViewForm(user, request.POST or None, initial=start), view)


def _keep(request: HttpRequest, user: User, form: ViewForm, view: SavedView | None) -> HttpResponse:
    if form.is_valid():
        data, at = dict(form.cleaned_data), clock.now()
        is_default = data.pop("is_default")
        try:
            kept = services.view_keep(user=user, at=at, view=view, **data)
        except AdroitError as error:
            refuse(form, error)
        else:
            was_default = default_view(user, kept.page) == kept
            if is_default != was_default:
                chosen = kept if is_default else None
                services.view_default(user=user, page=kept.page, view=chosen, at=at)
            messages.success(request, f"“{kept}” is saved.")
            return redirect_to(request, _address(kept))
    return _form_page(request, form, view)


def _form_page(request: HttpRequest, form: ViewForm, view: SavedView | None) -> HttpResponse:
    name = str(form["page"].value() or "")
    if name not in LISTS:
        raise Invalid("This page has no views to save.", where="page")
    title = f"Change “{view}”" if view else "Save this view"
    context = {
        "form": form,
        "view": view,
        "title": title,
        "lead": "Filters, order and columns as they stand now. Everybody sees only what their own role shows.",
        "save": "Save",
        "back": reverse(name),
        "crumbs": [(LISTS[name], reverse(name)), (title, "")],
    }
    answer = invalid if form.is_bound else page
    return answer(request, "accounts/view.html", context, fragment="drawer")


@gate()
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a view away; the message offers to bring it back."""
    user = person(request)
    view = _view(user, pk)
    services.view_delete(view=view, user=user, at=clock.now())
    undo = reverse("accounts:view-undelete", args=[pk])
    messages.success(request, f"“{view}” is deleted.", extra_tags=undo)
    return redirect_to(request, f"{reverse(view.page)}?plain=1")


@gate()
@require_POST
def undelete(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring it back."""
    user = person(request)
    view = get_object_or_404(deleted_views_of(user), pk=pk)
    kept = services.view_undelete(view=view, user=user, at=clock.now())
    messages.success(request, f"“{kept}” is back.")
    return redirect_to(request, _address(kept))
