"""Versions of a year's plan: taking one, comparing two, and who changed what between them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.permissions import can, gate, person, require
from approvals.models import ChangeRequest
from budgets.forms.versions import BY_CHANNEL, BY_LINE, BY_TEAM, CompareForm, VersionForm
from budgets.models import BudgetLine, BudgetVersion, FiscalYear
from budgets.selectors import CellChange
from budgets.selectors.locks import HOW_TO_UNLOCK, lock_of, lock_sentence
from budgets.selectors.versions import (
    NOW,
    START,
    Comparison,
    Difference,
    Point,
    changes_between,
    compare,
    point,
    points,
    versions_of,
)
from budgets.services import OPENS_YEARS
from budgets.services.moves import month_of
from budgets.services.versions import baseline_set, version_take
from budgets.views.tables_plans import CompareTable
from budgets.views.yearly import asked_year, frame, led_teams, no_books
from core import clock, formats
from core.errors import AdroitError, Invalid
from core.exports import export_response
from core.forms import refuse
from core.models import Organisation
from core.pages import invalid, page, redirect_to
from core.parts import Entry, Tile

SECTION = "budgets:versions"
NAMES = {BY_CHANNEL: "channel", BY_TEAM: "team"}


@gate(Act.VIEW_MONEY)
@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    year = asked_year(request)
    if year is None:
        return no_books(request)
    return page(request, "budgets/versions.html", _list(request, year))


def _list(
    request: HttpRequest, year: FiscalYear, form: VersionForm | None = None
) -> dict[str, Any]:
    user = person(request)
    rows, lock = versions_of(year), lock_of(year)
    keeps = any(can(user, act) for act in OPENS_YEARS)
    count = "No version" if not rows else "1 version" if len(rows) == 1 else f"{len(rows)} versions"
    return {
        **frame(request, SECTION, year),
        "title": f"{count} of the plan of {year}",
        "rows": [(row, f"old=v{row.number}&new={NOW}") for row in rows],
        "form": (form or VersionForm()) if keeps else None,
        "lock": lock,
        "lock_text": f"{lock_sentence(lock)} {HOW_TO_UNLOCK}" if lock else "",
        "may_ask": bool(led_teams(user)),
    }


@gate(*OPENS_YEARS)
@require_POST
def version_make(request: HttpRequest) -> HttpResponse:
    """Name the plan of this moment."""
    year = asked_year(request)
    if year is None:
        raise Http404
    form = VersionForm(request.POST)
    if form.is_valid():
        try:
            made = version_take(
                user=person(request), year=year, at=clock.now(), **form.cleaned_data
            )
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, f"{made} holds the plan of this moment.")
            return redirect_to(request, f"{reverse(SECTION)}?year={year.year}")
    return invalid(request, "budgets/versions.html", _list(request, year, form))


@gate(*OPENS_YEARS)
@require_POST
def version_baseline(request: HttpRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(BudgetVersion.objects.select_related("fiscal_year"), pk=pk)
    baseline_set(version=version, user=person(request), at=clock.now())
    messages.success(request, f"Variance is shown against {version} from now on.")
    return redirect_to(request, f"{reverse(SECTION)}?year={version.fiscal_year.year}")


@gate(Act.VIEW_MONEY)
@require_safe
def version_compare(request: HttpRequest) -> HttpResponse:
    """Two points of a plan, cell by cell."""
    year = asked_year(request)
    if year is None:
        return no_books(request)
    user = person(request)
    old, new = _points(request, year)
    found = compare(user, year, old, new)
    by, everything = request.GET.get("by", BY_LINE), request.GET.get("all") == "1"
    table = CompareTable(
        request,
        _rows(found, by, everything=everything),
        totals=_one_total(found),
    )
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(
            table,
            wanted,
            title=f"Plan {year} from {old.label} to {new.label}",
            filters=[("From", old.label), ("To", new.label)],
            as_of=clock.now(),
            classification=Organisation.current().classification,
        )
    form = CompareForm(
        [(one.key, one.label) for one in points(year)],
        {
            "year": year.year,
            "old": old.key,
            "new": new.key,
            "by": by,
            "all": "1" if everything else "",
        },
    )
    context = {
        **frame(request, SECTION, year, "Compare"),
        "title": _title(found),
        "kicker": f"{year} · from {old.label} to {new.label}",
        "filters": form,
        "table": table,
        "tiles": _tiles(found),
    }
    return page(request, "budgets/version_compare.html", context)


def _points(request: HttpRequest, year: FiscalYear) -> tuple[Point, Point]:
    """What the URL names; a name that is not there falls back to the newest version, and now."""
    known = points(year)
    first = request.GET.get("old") or (known[1].key if len(known) > 1 else START)
    try:
        return point(year, first), point(year, request.GET.get("new") or NOW)
    except Invalid as error:
        raise Http404 from error


def _title(found: Comparison) -> str:
    count = len(found.changed())
    if not count:
        return "Nothing differs"
    changes = [total.change for total in found.totals() if total.change]
    told = " and ".join(formats.money_signed(change) for change in changes)
    amounts = "1 amount differs" if count == 1 else f"{count} amounts differ"
    return f"{amounts}, {told} together" if told else f"{amounts}, the total stays"


def _tiles(found: Comparison) -> list[Tile]:
    return [
        Tile(
            f"Lines in {total.old.currency}",
            formats.money(total.new),
            sentence=f"was {formats.money_exact(total.old)}, "
            f"{formats.money_exact_signed(total.change)}"
            if total.change
            else "unchanged",
        )
        for total in found.totals()
    ]


def _one_total(found: Comparison) -> dict[str, Any]:
    """The last row, where one currency makes a sum possible; several stand in the tiles."""
    totals = found.totals()
    if len(totals) != 1:
        return {}
    return {"old": totals[0].old, "new": totals[0].new, "change": totals[0].change}


def _rows(found: Comparison, by: str, *, everything: bool) -> list[dict[str, Any]]:
    cells: Any = found.cells
    if by in NAMES:
        cells = found.together(lambda line: str(getattr(line, NAMES[by])))
    return [_row(cell, found) for cell in cells if everything or cell.change]


def _row(cell: Difference, found: Comparison) -> dict[str, Any]:
    line, month = cell.line, cell.month
    return {
        "pk": f"{line.pk if line else cell.label}-{month.key if month else ''}-{cell.old.currency}",
        "line": cell.label,
        "team": line.team.name if line else "",
        "channel": line.channel.name if line else "",
        "month": month.key if month else "",
        "month_label": month.label if month else "",
        "currency": cell.old.currency,
        "old": cell.old,
        "new": cell.new,
        "change": cell.change,
        "url": _why(found, line.pk, month.key) if line and month and cell.change else "",
    }


def _why(found: Comparison, line: int, month: str) -> str:
    query: dict[str, str | int] = {
        "line": line,
        "month": month,
        "old": found.old.key,
        "new": found.new.key,
    }
    return f"{reverse('budgets:version-cell')}?{urlencode(query)}"


@gate(Act.VIEW_MONEY)
@require_safe
def version_cell(request: HttpRequest) -> HttpResponse:
    """Who changed one amount between two points, when and why."""
    pk = request.GET.get("line", "")
    lines = BudgetLine.objects.for_user(person(request)).select_related("fiscal_year", "team")
    line = get_object_or_404(lines, pk=int(pk) if pk.isdecimal() else 0)
    year, today = line.fiscal_year, clock.today()
    try:
        month = month_of(line, request.GET.get("month", ""))
    except Invalid as error:
        raise Http404 from error
    old, new = _points(request, year)
    entries = _entries(changes_between(line, month.key, old, new), today)
    back: dict[str, str | int] = {"year": year.year, "old": old.key, "new": new.key}
    context = {
        **frame(request, SECTION, year, str(line)),
        "title": f"Who changed {line} in {month.label}",
        "kicker": f"From {old.label} to {new.label} · {line.team}",
        "entries": entries,
        "back": f"{reverse('budgets:version-compare')}?{urlencode(back)}",
    }
    return page(request, "budgets/version_cell.html", context, fragment="drawer")


def _entries(changes: list[CellChange], today: Any) -> list[Entry]:
    numbers = {change.transaction.request_id for change in changes if change.transaction.request_id}
    requests = ChangeRequest.objects.in_bulk(numbers)
    return [_entry(change, requests, today) for change in changes]


def _entry(change: CellChange, requests: dict[int, ChangeRequest], today: Any) -> Entry:
    made = change.transaction
    asked = requests.get(made.request_id or 0)
    return Entry(
        title=f"{formats.money_exact_signed(change.change)} to {formats.money_exact(change.after)}",
        when=formats.moment(timezone.localtime(made.at), today),
        who=made.actor_name,
        text=made.reason,
        chip=asked.reference if asked else "",
        url=asked.get_absolute_url() if asked else "",
    )
