"""A file of invoices: sent, looked at row by row, corrected, and taken as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Team, User
from accounts.permissions import gate, person
from accounts.selectors import open_teams_for
from budgets.selectors.sections import section_tabs
from budgets.services.bills import ENTERS, TO_ENTER, LineIn
from core import clock, formats
from core.errors import AdroitError, Conflict, Invalid
from core.exports import TYPES
from core.money import Money
from core.pages import invalid, page, redirect_to
from core.parts import Tile
from core.tables import Column, Table
from integrations.forms import BillFileForm
from integrations.rules.bill_file import LABELS, BillRow
from integrations.services import bill_file, files
from integrations.services.bill_file import BillFileReading, FileBill
from integrations.views.kept import kept_file, kept_token

SALT = "integrations.bill_file"
# So many wrong rows can be corrected on the page; more are quicker in the file.
SHOWN = 40


class FileBillTable(Table):
    """Every invoice of the file with what it would become."""

    key = "invoices"
    noun = "invoices"
    columns = (
        Column("number", "Invoice", priority=1, strong=True, sub="vendor"),
        Column("dated", "Dated", kind="date"),
        Column("amount", "Amount", kind="money_exact", priority=1),
        Column("place", "For", priority=3, nowrap=True),
        Column("becomes", "Becomes", kind="chip", tone="tone", sortable=False),
        Column("why", "Why", sortable=False, priority=3),
    )


@dataclass(frozen=True, slots=True)
class Input:
    """One cell of a wrong row: its field, what stands there, and what is wrong with it."""

    name: str
    label: str
    value: str
    problem: str


@gate(*ENTERS, to=TO_ENTER)
@require_http_methods(["GET", "POST"])
def bill_upload(request: HttpRequest) -> HttpResponse:
    """Send a file; then look at what it would become; then correct its rows."""
    user = person(request)
    if request.method == "POST":
        return _correct(request, user) if "token" in request.POST else _upload(request, user)
    token = request.GET.get("file", "")
    return _preview(request, user, token) if token else _form(request, user, BillFileForm(user))


def _form(request: HttpRequest, user: User, form: BillFileForm) -> HttpResponse:
    context = {
        "title": "Read a file of invoices",
        "form": form,
        "heads": ", ".join(LABELS.values()),
        "sections": section_tabs(user, "budgets:bills"),
        "crumbs": _crumbs(),
    }
    answer = invalid if form.is_bound else page
    return answer(request, "integrations/bill_file.html", context)


def _crumbs() -> list[tuple[str, str]]:
    return [
        ("Budgets", reverse("budgets:centre")),
        ("Bills", reverse("budgets:bills")),
        ("From a file", ""),
    ]


def _upload(request: HttpRequest, user: User) -> HttpResponse:
    form = BillFileForm(user, request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, user, form)
    file, team = form.cleaned_data["file"], form.cleaned_data["team"]
    try:
        stored_as, _ = files.store(file)
        reading = bill_file.bills_read(user, team, stored_as, at=clock.now())
    except AdroitError as error:
        form.add_error("file", f"{error.message} {error.remedy}".strip())
        return _form(request, user, form)
    if reading.table.problem:
        form.add_error("file", reading.table.problem)
        return _form(request, user, form)
    return _look(request, user, stored_as, files.file_name(file.name), team)


def _look(request: HttpRequest, user: User, stored_as: str, name: str, team: Team) -> HttpResponse:
    token = kept_token(SALT, user, file=stored_as, name=name, team=team.pk)
    query = urlencode({"file": token})
    return redirect_to(request, f"{reverse('integrations:bill-file')}?{query}")


def _correct(request: HttpRequest, user: User) -> HttpResponse:
    """Write what was typed into the wrong rows, and look at the file again."""
    told, team = _told(request.POST["token"], user)
    stored_as = bill_file.rows_correct(told["file"], _typed(request.POST))
    return _look(request, user, stored_as, told["name"], team)


def _typed(posted: QueryDict) -> Mapping[int, Mapping[str, str]]:
    """Row -> field -> text of the inputs ``cell-7-vendor``."""
    typed: dict[int, dict[str, str]] = {}
    for key, text in posted.items():
        head, _, rest = key.partition("-")
        line, _, name = rest.partition("-")
        if head == "cell" and line.isdecimal() and name in LABELS:
            typed.setdefault(int(line), {})[name] = str(text).strip()
    return typed


def _told(token: str, user: User) -> tuple[Mapping[str, Any], Team]:
    told = kept_file(SALT, token, user)
    return told, get_object_or_404(open_teams_for(user), pk=told["team"])


def _preview(request: HttpRequest, user: User, token: str, error: str = "") -> HttpResponse:
    told, team = _told(token, user)
    reading = bill_file.bills_read(user, team, told["file"], at=clock.now())
    if reading.table.problem:
        raise Http404
    context = {
        "title": _title(reading),
        "name": told["name"],
        "reading": reading,
        "table": FileBillTable(request, [_shown(bill) for bill in reading.bills if bill.given]),
        "tiles": _tiles(reading),
        "wrong": [_wrong(row) for row in reading.wrong[:SHOWN]],
        "more": max(0, len(reading.wrong) - SHOWN),
        "posts": sum(bill.posts for bill in reading.bills),
        "token": token,
        "error": error,
        "sections": section_tabs(user, "budgets:bills"),
        "crumbs": _crumbs(),
    }
    answer = invalid if error else page
    return answer(request, "integrations/bill_file_preview.html", context)


def _title(reading: BillFileReading) -> str:
    wrong, count = len(reading.wrong), len(reading.bills)
    if wrong:
        return "1 row needs a correction" if wrong == 1 else f"{wrong:,} rows need a correction"
    return "1 invoice can be taken" if count == 1 else f"{count:,} invoices can be taken"


def _tiles(reading: BillFileReading) -> list[Tile]:
    sums: dict[str, Money] = {}
    for bill in reading.bills:
        if bill.total:
            code = bill.total.currency
            sums[code] = sums.get(code, Money(0, code)) + bill.total
    posts = sum(bill.posts for bill in reading.bills)
    waits = sum(bool(bill.state) for bill in reading.bills) - posts
    return [
        Tile("Rows read", formats.number(len(reading.table.rows))),
        Tile("Covered by orders", formats.number(posts), sentence="posted at once"),
        Tile("Wait to be matched", formats.number(waits), sentence="in the matching queue"),
        *(Tile(f"Total in {code}", formats.money_exact(total)) for code, total in sums.items()),
    ]


def _shown(bill: FileBill) -> dict[str, Any]:
    given = bill.given
    lines = given.lines if given else ()
    becomes, tone = ("Posted", "good") if bill.posts else ("Waits", "warn")
    if not bill.state:
        becomes, tone = "Not taken", "bad"
    return {
        "number": given.number if given else "",
        "vendor": str(given.vendor) if given else "",
        "dated": given.dated if given else None,
        "amount": bill.total,
        "place": ", ".join(dict.fromkeys(_place(line) for line in lines)),
        "becomes": becomes,
        "tone": tone,
        "why": bill.waits or ", ".join(f"At {name}" for name in bill.borne),
    }


def _place(line: LineIn) -> str:
    if line.order_line:
        return str(line.order_line.order.reference)
    return str(line.budget_line) if line.budget_line else "Not known yet"


def _wrong(row: BillRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "inputs": [
            Input(
                name=f"cell-{row.line}-{name}",
                label=label,
                value=row.texts[name],
                problem=row.problems.get(name, ""),
            )
            for name, label in LABELS.items()
        ],
    }


@gate(*ENTERS, to=TO_ENTER)
@require_POST
def bill_upload_send(request: HttpRequest) -> HttpResponse:
    """Enter every invoice of the file, all or none."""
    user, token = person(request), request.POST.get("token", "")
    told, team = _told(token, user)
    try:
        done = bill_file.bills_apply(
            user=user, team=team, stored_as=told["file"], digest=request.POST.get("digest", ""),
            at=clock.now(),
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return _preview(request, user, token, f"{error.message} {error.remedy}".strip())
    messages.success(request, _said(done.bills))
    return redirect_to(request, reverse("budgets:bills"))


def _said(done: Sequence[FileBill]) -> str:
    posted = sum(bill.posts for bill in done)
    entered = "1 invoice is entered" if len(done) == 1 else f"{len(done):,} invoices are entered"
    return f"{entered}: {posted:,} posted, {len(done) - posted:,} in the matching queue."


@gate(*ENTERS, to=TO_ENTER)
@require_safe
def bill_upload_rows(request: HttpRequest) -> HttpResponse:
    """The rows that something is wrong with, to be corrected in a spreadsheet."""
    user = person(request)
    token = request.GET.get("file", "")
    if not token:
        return redirect_to(request, reverse("integrations:bill-file"))
    told, team = _told(token, user)
    reading = bill_file.bills_read(user, team, told["file"], at=clock.now())
    answer = HttpResponse(bill_file.wrong_rows(reading), content_type=TYPES["csv"])
    answer["Content-Disposition"] = 'attachment; filename="rows-to-correct.csv"'
    return answer
