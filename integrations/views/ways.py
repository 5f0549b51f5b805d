"""Ways in: drop folders, mail addresses and fetched URLs, and what each brought last."""

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
from core.pages import form_page, page, redirect_to
from core.parts import Fact
from core.tables import Cell, Column, Table
from integrations.choices import WayKind
from integrations.forms import WayForm
from integrations.models import WayIn
from integrations.selectors import runs_for, way_place, ways_for
from integrations.services import ways as ways_services
from integrations.views.shown import RunTable

CRUMBS = [("Imports", "integrations:imports"), ("Ways in", "integrations:ways")]
NOUNS = {
    WayKind.FOLDER: "A drop folder",
    WayKind.MAIL: "A mail address",
    WayKind.URL: "A URL to fetch",
}


class WayTable(Table):
    """Ways in, each with what it brought last."""

    key = "ways"
    noun = "ways"
    columns = (
        Column("name", "Way in", kind="link", priority=1),
        Column("get_kind_display", "Kind", sort="kind", priority=2),
        Column("responsible", "Answers for it", kind="user", sort="responsible__name", priority=2),
        Column("last_word", "What came last", sortable=False, priority=1),
        Column("last_at", "When", kind="datetime", priority=3),
        Column("state", "State", kind="badge", sort="is_active", priority=2),
    )
    default_sort = "name"
    search = ("name",)
    empty_title = "Nothing comes by itself yet"
    empty_text = "A folder, a mail address or a URL brings the same export every day without anybody uploading it."

    def cell(self, record: WayIn, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "name":
            cell.url = reverse("integrations:way", args=[record.pk])
            cell.sub = record.team.name
        elif column.key == "state":
            cell.value, cell.tone = standing(record)
        return cell


def standing(way: WayIn) -> tuple[str, str]:
    """How a way stands, in a word with its judgement."""
    if not way.is_active:
        return "Closed", "neutral"
    if way.last_at is None:
        return "Nothing came yet", "neutral"
    return ("Needs a look", "warn") if way.last_failed else ("Works", "good")


def _way(user: User, pk: int) -> WayIn:
    return get_object_or_404(ways_for(user), pk=pk)


def _url(way: WayIn) -> str:
    return reverse("integrations:way", args=[way.pk])


def _crumbs(name: str) -> list[tuple[str, str]]:
    return [*((label, reverse(view)) for label, view in CRUMBS), (name, "")]


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def ways(request: HttpRequest) -> HttpResponse:
    user = person(request)
    table = WayTable(request, ways_for(user))
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Ways in", as_of=clock.now())
    context = {
        "title": "How files come in by themselves",
        "table": table,
        "kinds": NOUNS.items() if can(user, Act.UPLOAD_IMPORT) else (),
        "crumbs": [("Imports", reverse("integrations:imports")), ("Ways in", "")],
    }
    return page(request, "integrations/ways.html", context, fragment="ways")


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def way(request: HttpRequest, pk: int) -> HttpResponse:
    """One way: where it is, who answers for it, what it brought."""
    user = person(request)
    found = _way(user, pk)
    word, tone = standing(found)
    own = may(user, Act.UPLOAD_IMPORT, team=found.team, owner_id=found.responsible_id)
    context = {
        "title": found.name,
        "way": found,
        "word": word,
        "tone": tone,
        "facts": _facts(found, own),
        "table": RunTable(request, runs_for(user).filter(way=found), export=False),
        "may_work": own,
        "crumbs": _crumbs(found.name),
    }
    return page(request, "integrations/way.html", context, fragment="imports")


def _facts(found: WayIn, own: bool) -> list[Fact]:
    """The mail address is a secret of those who look after it: who knows it may try."""
    facts = [
        Fact("Team", found.team.name),
        Fact("Answers for it", found.responsible.name, person=found.responsible.name),
    ]
    if own or found.kind != WayKind.MAIL:
        facts.append(Fact("Place", way_place(found)))
    if found.kind == WayKind.URL:
        facts.append(Fact("Looks back", f"{found.lookback_days} days"))
    return facts


@gate(Act.UPLOAD_IMPORT)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, kind: str) -> HttpResponse:
    user = person(request)
    if kind not in WayKind.values:
        raise Http404
    form = WayForm(user, WayKind(kind), None, request.POST or None)
    if form.is_valid():
        try:
            made = ways_services.way_create(
                kind=kind,
                team=form.cleaned_data["team"],
                given=form.given(),
                user=user,
                at=clock.now(),
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{made.name} is ready.")
            return redirect_to(request, _url(made))
    return _form(request, form, title=NOUNS[WayKind(kind)], back=reverse("integrations:ways"))


@gate(Act.UPLOAD_IMPORT)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = _way(user, pk)
    form = WayForm(user, WayKind(found.kind), found, request.POST or None)
    if form.is_valid():
        try:
            ways_services.way_edit(found, given=form.given(), user=user, at=clock.now())
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect_to(request, _url(found))
    return _form(request, form, title=found.name, back=_url(found))


def _form(request: HttpRequest, form: WayForm, *, title: str, back: str) -> HttpResponse:
    lead = (
        "What can be read as it is goes straight in; anything else is held, and waits for the person "
        "who answers for it."
    )
    return form_page(
        request, form, title=title, save="Save", back=back, crumbs=_crumbs(title), lead=lead
    )


@gate(Act.UPLOAD_IMPORT)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a way, or open it again."""
    found = _way(person(request), pk)
    opens = request.POST.get("active") == "1"
    ways_services.way_switch(found, is_active=opens, user=person(request), at=clock.now())
    messages.success(request, "It is open again." if opens else "It is closed; nothing comes in.")
    return redirect_to(request, _url(found))


@gate(Act.UPLOAD_IMPORT)
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Look now, rather than when it is due."""
    found = _way(person(request), pk)
    user = person(request)
    taken = ways_services.way_take_now(found, user=user, today=clock.today(), at=clock.now())
    for item in taken:
        say: Any = messages.success if item.is_in else messages.warning
        say(request, f"{item.name}: {item.word}")
    if not taken:
        messages.info(request, "Nothing lies there.")
    return redirect_to(request, _url(found))
