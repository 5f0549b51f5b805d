"""The list of bills, by what has to be done with them."""

from __future__ import annotations

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person
from budgets.choices import BillState
from budgets.forms.bills import BillFilter
from budgets.models import Bill
from budgets.selectors.bills import bills_visible
from budgets.selectors.sections import section_tabs
from budgets.services.bills import ENTERS
from budgets.views.bills.tables import BillTable
from core import clock
from core.exports import export_response
from core.models import Organisation
from core.pages import page
from core.parts import Tab


@gate(Act.VIEW_MONEY)
@require_safe
def bills_page(request: HttpRequest) -> HttpResponse:
    """Every bill in sight; tabs for what waits, is held, posted or void."""
    user = person(request)
    found = BillFilter(request.GET, bills_visible(user), request=request)
    table = BillTable(request, found.qs)
    if wanted := request.GET.get("export"):
        return export_response(
            table, wanted, title="Bills", as_of=clock.now(),
            classification=Organisation.current().classification,
        )  # fmt: skip
    counts = _counts(user)
    context = {
        "title": _title(counts),
        "sections": section_tabs(user, "budgets:bills"),
        "tabs": _tabs(request, counts),
        "table": table,
        "filters": found.form,
        "may_enter": any(can(user, act) for act in ENTERS),
        "crumbs": [("Budgets", reverse("budgets:centre")), ("Bills", "")],
    }
    return page(request, "budgets/bills.html", context, fragment="bills")


def _counts(user: User) -> dict[str, int]:
    rows: QuerySet[Bill] = Bill.objects.for_user(user).order_by()
    return dict(rows.values_list("state").annotate(count=Count("pk")))


def _title(counts: dict[str, int]) -> str:
    waiting = counts.get(BillState.TO_MATCH, 0) + counts.get(BillState.HELD, 0)
    if not waiting:
        return "No bill waits to be matched"
    return "1 bill waits to be matched" if waiting == 1 else f"{waiting} bills wait to be matched"


def _tabs(request: HttpRequest, counts: dict[str, int]) -> list[Tab]:
    chosen = request.GET.getlist("state")
    whole = Tab("All", reverse("budgets:bills"), not chosen, sum(counts.values()))
    return [
        whole,
        *(
            Tab(state.label, f"?state={state.value}", chosen == [state.value], counts.get(state, 0))
            for state in BillState
        ),
    ]
