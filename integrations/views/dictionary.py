"""What every number and column means, and a small file in each layout."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate
from core import clock
from core.exports import export_response
from core.pages import page
from core.parts import Tab
from core.tables import Column, Table
from integrations.rules.samples import sample, sampled_layouts
from integrations.selectors import KINDS, dictionary


class TermTable(Table):
    """The words, with a search over what they mean and where they come from."""

    key = "terms"
    noun = "terms"
    columns = (
        Column("label", "Term", priority=1),
        Column("kind", "Kind", priority=1),
        Column("key", "Key", kind="code", priority=3),
        Column("meaning", "What it means", priority=2),
        Column("origin", "Where it comes from", priority=3),
    )
    default_sort = ""
    search = ("label", "key", "meaning", "origin")
    empty_title = "No such term"
    empty_text = "Try a shorter word, or all kinds."


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """Every measure, metric, dimension and column of a layout."""
    kind = request.GET.get("kind", "")
    rows = [term for term in dictionary() if not kind or term.kind == kind]
    table = TermTable(request, rows)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Data dictionary", as_of=clock.now())
    context: dict[str, Any] = {
        "title": "What every number and column means",
        "table": table,
        "tabs": _tabs(kind),
        "samples": sampled_layouts(),
        "crumbs": [("Imports", reverse("integrations:imports")), ("Data dictionary", "")],
    }
    return page(request, "integrations/dictionary.html", context, fragment="terms")


def _tabs(kind: str) -> list[Tab]:
    counts = {name: sum(term.kind == name for term in dictionary()) for name in KINDS}
    every = Tab("All", "?", current=not kind, count=sum(counts.values()))
    return [every] + [
        Tab(f"{name}s", f"?kind={name}", current=name == kind, count=counts[name]) for name in KINDS
    ]


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def sample_file(request: HttpRequest, layout: str) -> HttpResponse:  # noqa: ARG001
    """A small file in a layout, made by us."""
    if layout not in {item.key for item in sampled_layouts()}:
        raise Http404
    answer = HttpResponse(sample(layout), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="sample_{layout}.csv"'
    return answer
