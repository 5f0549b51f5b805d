"""Statements to the database that took long, for whoever looks after the running copy."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate
from core import clock
from core.exports import export_response
from core.models import SlowStatement
from core.pages import page
from core.slow import SLOW_SECONDS
from core.tables import Column, Table
from core.text import counted, cut


class SlowTable(Table):
    """What cost most time first."""

    key = "slow"
    noun = "statements"
    columns = (
        Column("place", "Last asked by", kind="code", priority=1),
        Column("times", "Times", kind="number", priority=2),
        Column("worst", "Slowest", kind="custom", sort="worst_ms", priority=1),
        Column("total", "All together", kind="custom", sort="total_ms", priority=2),
        Column("latest_at", "Latest", kind="datetime", priority=2),
        Column("statement", "Statement", kind="custom", sort="text", priority=3),
    )
    default_sort = "-total"
    search = ("place", "text")
    empty_title = "No statement took longer than a second"
    empty_text = "Pages and jobs are measured all the time; whatever is slow appears here."

    def cell_worst(self, row: SlowStatement) -> str:
        return _seconds(row.worst_ms)

    def cell_total(self, row: SlowStatement) -> str:
        return _seconds(row.total_ms)

    def cell_statement(self, row: SlowStatement) -> str:
        return cut(row.text, 160)


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1_000:,.1f}\u202fs"


@gate(Act.INVITE_USER, to="see how the running system does")
@require_safe
def slow(request: HttpRequest) -> HttpResponse:
    table = SlowTable(request, SlowStatement.objects.all())
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Slow statements", as_of=clock.now())
    worst = SlowStatement.objects.order_by("-worst_ms").first()
    context = {
        "title": _title(worst),
        "table": table,
        "threshold": f"{SLOW_SECONDS:g} second",
        "budget": settings.QUERY_SECONDS,
        "crumbs": [("Home", reverse("reporting:home")), ("Slow statements", "")],
    }
    return page(request, "reporting/slow.html", context, fragment="slow")


def _title(worst: SlowStatement | None) -> str:
    if worst is None:
        return "No statement to the database took long"
    count = counted(SlowStatement.objects.count(), "statement was", "statements were")
    return f"{count} slow; the worst took {_seconds(worst.worst_ms)}"
