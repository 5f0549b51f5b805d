"""Connected accounts: the list, one of them, its settings, credentials and syncs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, may, person
from core import clock
from core.errors import AdroitError
from core.exports import export_response
from core.forms import refuse
from core.pages import invalid, page, redirect_to
from integrations.choices import ConnectionState, SyncKind, SyncState
from integrations.forms.connections import (
    BackfillForm,
    ConnectForm,
    ConnectionFilter,
    ConnectionForm,
    OrderForm,
    SecretsForm,
)
from integrations.models import Connection
from integrations.rules.api import Api, api_for, platforms
from integrations.selectors import connections_for, orders_for, syncs_for
from integrations.services import connections as services
from integrations.views import connections_shown as shown

SEE = (Act.VIEW_CAMPAIGNS, Act.WRITE_CREDENTIALS)


def _connection(user: User, pk: int) -> Any:
    return get_object_or_404(connections_for(user), pk=pk)


def _url(held: Connection) -> str:
    return reverse("integrations:connection", args=[held.pk])


@gate(*SEE, to="see connections")
@require_safe
def connections(request: HttpRequest) -> HttpResponse:
    user = person(request)
    filtered = ConnectionFilter(request.GET, connections_for(user), request=request)
    table = shown.ConnectionTable(request, filtered.qs)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Connections", as_of=clock.now())
    context = {
        "title": shown.list_title(connections_for(user)),
        "table": table,
        "filters": filtered.form,
        "platforms": platforms() if can(user, Act.WRITE_CREDENTIALS) else {},
        "crumbs": [("Connections", "")],
    }
    return page(request, "integrations/connections.html", context, fragment="connections")


@gate(Act.WRITE_CREDENTIALS)
@require_http_methods(["GET", "POST"])
def connect(request: HttpRequest, platform: str) -> HttpResponse:
    """Connect an account of one platform; its credentials are entered on its own page."""
    user, api = person(request), _api(platform)
    form = ConnectForm(user, api, request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = services.connection_create(
                platform=platform,
                account=given["account"],
                team=given["team"],
                name=given["name"],
                currency=given["currency"],
                time_zone=given["time_zone"],
                fields=form.given_fields(),
                user=user,
                at=clock.now(),
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Connected. Enter its credentials now.")
            return redirect_to(request, reverse("integrations:credentials", args=[made.pk]))
    crumbs = [("Connections", reverse("integrations:connections")), (api.label, "")]
    context = {"form": form, "api": api, "title": f"Connect {api.label}", "crumbs": crumbs}
    answer = invalid if form.is_bound else page
    return answer(request, "integrations/connect.html", context)


def _api(platform: str) -> Api:
    try:
        return api_for(platform)
    except KeyError:
        raise Http404 from None


@gate(*SEE, to="see connections")
@require_safe
def connection(request: HttpRequest, pk: int) -> HttpResponse:
    user, now = person(request), clock.now()
    held = _connection(user, pk)
    api = api_for(held.platform)
    table = shown.SyncTable(request, syncs_for(user).filter(connection=held))
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title=f"Syncs of {held}", as_of=now)
    orders = orders_for(user).filter(connection=held)
    context = {
        "held": held,
        "api": api,
        "title": shown.title(held, now),
        "facts": shown.facts(held, api, now),
        "settings": shown.settings(held, api),
        "table": table,
        "orders": orders[:10],
        "orders_url": f"{reverse('integrations:orders')}?connection={held.pk}",
        "latest": held.syncs.first(),
        **_rights(user, held),
        "backfill": BackfillForm(),
        "live": f"connection:{held.pk}",
        "crumbs": _crumbs(held),
    }
    run = services.open_sync(held)
    return page(
        request,
        "integrations/connection.html",
        context | (shown.progress(run) if run else {}),
        fragment="syncs",
    )


def _rights(user: User, held: Connection) -> dict[str, bool]:
    may_sync = may(user, Act.UPLOAD_IMPORT, team=held.team, owner_id=user.pk)
    is_ready = held.state == ConnectionState.ACTIVE
    return {
        "may_manage": may(user, Act.WRITE_CREDENTIALS, team=held.team),
        "may_sync": may_sync and is_ready,
        "may_order": held.may_write and is_ready and can(user, Act.SUBMIT_REQUEST),
    }


def _crumbs(held: Connection, name: str = "") -> list[tuple[str, str]]:
    first = ("Connections", reverse("integrations:connections"))
    return [first, (held.name, _url(held)), (name, "")] if name else [first, (held.name, "")]


@gate(Act.WRITE_CREDENTIALS)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    held = _connection(user, pk)
    form = ConnectionForm(held, request.POST or None)
    if form.is_valid():
        try:
            services.connection_change(held, user=user, at=clock.now(), changes=form.changes())
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Changed; it holds from the next sync on.")
            return redirect_to(request, _url(held))
    context = {
        "held": held,
        "form": form,
        "api": api_for(held.platform),
        "title": f"How {held} is read",
        "crumbs": _crumbs(held, "Settings"),
    }
    answer = invalid if form.is_bound else page
    return answer(request, "integrations/connection_edit.html", context)


@gate(Act.WRITE_CREDENTIALS)
@require_http_methods(["GET", "POST"])
def credentials(request: HttpRequest, pk: int) -> HttpResponse:
    """New credentials, tested at once; what was stored before is never shown."""
    user = person(request)
    held = _connection(user, pk)
    form = SecretsForm(api_for(held.platform), request.POST or None)
    if form.is_valid():
        try:
            held = services.credentials_set(
                held, secrets=form.cleaned_data, user=user, at=clock.now()
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            _tell_test(request, held, user)
            return redirect_to(request, _url(held))
    context = {
        "held": held,
        "form": form,
        "title": f"Credentials of {held}",
        "crumbs": _crumbs(held, "Credentials"),
    }
    answer = invalid if form.is_bound else page
    return answer(request, "integrations/credentials.html", context)


def _tell_test(request: HttpRequest, held: Connection, user: User) -> None:
    try:
        found = services.connection_test(
            services.platform_of(held, clock=clock.now), user=user, at=clock.now()
        )
    except AdroitError as error:
        messages.error(request, f"{error.message} {error.remedy}")
    else:
        messages.success(request, f"It works: the platform knows {found.name or held.account}.")


@gate(Act.WRITE_CREDENTIALS)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the platform one question and say how it went."""
    user = person(request)
    held = _connection(user, pk)
    _tell_test(request, held, user)
    return redirect_to(request, _url(held))


