"""Who else bids in our auctions: shares against ours over time, and the records behind the names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from accounts.choices import Act
from accounts.permissions import can, gate, may, person, require
from core import clock, formats, known
from core.charts import Chart, Series, Unit
from core.errors import AdroitError
from core.exports import export_response
from core.forms import refuse
from core.known import page_as_known
from core.pages import form_page, page, redirect_to
from core.parts import Tab
from core.tables import Column, Table
from insights.forms import GRAINS, CompetitionFilter, CompetitorForm, NewCompetitorForm
from metrics.choices import AUCTION_SHARES, Bound
from metrics.selectors import Competition, Rival, Share, competition, competitors_for, rank
from metrics.services import competitor_create
from metrics.services import competitor_edit as change_competitor

# Competitors drawn beside ourselves: more lines than that cannot be told apart.
DRAWN = 4
IMPRESSIONS, OVERLAP = "impression_share", "overlap_rate"
SHARES = tuple(AUCTION_SHARES.items())
_BOUND_WORDS = {Bound.BELOW: "under ", Bound.ABOVE: "over ", Bound.EXACT: ""}
_HELP = {
    OVERLAP: "How often they showed when we did",
    "position_above_rate": "How often they stood above us when both showed",
    "outranking_share": "How often we stood above them, or showed when they did not",
}


class CompetitorTable(Table):
    key = "competitors"
    noun = "advertisers"
    columns = (
        Column("name", "Advertiser", kind="link", url="url", sub="domain", priority=1, strong=True),
        *(
            Column(f"{share}_text", label, kind="custom", sort=share, sub=f"{share}_change_text",
                   priority=1 if share in (IMPRESSIONS, OVERLAP) else 3, nowrap=True,
                   help=_HELP.get(share, ""), default_visible=share != "abs_top_of_page_rate")
            for share, label in SHARES
        ),
        *(
            Column(f"{share}_change", f"{label}, change", kind="points", default_visible=False,
                   priority=3)
            for share, label in SHARES
        ),
    )  # fmt: skip
    search = ("name", "domain")
    default_sort = f"-{IMPRESSIONS}_text"
    row_id = "pk"

    def cell(self, record: Any, column: Column) -> Any:
        cell = super().cell(record, column)
        if column.kind == "custom":
            cell.value = record[column.key]
        return cell


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def competitors(request: HttpRequest) -> HttpResponse:
    user = person(request)
    filters = CompetitionFilter(user, request.GET)
    found = competition(user, **filters.asked(), as_of=known.known_at())
    filters.offer_found(found)
    edits = found.team is not None and may(user, Act.DRAFT_REQUEST, team=found.team)
    table = CompetitorTable(request, [_row(rival, found, edits=edits) for rival in found.rivals])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Competitors", as_of=clock.now())
    context = {
        "title": _title(found),
        "kicker": _kicker(found),
        "found": found,
        "filters": filters,
        "tabs": _tabs(request, found),
        "chart": _chart(found),
        "table": table,
        "sub": _sub(found),
        "unnamed": _unnamed(found) if edits else [],
        "may_upload": can(user, Act.UPLOAD_IMPORT),
        "crumbs": [("Competitors", "")],
    }
    return page(request, "insights/competitors.html", context, fragment="competitors")


def _row(rival: Rival, found: Competition, *, edits: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "pk": rival.domain or "we",
        "name": rival.name,
        "domain": rival.domain if rival.competitor else "",
        "url": _url(rival, found) if edits else "",
    }
    for share, _ in SHARES:
        now, change = rival.now.get(share), rival.change(share)
        row |= {
            share: rank(now),
            f"{share}_text": in_words(now),
            f"{share}_change": change,
            f"{share}_change_text": "" if change is None else formats.points(change),
        }
    return row


def in_words(share: Share | None) -> str:
    """``42 %``, ``under 10 %``: a bound is never written as if it were exact."""
    if share is None:
        return ""
    return _BOUND_WORDS[Bound(share.bound)] + formats.percent(share.value)


def _url(rival: Rival, found: Competition) -> str:
    if rival.competitor:
        return reverse("insights:competitor-edit", args=[rival.competitor.pk])
    return "" if rival.is_us else _new_url(rival.domain, found)


def _new_url(domain: str, found: Competition) -> str:
    team = found.team.pk if found.team else ""
    query = urlencode({"team": team, "domains": domain})
    return f"{reverse('insights:competitor-new')}?{query}"


def _title(found: Competition) -> str:
    top = found.top
    overlap = top.now.get(OVERLAP) if top else None
    if top is None or overlap is None:
        return "Who else bids in our auctions"
    return f"{top.name} shows in {in_words(overlap)} of our auctions{_moved(top)}"


def _moved(rival: Rival) -> str:
    change = rival.change(OVERLAP)
    if change is None:
        return ""
    size = formats.number(abs(change) * 100, 1).removesuffix(".0")
    if size == "0":
        return ", as in the period before"
    return f", {'up' if change > 0 else 'down'} {size} {'point' if size == '1' else 'points'}"


def _kicker(found: Competition) -> str:
    if not found.spans or found.team is None:
        return "Competitors"
    newest = found.spans[-1]
    return f"Competitors · {found.team.name} · {formats.span(newest.first_day, newest.last_day)}"


def _sub(found: Competition) -> str:
    if not found.spans:
        return ""
    if len(found.spans) < 2 or not found.spans[-2].is_before(found.spans[-1]):
        return "Nothing is known of the period right before, so no change is shown"
    earlier = found.spans[-2]
    return f"Against {formats.span(earlier.first_day, earlier.last_day)}, in percentage points"


def _tabs(request: HttpRequest, found: Competition) -> list[Tab]:
    """Only where there is a choice."""
    if len(found.grains) < 2:
        return []
    kept = {"team": request.GET["team"]} if "team" in request.GET else {}
    return [
        Tab(GRAINS[grain], f"?{urlencode({**kept, 'by': grain})}", grain == found.grain)
        for grain in found.grains
    ]


def _chart(found: Competition) -> Chart | None:
    if len(found.spans) < 2:
        return None
    drawn = [rival for rival in found.rivals if IMPRESSIONS in rival.now]
    drawn.sort(key=lambda rival: (not rival.is_us, -rank(rival.now[IMPRESSIONS])))
    lines = [rival for rival in drawn[: DRAWN + 1] if any(s and not s.bound for s in rival.history)]
    hidden = any(share and share.bound for rival in lines for share in rival.history)
    return Chart(
        kind="line",
        title="Impression share",
        sub="Ours and that of the largest others" + (" · gaps: only a bound is known" if hidden else ""),
        x=[span.first_day for span in found.spans],
        x_label="From",
        unit=Unit.percent(1),
        series=[_series(rival) for rival in lines],
        zero=True,
        id="impression-share",
    )  # fmt: skip


def _series(rival: Rival) -> Series:
    values = [share.exact if share else None for share in rival.history]
    return Series(rival.name, values, style="actual" if rival.is_us else "compare", end=rival.name)


def _unnamed(found: Competition) -> list[tuple[str, str]]:
    """Domains that belong to nobody yet, those of the newest period."""
    there = {rival.domain for rival in found.rivals}
    return [(domain, _new_url(domain, found)) for domain in found.unnamed if domain in there]


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def competitor_new(request: HttpRequest) -> HttpResponse:
    user = person(request)
    domain = request.GET.get("domains", "")
    initial: Mapping[str, Any] = {
        "team": request.GET.get("team"),
        "domains": domain,
        "name": domain,
    }
    form = NewCompetitorForm(user, request.POST or None, initial=initial)
    if form.is_valid():
        try:
            made = competitor_create(user=user, at=clock.now(), **form.cleaned())
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{made.name} is a competitor of {made.team.name} now.")
            return redirect_to(request, _back(made.team_id))
    lead = "Several domains may be one competitor. Shares never add up: the largest one is shown."
    return _form(request, form, "New competitor", "Add competitor", lead)


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def competitor_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    competitor = get_object_or_404(competitors_for(user), pk=pk)
    require(user, Act.DRAFT_REQUEST, team=competitor.team)
    initial = {
        "name": competitor.name,
        "domains": "\n".join(one.domain for one in competitor.domains.all()),
        "note": competitor.note,
    }
    form = CompetitorForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            change_competitor(competitor=competitor, user=user, at=clock.now(), **form.cleaned())
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "The competitor is changed.")
            return redirect_to(request, _back(competitor.team_id))
    return _form(request, form, f"Change {competitor.name}", "Save changes")


def _back(team: int) -> str:
    return f"{reverse('insights:competitors')}?{urlencode({'team': team})}"


def _form(request: HttpRequest, form: Any, title: str, save: str, lead: str = "") -> HttpResponse:
    back = reverse("insights:competitors")
    crumbs = [("Competitors", back), (title, "")]
    return form_page(request, form, title=title, save=save, back=back, crumbs=crumbs, lead=lead)
