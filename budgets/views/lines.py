"""Budget lines as a list: found, exported, and changed many at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person
from budgets.forms import LineFilter
from budgets.forms.bulk import LinesForm
from budgets.models import BudgetLine
from budgets.selectors.sections import section_tabs
from budgets.services.line_bulk import lines_change
from core import clock
from core.errors import Invalid
from core.exports import export_response
from core.pages import page, redirect_to
from core.tables import Column, Table


class LinesTable(Table):
    key = "lines"
    noun = "lines"
    columns = (
        Column("name", "Line", kind="link", url="edit_url", sort="name", priority=1),
        Column("fiscal_year", "Year", sort="fiscal_year.year"),
        Column("channel", "Channel", kind="custom", sort="channel.position"),
        Column("team", "Team", sort="team.name"),
        Column("owner", "Owner", kind="user", sort="owner.name"),
        Column("currency", "Currency", priority=3),
        Column("gl_code", "Account in the books", priority=3),
        Column("cost_centre", "Cost centre", priority=3),
    )
    search = ("name", "gl_code", "cost_centre")
    default_sort = "name"
    empty_title = "No line matches"
    empty_text = "Change the filters, or make a line in the budget centre."

    def cell_channel(self, row: BudgetLine) -> str:
        return row.channel.name


def _lines(user: User) -> QuerySet[BudgetLine]:
    rows = BudgetLine.objects.for_user(user)
    return rows.select_related("fiscal_year", "team", "owner", "channel")


@gate(Act.VIEW_MONEY)
@require_safe
def lines_page(request: HttpRequest) -> HttpResponse:
    """Every visible line; chosen ones get another owner, account or cost centre."""
    user = person(request)
    found = LineFilter(request.GET, _lines(user), request=request)
    may_change = can(user, Act.DRAFT_REQUEST)
    bulk_url = reverse("budgets:lines-change") if may_change else ""
    table = LinesTable(request, found.qs, bulk_url=bulk_url)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Budget lines", as_of=clock.now())
    context = {
        "title": "Budget lines",
        "table": table,
        "filters": found.form,
        "bulk": LinesForm(BudgetLine.objects.none()) if may_change else None,
        "may_change": may_change,
        "sections": section_tabs(user, "budgets:grid"),
        "crumbs": [
            ("Budgets", reverse("budgets:centre")),
            ("Grid", reverse("budgets:grid")),
            ("Lines", ""),
        ],
    }
    return page(request, "budgets/lines.html", context, fragment="lines")


@gate(Act.DRAFT_REQUEST)
@require_POST
def lines_change_many(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = LinesForm(BudgetLine.objects.for_user(user), request.POST)
    if not form.is_valid():
        raise Invalid(
            "The lines or the change could not be read.",
            where="ids",
            remedy="Choose lines of the list again.",
        )
    count = lines_change(
        ids=_chosen(user, form, request),
        user=user,
        owner=form.cleaned_data["owner"],
        gl_code=form.code("gl_code"),
        cost_centre=form.code("cost_centre"),
        at=clock.now(),
    )
    said = "1 line was changed." if count == 1 else f"{count} lines were changed."
    messages.success(request, said)
    return redirect_to(request, f"{reverse('budgets:lines')}{_filters(request)}")


def _chosen(user: User, form: LinesForm, request: HttpRequest) -> list[int]:
    """The ticked lines, or every line that the list's filters leave."""
    if not request.POST.get("all"):
        return list(form.cleaned_data["ids"])
    query = QueryDict(_filters(request).lstrip("?"))
    rows: Any = LineFilter(query, BudgetLine.objects.for_user(user), request=request).qs
    if words := query.get("q"):
        rows = rows.filter(name__icontains=words)
    return list(rows.values_list("pk", flat=True))


def _filters(request: HttpRequest) -> str:
    """The list's own query string, and nothing that leads elsewhere."""
    given = str(request.POST.get("filters", ""))
    return given if given.startswith("?") else ""