@gate(Act.WRITE_CREDENTIALS)
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it rest, or go on, whichever it is not."""
    user = person(request)
    held = _connection(user, pk)
    paused = held.state == ConnectionState.ACTIVE
    services.connection_pause(held, user=user, at=clock.now(), paused=paused)
    messages.success(request, "It rests." if paused else "It goes on with the next tick.")
    return redirect_to(request, _url(held))


@gate(Act.UPLOAD_IMPORT)
@require_POST
def sync(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the account now, or its past when a day is given."""
    user = person(request)
    held = _connection(user, pk)
    form = BackfillForm(request.POST)
    since = form.cleaned_data["since"] if "since" in request.POST and form.is_valid() else None
    if "since" in request.POST and since is None:
        messages.error(request, "Choose the first day to read.")
        return redirect_to(request, _url(held))
    kind = SyncKind.BACKFILL if since else SyncKind.MANUAL
    services.sync_ask(held, kind=kind, at=clock.now(), user=user, since=since)
    return redirect_to(request, _url(held))


@gate(*SEE, to="see connections")
@require_safe
def sync_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a sync is: the bar that asks again each second, or how it ended."""
    run = get_object_or_404(syncs_for(person(request)), pk=pk)
    return page(
        request,
        "integrations/sync.html",
        {
            **shown.progress(run),
            "title": str(run),
            "may_sync": can(person(request), Act.UPLOAD_IMPORT),
            "crumbs": _crumbs(run.connection, "Sync"),
        },
        fragment="work",
    )


@gate(Act.UPLOAD_IMPORT)
@require_POST
def sync_stop(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    run = get_object_or_404(syncs_for(user), pk=pk)
    services.sync_stop(run, user=user, at=clock.now())
    messages.success(request, "It stops at the next page. What was loaded stays.")
    return redirect_to(request, _url(run.connection))


@gate(Act.UPLOAD_IMPORT)
@require_POST
def sync_go_on(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    run = get_object_or_404(
        syncs_for(user).filter(state__in=[SyncState.FAILED, SyncState.STOPPED]), pk=pk
    )
    services.sync_go_on(run, user=user, at=clock.now())
    messages.success(request, "It goes on where it was.")
    return redirect_to(request, _url(run.connection))


@gate(Act.SUBMIT_REQUEST)
@require_http_methods(["GET", "POST"])
def order_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a change at the platform; it goes out when it is approved."""
    user = person(request)
    held = _connection(user, pk)
    form = OrderForm(user, held, request.POST or None)
    if form.is_valid():
        try:
            asked = services.change_request(user=user, at=clock.now(), **form.cleaned_data)
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{asked.reference} is sent for approval.")
            return redirect_to(request, reverse("approvals:request", args=[asked.pk]))
    context = {
        "held": held,
        "form": form,
        "title": f"Change something at {api_for(held.platform).label}",
        "crumbs": _crumbs(held, "Change"),
    }
    answer = invalid if form.is_bound else page
    return answer(request, "integrations/order_ask.html", context)
