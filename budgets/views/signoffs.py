"""Sign-offs of a month, and the words about its variances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, may, person, require
from budgets.forms.closing import NoteForm, SignForm
from budgets.models import BudgetLine
from budgets.selectors.closing import FiscalMonth
from budgets.selectors.signoffs import Key, Subject, subjects
from budgets.selectors.variance import NOTABLE_MICROS, NOTABLE_SHARE, Variance, variances
from budgets.services.signoffs import REMINDS, owners_remind, signoffs_sign
from budgets.services.variance import variance_note
from budgets.views.closing import empty_page, frame, month_asked, month_or_404
from budgets.views.tables_closing import VarianceTable, variance_row
from core import clock, formats
from core.errors import AdroitError, Invalid
from core.exports import export_response
from core.forms import refuse
from core.models import Organisation
from core.money import Money
from core.pages import invalid, page, redirect_to
from core.parts import Part


@gate(Act.VIEW_MONEY)
@require_safe
def signoffs(request: HttpRequest) -> HttpResponse:
    user = person(request)
    month = month_asked(request, clock.today())
    if month is None:
        return page(request, "budgets/close_empty.html", empty_page(user))
    return page(request, "budgets/signoffs.html", _context(user, month))


def _context(user: User, month: FiscalMonth, form: SignForm | None = None) -> dict[str, Any]:
    rows = subjects(month, user)
    signed = [row for row in rows if row.is_signed]
    left = [row for row in rows if not row.is_signed]
    mine = [row for row in left if row.owner.pk == user.pk]
    over = month.is_over(clock.today())
    return frame(user, month, clock.today(), "budgets:signoffs") | {
        "title": _title(month, rows, signed),
        "mine": mine if over else [],
        "form": (form or SignForm()) if mine and over else None,
        "owners": _by_owner(left),
        "signed": sorted(signed, key=_when, reverse=True),
        "parts": [
            Part("signed", len(signed), "good"),
            Part("changed since signed", sum(r.has_changed for r in left), "warn"),
            Part("not signed", sum(not r.has_changed for r in left), "neutral"),
        ],
        "over": over,
        "may_remind": over and any(can(user, act) for act in REMINDS),
    }


def _title(month: FiscalMonth, rows: Sequence[Subject], signed: Sequence[Subject]) -> str:
    if not rows:
        return f"Nobody has anything to sign for {month.label}"
    if len(signed) == len(rows):
        return f"Everything of {month.label} is signed"
    return f"{len(signed)} of {len(rows)} are signed for {month.label}"


def _when(row: Subject) -> Any:
    return row.signed.at if row.signed else None


def _by_owner(rows: Sequence[Subject]) -> list[tuple[User, list[Subject]]]:
    found: dict[int, tuple[User, list[Subject]]] = {}
    for row in rows:
        found.setdefault(row.owner.pk, (row.owner, []))[1].append(row)
    return sorted(found.values(), key=lambda pair: (-len(pair[1]), pair[0].name))


@gate(Act.VIEW_MONEY)
@require_POST
def sign(request: HttpRequest) -> HttpResponse:
    """Sign what was ticked, with one comment."""
    user = person(request)
    month = month_or_404(request.POST.get("month", ""))
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            done = signoffs_sign(
                user=user, month=month.key, keys=read_keys(request.POST.getlist("ids")),
                comment=form.cleaned_data["comment"], at=clock.now(),
            )  # fmt: skip
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, f"You signed {len(done)} for {month.label}.")
            return redirect_to(request, f"{reverse('budgets:signoffs')}?month={month.key}")
    return invalid(request, "budgets/signoffs.html", _context(user, month, form))


def read_keys(ids: Sequence[str]) -> list[Key]:
    """Subjects as forms name them; raises ``Invalid`` for anything else."""
    found = []
    for text in ids:
        kind, _, pk = text.partition("-")
        if not pk.isdecimal():
            raise Invalid(f"“{text[:30]}” is nothing that can be signed.", where="ids")
        found.append((kind, int(pk)))
    return found


@gate(*REMINDS)
@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """Tell one owner, or all, that they have still to sign."""
    month = month_or_404(request.POST.get("month", ""))
    owners = [int(pk) for pk in request.POST.getlist("owner") if pk.isdecimal()]
    told = owners_remind(user=person(request), month=month.key, owners=owners, at=clock.now())
    names = ", ".join(owner.name for owner in told)
    text = f"Reminded: {names}." if told else "Nobody was reminded: they were told today already."
    messages.success(request, text)
    return redirect_to(request, f"{reverse('budgets:signoffs')}?month={month.key}")


@gate(Act.VIEW_MONEY)
@require_safe
def variance_list(request: HttpRequest) -> HttpResponse:
    """Planned against actual by line, with what owners say of it."""
    user = person(request)
    month = month_asked(request, clock.today())
    if month is None:
        return page(request, "budgets/close_empty.html", empty_page(user))
    rows = variances(month, user)
    table = VarianceTable(request, [_row(user, row, month) for row in rows])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(
            table, wanted, title=f"Variances {month.label}",
            filters=[("Month", month.label)], as_of=clock.now(),
            classification=Organisation.current().classification,
        )  # fmt: skip
    context = frame(user, month, clock.today(), "budgets:variances") | {
        "title": _variance_title(rows, month),
        "table": table,
        "threshold": _threshold(),
    }
    return page(request, "budgets/variances.html", context)


def _row(user: User, row: Variance, month: FiscalMonth) -> dict[str, Any]:
    line = row.line
    may_write = can(user, Act.CLOSE_PERIOD) or may(
        user, Act.DRAFT_REQUEST, team=line.team, owner_id=line.owner_id
    )
    url = f"{reverse('budgets:variance-note', args=[line.pk])}?month={month.key}"
    return variance_row(row, url if may_write else "")


def _threshold() -> str:
    reporting = Organisation.current().reporting_currency
    amount = formats.money_whole(Money(NOTABLE_MICROS, reporting))
    return f"{formats.percent(NOTABLE_SHARE)} of the plan and {amount}"


def _variance_title(rows: Sequence[Variance], month: FiscalMonth) -> str:
    missing = sum(row.is_missing for row in rows)
    notable = sum(row.is_notable for row in rows)
    if missing:
        return f"{missing} of {notable} larger variances of {month.label} are not explained"
    if notable:
        return f"Every larger variance of {month.label} is explained"
    return f"No line of {month.label} is far from its plan"


@gate(Act.DRAFT_REQUEST, Act.CLOSE_PERIOD)
@require_http_methods(["GET", "POST"])
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why a line's month came out so; what was said before stays."""
    user = person(request)
    line = get_object_or_404(BudgetLine.objects.for_user(user).select_related("team"), pk=pk)
    month = month_or_404(request.GET.get("month", ""))
    if not can(user, Act.CLOSE_PERIOD):
        require(user, Act.DRAFT_REQUEST, team=line.team, owner_id=line.owner_id)
    form = NoteForm(request.POST or None)
    back = f"{reverse('budgets:variances')}?month={month.key}"
    if form.is_valid():
        try:
            variance_note(
                user=user, line=line, month=month.key, text=form.cleaned_data["text"],
                at=clock.now(),
            )  # fmt: skip
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, "Saved. What was said before stays in the history.")
            return redirect_to(request, back)
    row = next((one for one in variances(month, user) if one.line.pk == line.pk), None)
    crumbs = [("Budgets", reverse("budgets:centre")), ("Variances", back), (line.name, "")]
    context = {
        "title": f"{line.name}, {month.label}",
        "form": form,
        "row": row,
        "back": back,
        "crumbs": crumbs,
    }
    answer = invalid if form.is_bound else page
    return answer(request, "budgets/variance_note.html", context, fragment="drawer")
