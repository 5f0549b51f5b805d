"""The finance team's sheet: downloaded, read back with its differences, and sent."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person, require
from budgets.models import FiscalYear
from budgets.services.bulk_edit import BulkEdited, BulkPreview, bulk_title, preview_bulk
from core import clock, formats
from core.errors import AdroitError, Conflict, Invalid
from core.exports import TYPES
from core.models import Organisation
from core.money import Money
from core.pages import invalid, page, redirect_to
from core.parts import Tile
from core.tables import Column, Table
from integrations.forms import BudgetSheetForm
from integrations.services import budget_sheet, files
from integrations.services.budget_sheet import Difference, NewLine, SheetReading
from integrations.services.sheet_codes import CodeChange
from integrations.views.kept import kept_file, kept_token

SALT = "integrations.budget_sheet"
SHOWN = 100


class CodeTable(Table):
    """Every account and cost centre that the sheet would change."""

    key = "codes"
    noun = "codes"
    columns = (
        Column("line", "Line", priority=1, strong=True, sub="team"),
        Column("head", "Code"),
        Column("row", "Row", priority=3),
        Column("old", "Now"),
        Column("new", "In the sheet", priority=1),
        Column("note", "Note", kind="chip", tone="tone", sortable=False),
    )


class DifferenceTable(Table):
    """Every amount that the sheet would change."""

    key = "differences"
    noun = "differences"
    columns = (
        Column("line", "Line", priority=1, strong=True, sub="team"),
        Column("month", "Month"),
        Column("cell", "Cell", priority=3),
        Column("old", "Now", kind="money_exact"),
        Column("new", "In the sheet", kind="money_exact", priority=1),
        Column("change", "Change", kind="money_exact"),
        Column("note", "Note", kind="chip", tone="tone", sortable=False),
    )
    empty_title = "The sheet says what the plan says"
    empty_text = "No amount of a known line is different."


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest) -> HttpResponse:
    """Send a sheet; then look at what it would change, cell by cell."""
    user = person(request)
    if not FiscalYear.objects.exists():
        return redirect_to(request, reverse("budgets:grid"))
    year = _year(request.GET.get("year", ""))
    if request.method == "POST":
        return _upload(request, user, year)
    token = request.GET.get("file", "")
    return (
        _preview(request, user, year, token) if token else _form(request, year, BudgetSheetForm())
    )


def _year(text: str) -> FiscalYear:
    number = int(text) if text.isdecimal() and len(text) == 4 else 0
    calendar = Organisation.current().calendar
    found = FiscalYear.objects.filter(year=number or calendar.year_of(clock.today())).first()
    found = found or FiscalYear.objects.first()
    if found is None:
        raise Http404
    return found


def _form(request: HttpRequest, year: FiscalYear, form: BudgetSheetForm) -> HttpResponse:
    context = {
        "title": f"Read the finance team's sheet into {year}",
        "year": year,
        "form": form,
        "crumbs": _crumbs(),
    }
    answer = invalid if form.is_bound else page
    return answer(request, "integrations/budget_sheet.html", context)


def _crumbs() -> list[tuple[str, str]]:
    return [
        ("Budgets", reverse("budgets:centre")),
        ("Grid", reverse("budgets:grid")),
        ("Finance sheet", ""),
    ]


def _upload(request: HttpRequest, user: User, year: FiscalYear) -> HttpResponse:
    form = BudgetSheetForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, year, form)
    file = form.cleaned_data["file"]
    try:
        stored_as, _ = files.store(file)
        budget_sheet.sheet_read(user, year, stored_as, today=clock.today())
    except AdroitError as error:
        form.add_error("file", f"{error.message} {error.remedy}".strip())
        return _form(request, year, form)
    token = kept_token(SALT, user, file=stored_as, name=files.file_name(file.name))
    query = urlencode({"year": str(year.year), "file": token})
    return redirect_to(request, f"{reverse('integrations:budget-sheet')}?{query}")


def _preview(
    request: HttpRequest, user: User, year: FiscalYear, token: str, error: str = ""
) -> HttpResponse:
    told = kept_file(SALT, token, user)
    reading = budget_sheet.sheet_read(user, year, told["file"], today=clock.today())
    outcome, problem = _outcome(user, reading)
    problems = [*reading.problems, *([problem] if problem else [])]
    table = DifferenceTable(request, [_row(d) for d in reading.differences])
    context = {
        "title": _title(reading),
        "name": told["name"],
        "year": year,
        "reading": reading,
        "problems": problems[:SHOWN],
        "more": max(0, len(problems) - SHOWN),
        "table": table,
        "codes": CodeTable(request, [_code(c) for c in reading.codes], prefixed=True)
        if reading.codes
        else None,
        "tiles": _tiles(reading),
        "outcome": outcome,
        "outcome_title": bulk_title(outcome.plan) if outcome else "",
        "news": [_new(new) for new in reading.new_lines],
        "token": token,
        "error": error,
        "may_send": not problems and _has_work(reading),
        "crumbs": _crumbs(),
    }
    answer = invalid if error else page
    return answer(request, "integrations/budget_sheet_preview.html", context)


def _has_work(reading: SheetReading) -> bool:
    can_make = any(not new.why_not for new in reading.new_lines)
    return bool(reading.differences or reading.codes or can_make)


def _outcome(user: User, reading: SheetReading) -> tuple[BulkPreview | None, str]:
    """What sending would do, or why it cannot be done."""
    if reading.problems or not reading.differences:
        return None, ""
    try:
        return preview_bulk(user, reading.edits, at=clock.now()), ""
    except AdroitError as error:
        return None, f"{error.message} {error.remedy}".strip()


def _title(reading: SheetReading) -> str:
    count = len(reading.differences)
    if reading.problems:
        some = "1 thing" if len(reading.problems) == 1 else f"{len(reading.problems)} things"
        return f"{some} in this sheet cannot be taken"
    if reading.codes and not count:
        codes = len(reading.codes)
        return "1 code is different" if codes == 1 else f"{codes:,} codes are different"
    if not count and not reading.new_lines:
        return "The sheet says what the plan says"
    return "1 amount is different" if count == 1 else f"{count:,} amounts are different"


def _tiles(reading: SheetReading) -> list[Tile]:
    sums: dict[str, int] = {}
    for found in reading.differences:
        currency = found.line.currency
        sums[currency] = sums.get(currency, 0) + found.new - found.old
    lines = len({found.line.pk for found in reading.differences})
    return [
        Tile("Rows read", formats.number(reading.rows)),
        Tile(
            "Different amounts", formats.number(len(reading.differences)), sentence=f"{lines} lines"
        ),
        *(
            Tile(f"Change in {currency}", formats.money_signed(Money(micros, currency)))
            for currency, micros in sums.items()
        ),
        Tile("Different codes", formats.number(len(reading.codes))),
        Tile("Lines to be made", formats.number(len(reading.new_lines))),
    ]


def _row(found: Difference) -> dict[str, Any]:
    old, new = (Money(micros, found.line.currency) for micros in (found.old, found.new))
    return {
        "line": found.line.name,
        "team": found.line.team.name,
        "month": found.month,
        "cell": found.cell,
        "old": old,
        "new": new,
        "change": new - old,
        "note": "changed since the export" if found.newer else "",
        "tone": "warn",
    }


def _code(found: CodeChange) -> dict[str, Any]:
    return {
        "line": found.line.name,
        "team": found.line.team.name,
        "head": found.head,
        "row": found.row,
        "old": found.old or formats.NOTHING,
        "new": found.new or formats.NOTHING,
        "note": "changed since the export" if found.newer else "",
        "tone": "warn",
    }


def _new(new: NewLine) -> dict[str, Any]:
    return {
        "row": new.row.number,
        "name": new.row.name,
        "about": " · ".join(
            filter(None, (new.row.texts["Team"], new.row.texts["Channel"], new.row.texts["Owner"]))
        ),
        "total": formats.money_exact(new.total),
        "why_not": new.why_not,
    }


@gate(Act.DRAFT_REQUEST)
@require_POST
def sheet_send(request: HttpRequest) -> HttpResponse:
    """Bring the plan to the sheet: at once what only gives out, the rest as one request."""
    user, token = person(request), request.POST.get("file", "")
    year, told = _year(request.POST.get("year", "")), kept_file(SALT, token, user)
    make = {int(number) for number in request.POST.getlist("make") if number.isdecimal()}
    try:
        done = budget_sheet.sheet_apply(
            user=user,
            year=year,
            stored_as=told["file"],
            digest=request.POST.get("digest", ""),
            make=make,
            reason=request.POST.get("reason", "").replace("\0", ""),
            at=clock.now(),
            today=clock.today(),
        )
    except (Invalid, Conflict) as error:
        return _preview(request, user, year, token, f"{error.message} {error.remedy}".strip())
    if done and done.asked:
        messages.success(request, f"{done.asked.reference} was sent with the sheet's amounts.")
        return redirect_to(request, done.asked.get_absolute_url())
    messages.success(request, _said(done))
    return redirect_to(request, f"{reverse('budgets:grid')}?year={year.year}")


def _said(done: BulkEdited | None) -> str:
    return "Saved. The money was given out." if done else "Saved. The codes hold from now on."


@gate(Act.EXPORT)
@require_safe
def sheet_file(request: HttpRequest, year: int) -> HttpResponse:
    """The plan of a year as a workbook for the finance team."""
    user = person(request)
    require(user, Act.VIEW_MONEY)
    found = get_object_or_404(FiscalYear, year=year)
    answer = HttpResponse(
        budget_sheet.sheet_write(user, found, today=clock.today()), content_type=TYPES["xlsx"]
    )
    answer["Content-Disposition"] = f'attachment; filename="plan-{found}.xlsx"'
    return answer
