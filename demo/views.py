"""What was hidden in this market, and what was found: only where the demo company is loaded."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person, require
from core import clock
from core.exports import export_response
from core.pages import page
from core.parts import Part, Tab
from core.tables import Column, Table
from demo.company.reset import is_demo
from demo.planted.board import planted_rows
from demo.planted.rows import Row, Seen, tally
from demo.planted.truth import truth_kept

ALL = "All"


class PlantedTable(Table):
    key = "planted"
    noun = "planted things"
    columns = (
        Column("what", "What was planted", kind="link", url="url", priority=1, sub="topic"),
        Column("planted", "Truth", priority=1, nowrap=True),
        Column("said", "The product says", priority=2),
        Column("range", "Range", priority=3, nowrap=True),
        Column("seen", "Found", kind="badge", tone="tone", priority=2),
        Column("number", "n", kind="custom", sort="number", priority=3),
    )
    search = ("what", "topic", "said")
    row_id = "what"
    per_page = 100
    empty_title = "Nothing of what was planted is in your teams"
    empty_text = "Somebody with the whole company in sight sees all of it."

    def cell_number(self, row: Row) -> str:
        return f"{row.number:,}" if row.number else ""


@gate(Act.VIEW_MONEY)
@require_safe
def planted(request: HttpRequest) -> HttpResponse:
    """The planted truth row by row; 404 where no demo company lives."""
    if not is_demo():
        raise Http404("No demo company lives in this database.")
    user, kept = person(request), truth_kept()
    rows = planted_rows(kept, user, clock.now()) if kept else []
    topics = list(dict.fromkeys(row.topic for row in rows))
    chosen = request.GET.get("topic", "")
    shown = [row for row in rows if row.topic == chosen] if chosen in topics else rows
    table = PlantedTable(request, shown)
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="What was planted", as_of=clock.now())
    found = tally(rows)
    context: dict[str, Any] = {
        "title": found.title if kept else "The truth of this company is not on this machine",
        "kept": kept,
        "tally": found,
        "parts": [Part(seen.value.lower(), sum(row.seen == seen for row in rows), tone)
                  for seen, tone in _TONES],
        "tabs": [Tab(ALL, "?", chosen not in topics, len(rows)),
                 *(Tab(topic, f"?topic={topic}", topic == chosen,
                       sum(row.topic == topic for row in rows)) for topic in topics)],
        "table": table,
        "crumbs": [("What was planted", "")],
    }  # fmt: skip
    return page(request, "demo/planted.html", context, fragment="planted")


_TONES = (
    (Seen.INSIDE, "good"),
    (Seen.FOUND, "good"),
    (Seen.OUTSIDE, "bad"),
    (Seen.MISSED, "bad"),
    (Seen.UNCLEAR, "neutral"),
    (Seen.NOT_RUN, "warn"),
)
