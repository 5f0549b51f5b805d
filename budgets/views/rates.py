"""Pages of exchange rates: what is in force, asking for one rate, and for many by a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person, require
from budgets.forms import RateFileForm, RateFilter, RateForm, RateSendForm
from budgets.models import FxRate
from budgets.rules.rate_files import FileRow, Wanted, read_rate_file
from budgets.rules.rate_rows import RateRow, as_payload, read_payload, read_rate
from budgets.selectors.rate_checks import checked_rows, closed_until
from budgets.selectors.rate_history import PairHistory, pair_history, rate_requests, used_on
from budgets.selectors.sections import section_tabs
from budgets.services.rates import rates_ask
from budgets.views.tables import RateTable
from core import clock, formats
from core.charts import Chart, Series, Unit
from core.errors import AdroitError, Invalid
from core.exports import export_response
from core.forms import refuse
from core.models import Organisation
from core.pages import invalid, page, redirect_to
from core.parts import Need

SALT = "budgets.rates"
SHOWN = 200
FEWEST_POINTS = 3


@gate(Act.VIEW_MONEY)
@require_http_methods(["GET", "POST"])
def rates(request: HttpRequest) -> HttpResponse:
    """Exchange rates; finance asks for a new one, an older one is never changed."""
    user = person(request)
    if request.method == "POST":
        require(user, Act.CHANGE_FX)
    form = RateForm(request.POST or None, initial={"valid_from": clock.today()})
    if form.is_valid():
        try:
            data = {k: v for k, v in form.cleaned_data.items() if k != "reason"}
            return _sent(request, user, [read_rate(data)], form.cleaned_data["reason"])
        except AdroitError as error:
            _refuse(form, error)
    found = RateFilter(request.GET, FxRate.objects.select_related("entered_by"))
    table = RateTable(request, found.qs)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Exchange rates", as_of=clock.now())
    context = _context(request, user, found, table) | {
        "form": form if can(user, Act.CHANGE_FX) else None
    }
    answer = invalid if form.is_bound else page
    return answer(request, "budgets/rates.html", context)


def _refuse(form: Any, error: AdroitError) -> None:
    """Show an error at its field; what a person may not do stays a refusal."""
    if error.status == 403:
        raise error
    refuse(form, error)


def _sent(request: HttpRequest, user: User, rows: Sequence[RateRow], reason: str) -> HttpResponse:
    made = rates_ask(user=user, rows=rows, reason=reason, at=clock.now())
    messages.success(
        request, f"{made.reference} was sent. The rate holds once a second person confirms it."
    )
    return redirect_to(request, made.get_absolute_url())


def _context(
    request: HttpRequest, user: User, found: RateFilter, table: RateTable
) -> dict[str, Any]:
    today = clock.today()
    until = closed_until()
    day = found.form.cleaned_data.get("day") if found.form.is_valid() else None
    history = _history(request, day or today)
    return {
        "title": _title(history),
        "table": table,
        "filters": found.form,
        "currency": Organisation.current().reporting_currency,
        "chart": _chart(history) if history else None,
        "used": used_on(history, day or today) if history else [],
        "day": day or today,
        "needs": [_need(row) for row in rate_requests(user)],
        "closed": formats.day(until, today, weekday=False) if until else "",
        "sections": section_tabs(user, "budgets:rates"),
        "crumbs": [("Budgets", reverse("budgets:centre")), ("Exchange rates", "")],
    }


def _history(request: HttpRequest, until: date) -> PairHistory | None:
    """The pair that the filter names, where both sides are chosen."""
    base, quote = (request.GET.get(side, "").strip().upper() for side in ("base", "quote"))
    return pair_history(base, quote, until) if base and quote else None


def _title(history: PairHistory | None) -> str:
    return f"1 {history.base} in {history.quote}" if history else "Exchange rates"


def _need(asked: Any) -> Need:
    return Need(
        title=asked.title,
        url=asked.get_absolute_url(),
        icon="coin",
        meta=f"{asked.reference} · asked for by {asked.requested_by} · waits for a second person",
    )


def _chart(history: PairHistory) -> Chart | None:
    """Budget rate against spot rate; nothing where two points would be all."""
    if len(history.days) < FEWEST_POINTS:
        return None
    return Chart(
        kind="line",
        title=history.finding,
        sub=f"{history.quote} for one {history.base}, each from its day on",
        x=history.days,
        unit=Unit.number(4),
        series=[
            Series("Spot rate", history.spot, style="actual"),
            Series("Budget rate", history.budget, style="target"),
        ],
        zero=False,
        height=220,
        id="pair",
    )


@gate(Act.CHANGE_FX)
@require_http_methods(["GET", "POST"])
def rate_file(request: HttpRequest) -> HttpResponse:
    """Many rates by a file: look at them first, then send them for confirmation, all or none."""
    user = person(request)
    if "rates" in request.POST:
        return _send_file(request, user)
    form = RateFileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            context = _preview(_read(form))
        except AdroitError as error:
            refuse(form, error)
    answer = invalid if form.errors else page
    return answer(request, "budgets/rate_file.html", _file_page(user, form) | context)


def _read(form: RateFileForm) -> list[FileRow]:
    data = form.cleaned_data
    wanted = Wanted(data["kind"], data["source"], data["since"])
    return read_rate_file(data["file"].read(), wanted)


def _preview(rows: Sequence[FileRow]) -> dict[str, Any]:
    """What a file holds: its rates, or the lines that stand against all of them."""
    checked = checked_rows(rows)
    wrong = [row for row in checked if row.problem]
    preview: dict[str, Any] = {
        "rows": (wrong or checked)[:SHOWN],
        "count": len(rows),
        "wrong": len(wrong),
        "more": max(0, len(wrong or checked) - SHOWN),
    }
    if not wrong:
        found = as_payload(row.row for row in checked if row.row)
        read_payload({"rates": found})
        token = signing.dumps(found, salt=SALT, compress=True)
        preview["send"] = RateSendForm(initial={"rates": token})
    return preview


def _send_file(request: HttpRequest, user: User) -> HttpResponse:
    form = RateSendForm(request.POST)
    try:
        found = signing.loads(request.POST["rates"], salt=SALT)
    except signing.BadSignature as error:
        raise Invalid(
            "This preview cannot be read any more.", remedy="Choose the file again."
        ) from error
    if form.is_valid():
        try:
            rows = read_payload({"rates": found})
            return _sent(request, user, rows, form.cleaned_data["reason"])
        except AdroitError as error:
            _refuse(form, error)
    preview = _preview([FileRow(0, read_rate(row)) for row in found]) | {"send": form}
    return invalid(request, "budgets/rate_file.html", _file_page(user, RateFileForm()) | preview)


def _file_page(user: User, form: RateFileForm) -> dict[str, Any]:
    return {
        "title": "Rates from a file",
        "form": form,
        "sections": section_tabs(user, "budgets:rates"),
        "crumbs": [
            ("Budgets", reverse("budgets:centre")),
            ("Exchange rates", reverse("budgets:rates")),
            ("From a file", ""),
        ],
    }
