"""Entering an invoice, an expense or a credit note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import Team, User
from accounts.permissions import gate, person
from accounts.selectors import active_people_for, open_teams_for
from budgets.choices import BillKind, BillState
from budgets.forms.bills import BillForm, BillRows
from budgets.models import Bill
from budgets.selectors.bills import bills_visible, bookable_months, open_lines, proposed_month
from budgets.selectors.sections import section_tabs
from budgets.services import bills
from budgets.services.attachments import attachment_add
from budgets.services.bills import ENTERS, TO_ENTER, BillIn, LineIn
from budgets.views.bills.places import Places
from budgets.views.bills.remedies import Link, remedies
from core import clock
from core.errors import AdroitError, Invalid
from core.forms import refuse, tell_rows
from core.models import Organisation
from core.money import MICROS
from core.pages import invalid, page, redirect_to

ADD, ROWS = "add", 2


class BillSheet:
    """The form of a bill with its rows, from a post or as it is offered."""

    def __init__(
        self, user: User, posted: QueryDict | None, files: Any, start: Mapping[str, Any]
    ) -> None:
        self.user = user
        self.corrects: Bill | None = start.get("corrects")
        self.places = Places(user, self.corrects.vendor if self.corrects else None)
        self.remedies: Sequence[Link] = ()
        self.asks_for_row = bool(posted and posted.get(ADD))
        data = _with_row(posted) if posted else None
        self.form = BillForm(
            open_teams_for(user), active_people_for(user), data, files or None,
            initial=start.get("bill"), is_credit=bool(self.corrects),
        )  # fmt: skip
        self.rows: Any = BillRows(
            data,
            prefix="rows",
            initial=None if data else start.get("rows"),
            form_kwargs={"places": self.places.choices, "months": self.places.months},
        )

    def is_valid(self) -> bool:
        rows, words = self.rows.is_valid(), self.form.is_valid()
        tell_rows(self.form, self.rows)
        return bool(words and rows)

    @property
    def has_errors(self) -> bool:
        """Whether it was sent and refused, and not only asked for another row."""
        if not self.form.is_bound or self.asks_for_row:
            return False
        return bool(self.form.errors or self.rows.total_error_count())

    def content(self) -> BillIn:
        """The bill that the form describes."""
        data, corrected = self.form.cleaned_data, self.corrects
        common = {
            "number": data["number"], "dated": data["dated"], "note": data["note"],
            "lines": [self._line(row) for row in self.rows if row.is_begun()],
        }  # fmt: skip
        if corrected:
            return BillIn(
                kind=BillKind.CREDIT, team=corrected.team, owner=corrected.owner,
                currency=corrected.currency, vendor=corrected.vendor, corrects=corrected, **common,
            )  # fmt: skip
        is_expense = data["kind"] == BillKind.EXPENSE
        return BillIn(
            kind=data["kind"], team=data["team"], owner=data["owner"], due_on=data["due_on"],
            currency=data["currency"], vendor=None if is_expense else data["vendor"], **common,
        )  # fmt: skip

    def _line(self, row: Any) -> LineIn:
        data = row.cleaned_data
        return LineIn(
            data["description"], row.micros, data["month"],
            is_whole_month=data["is_whole_month"], **self.places.fields(data["place"]),
        )  # fmt: skip


def _with_row(posted: QueryDict) -> QueryDict:
    """The post with one more empty row, when that was asked for."""
    if not posted.get(ADD):
        return posted
    data = posted.copy()
    count = data.get("rows-TOTAL_FORMS", "")
    data["rows-TOTAL_FORMS"] = str(int(count) + 1 if count.isdecimal() else 1)
    return data


@gate(*ENTERS, to=TO_ENTER)
@require_http_methods(["GET", "POST"])
def bill_create(request: HttpRequest) -> HttpResponse:
    """Enter a bill; ``?corrects=`` an invoice makes it a credit note, ``?order=`` fills it from an order line."""
    user = person(request)
    start = _start(request, user)
    sheet = BillSheet(
        user, request.POST if request.method == "POST" else None, request.FILES, start
    )
    if request.method == "POST" and not sheet.asks_for_row and sheet.is_valid():
        try:
            made = _enter(sheet)
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(sheet.form, error)
            sheet.remedies = remedies(error)
        else:
            messages.success(request, _told(made))
            return redirect_to(request, made.get_absolute_url())
    return _answer(request, sheet)


@transaction.atomic
def _enter(sheet: BillSheet) -> Bill:
    """The bill and its file, both or neither."""
    now = clock.now()
    made = bills.bill_enter(user=sheet.user, given=sheet.content(), at=now)
    upload = sheet.form.cleaned_data.get("receipt")
    if upload:
        attachment_add(target=made, user=sheet.user, upload=upload, at=now)
    return made


def _told(made: Bill) -> str:
    if made.state == BillState.POSTED:
        return f"{made} is posted: its order covers it."
    return f"{made} is entered. {made.held_because}"


def _start(request: HttpRequest, user: User) -> dict[str, Any]:
    """What the form is offered filled with."""
    today = clock.today()
    wanted = request.GET.get("corrects", "") or request.POST.get("corrects", "")
    if wanted.isdecimal():
        return _credit_start(get_object_or_404(bills_visible(user), pk=int(wanted)), today)
    team = Team.objects.filter(pk__in=open_teams_for(user)).first()
    bill = {
        "kind": BillKind.EXPENSE if request.GET.get("kind") == "expense" else BillKind.INVOICE,
        "dated": today, "owner": user.pk, "team": team,
        "currency": Organisation.current().reporting_currency,
    }  # fmt: skip
    month = proposed_month(today, bookable_months())
    row: dict[str, Any] = {"month": month}
    order_line = request.GET.get("order", "")
    if order_line.isdecimal():
        bill, row = _order_start(user, int(order_line), bill, row)
    return {"bill": bill, "rows": [row, *[{"month": month}] * (ROWS - 1)]}


def _order_start(
    user: User, pk: int, bill: dict[str, Any], row: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    found = Places(user).orders.get(pk)
    if found is None:
        return bill, row
    order, stands = found.order, open_lines([found])[pk]
    about = {
        "vendor": order.vendor_id, "team": order.team_id, "owner": order.owner_id,
        "currency": order.currency, "note": order.reference,
    }  # fmt: skip
    offered = {
        "place": f"o{pk}",
        "amount": _decimal(stands.billable),
        "description": found.description,
    }
    return bill | about, row | offered


def _credit_start(corrected: Bill, today: date) -> dict[str, Any]:
    if corrected.kind != BillKind.INVOICE:
        raise Invalid("A credit note is about an invoice.", where="corrects")
    left = bills.creditable(corrected)
    open_keys = {month.key for month in bookable_months()}
    proposed = proposed_month(today, bookable_months())
    rows = [
        {
            "description": line.description,
            "place": f"b{line.budget_line_id}" + (f"/{line.campaign_line_id}" if line.campaign_line_id else ""),
            "month": line.month if line.month in open_keys else proposed,
            "amount": _decimal(min(line.amount_micros, left.get((line.budget_line_id or 0, line.campaign_line_id or 0), (0, 0))[0])),
        }
        for line in corrected.lines.order_by("position")
    ]  # fmt: skip
    return {"bill": {"dated": today}, "rows": rows, "corrects": corrected}


def _decimal(micros: int) -> str:
    whole, rest = divmod(micros, MICROS)
    return f"{whole}.{rest // 10_000:02d}"


def _answer(request: HttpRequest, sheet: BillSheet) -> HttpResponse:
    corrected = sheet.corrects
    title = f"Credit note for {corrected}" if corrected else "Enter a bill"
    context = {
        "title": title,
        "sheet": sheet,
        "corrects": corrected,
        "sections": section_tabs(sheet.user, "budgets:bills"),
        "crumbs": [
            ("Budgets", reverse("budgets:centre")),
            ("Bills", reverse("budgets:bills")),
            (title, ""),
        ],
    }
    return (invalid if sheet.has_errors else page)(request, "budgets/bill_form.html", context)
