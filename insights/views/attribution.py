"""Which channels led to conversions, by nine models side by side, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import can, gate, person, require
from core import formats, known
from core.charts import Band, Chart, Series, Unit
from core.exports import export_response
from core.known import page_as_known
from core.money import Money
from core.pages import page
from core.parts import Tile
from core.tables import Column, Table
from insights.models import AttributionRun, Conversion
from insights.rules.attribution import COSTS, FORMULA, LEVELS, MODELS, Cost
from insights.selectors.attribution import (
    ChannelCredit,
    Shown,
    attribution_runs,
    kinds_of,
    shown_run,
    teams_of,
)
from insights.views.analyses import NamedTable, Picked, analysis_tabs, run_asked


class ModelTable(NamedTable):
    """Every channel's share by every model."""

    key = "models"
    noun = "channels"
    columns = (
        Column("name", "Channel", priority=1, strong=True),
        *(
            Column(key, label, kind="percent", digits=0, priority=1 if key in ("last", "markov") else 3)
            for key, label in MODELS.items()
        ),
        Column("spread", "Apart", kind="percent", digits=0, priority=2, help="Between the model that gives most and the one that gives least"),
        Column("firm", "90 % range, chosen model", kind="custom", sortable=False, nowrap=True, priority=3, help="When journeys are drawn anew"),
        Column("removal", "Lost without it", kind="percent", digits=0, priority=3, help="Markov removal effect: the share of conversions that would be lost"),
    )  # fmt: skip
    default_sort = "-markov"
    row_id = "name"
    empty_title = "No channel yet"

    def cell_firm(self, row: Mapping[str, Any]) -> str:
        return str(row["firm"])


class MoneyTable(NamedTable):
    """Every channel's conversions, revenue, cost and return by the chosen model."""

    key = "returns"
    noun = "channels"
    columns = (
        Column("name", "Channel", priority=1, strong=True),
        Column("conversions", "Conversions", kind="number", digits=1, priority=2),
        Column("value", "Revenue", kind="money_exact", priority=1),
        Column("cost", "Cost", kind="money_exact", priority=3, help="Empty: no spend is known"),
        Column("roi", "Return", kind="percent_signed", digits=0, priority=1, tone="tone", help=FORMULA),
        Column("claimed", "Platforms claim", kind="number", digits=1, priority=3),
        Column("times", "Claimed for each one", kind="ratio", priority=3, help="Conversions that platforms claim for each that the model credits"),
    )  # fmt: skip
    default_sort = "-value"
    row_id = "name"
    empty_title = "No channel yet"


class RunTable(NamedTable):
    """Earlier runs, the newest first."""

    key = "runs"
    noun = "runs"
    columns = (
        Column("ran_at", "Run", kind="link", url="url", priority=1),
        Column("days", "Days", kind="custom", sortable=False, nowrap=True, priority=2),
        Column("conversions", "Conversions", kind="number", priority=1),
        Column("unattributed", "Unattributed", kind="number", priority=3),
        Column("disagreement", "Models disagree", kind="percent", digits=0, priority=2),
        Column("by", "By", kind="custom", sortable=False, priority=3),
        Column("data_sha256", "Data", kind="code", sortable=False, priority=3, default_visible=False),
        Column("cpu_seconds", "Processor, s", kind="number", digits=1, priority=3, default_visible=False),
    )  # fmt: skip
    default_sort = "-ran_at"
    row_id = "pk"

    def cell_days(self, row: Mapping[str, Any]) -> str:
        return str(row["days"])

    def cell_by(self, row: Mapping[str, Any]) -> str:
        return str(row["by"])


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
def attribution(request: HttpRequest) -> HttpResponse:
    user = person(request)
    runs = attribution_runs(user, known.known_at())
    teams = teams_of(runs)
    run = run_asked(request, runs, teams)
    frame = {
        "tabs": analysis_tabs(user, "insights:attribution"),
        "may_run": can(user, Act.RUN_MODELS),
        "crumbs": [("Attribution", "")],
    }
    if run is None:
        return page(request, "insights/attribution.html", frame | {"title": "Attribution"})
    shown = shown_run(run, request.GET.get("model", ""))
    tables = {
        "models": ModelTable(request, [_model_row(row) for row in shown.rows]),
        "returns": MoneyTable(request, [_money_row(row) for row in shown.rows]),
        "runs": RunTable(request, [_run_row(one) for one in runs.filter(team=run.team, conversion=run.conversion)[:100]]),
    }  # fmt: skip
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return _exported(request, tables, wanted, shown)
    picked = Picked(
        {"team": run.team_id, "kind": run.conversion, "model": shown.model},
        teams, kinds_of(runs, run.team), shown.models,
    )  # fmt: skip
    return page(
        request, "insights/attribution.html", frame | tables | _context(shown) | {"picked": picked}
    )


def _exported(
    request: HttpRequest, tables: Mapping[str, Table], wanted: str, shown: Shown
) -> HttpResponse:
    table = tables.get(request.GET.get("table", ""), tables["models"])
    run = shown.run
    filters = [
        ("Team", run.team.name),
        ("Conversions", run.get_conversion_display()),
        ("Days", formats.span(run.first_day, run.last_day)),
        ("Credit by", MODELS[shown.model]),
    ]
    return export_response(table, wanted, title="Attribution", filters=filters, as_of=run.ran_at)


def _context(shown: Shown) -> dict[str, Any]:
    run = shown.run
    return {
        "shown": shown,
        "run": run,
        "title": _title(shown),
        "kicker": kicker(run, "Attribution"),
        "tiles": _tiles(shown),
        "chart": _chart(shown) if shown.rows and shown.models else None,
        "tied": _tied(shown),
        "settings": settings_told(shown),
        "formula": FORMULA,
        "model_label": MODELS[shown.model],
        "again": _again(run),
    }  # fmt: skip


def _again(run: AttributionRun) -> str:
    query = urlencode({"team": str(run.team_id), "kind": run.conversion})
    return f"{reverse('insights:analysis-new')}?{query}"


def kicker(run: Any, page_name: str) -> str:
    """``Attribution · DACH · First payments · 24 Aug – 21 Nov · run of 22 Nov, 04:40``."""
    kind = [run.get_conversion_display()] if isinstance(run, AttributionRun) else []
    days = formats.span(run.first_day, run.last_day)
    parts = [
        page_name,
        run.team.name,
        *kind,
        days,
        f"as of the run of {formats.moment(run.ran_at)}",
    ]
    return " · ".join(parts)


def _title(shown: Shown) -> str:
    """The channel that models see most differently, or why nothing can be said."""
    what = noun(shown.run.conversion)
    if not shown.rows:
        return f"No {what} with a touch before them"
    if shown.is_thin:
        return f"Too few {what} to tell channels apart: {shown.run.conversions} of at least 30"
    other = "last" if shown.model != "last" else "markov"
    if other not in shown.models:
        return f"{shown.rows[0].name} gets most credit for {what}"
    row = max(shown.rows, key=lambda one: abs(one.shares[other] - one.shares[shown.model]))
    first, second = (formats.percent(row.shares[one], 0) for one in (other, shown.model))
    return (
        f"{row.name} gets {first} of {what} by {MODELS[other].lower()}, "
        f"{second} by {_in_sentence(shown.model)}"
    )


def _in_sentence(model: str) -> str:
    label = MODELS[model]
    return label if label.startswith(("Markov", "Shapley")) else label.lower()


def noun(conversion: str) -> str:
    """``first payments``."""
    return str(Conversion(conversion).label).lower()


def _tiles(shown: Shown) -> list[Tile]:
    run = shown.run
    unknown = run.unattributed / run.conversions if run.conversions else 0
    return [
        Tile(str(run.get_conversion_display()), formats.number(run.conversions),
             sentence=f"{formats.number(run.touches)} touches of {formats.number(run.people)} {'accounts' if shown.asked.level == 'account' else 'people'}"),
        Tile("Unattributed", formats.percent(unknown, 0),
             sentence=f"{formats.number(run.unattributed)} had no touch in the lookback"),
        Tile("Revenue attributed", formats.money(shown.attributed_value),
             sentence=f"of {formats.money_exact(shown.value)} in customer records"),
        Tile("Models disagree", formats.NOTHING if run.disagreement is None else formats.percent(run.disagreement, 0),
             sentence="of the credit is placed differently by two models on average"),
        Tile("Return", formats.NOTHING if shown.roi is None else formats.percent_signed(shown.roi, 0),
             sentence=_return_words(shown)),
        *([Tile("Platforms claim", _times(shown), sentence=f"{formats.number(shown.claimed)} conversions, {formats.number(shown.claimed_credit)} by the model")] if shown.claimed else []),
    ]  # fmt: skip


def _return_words(shown: Shown) -> str:
    if shown.cost is None:
        return "no spend is known for these channels"
    return f"on {formats.money(shown.cost)} of cost, at {shown.asked.margin} % margin"


def _times(shown: Shown) -> str:
    if not shown.claimed_credit or not shown.claimed:
        return formats.NOTHING
    return formats.ratio(shown.claimed / shown.claimed_credit, 1)


def _model_row(row: ChannelCredit) -> dict[str, Any]:
    firm = row.firm
    return {
        "name": row.name,
        **{model: row.shares.get(model) for model in MODELS},
        "spread": row.spread,
        "firm": f"{formats.percent(firm.low, 0)} to {formats.percent(firm.high, 0)}" if firm else "",
        "removal": row.removal,
    }  # fmt: skip


def _money_row(row: ChannelCredit) -> dict[str, Any]:
    credited = bool(row.claimed) and row.conversions > Decimal("0.5")
    return {
        "name": row.name,
        "conversions": row.conversions,
        "value": row.value,
        "cost": row.cost,
        "roi": row.roi,
        "tone": "" if row.roi is None or row.roi >= 0 else "bad",
        "claimed": row.claimed,
        "times": row.claimed / row.conversions if credited and row.claimed else None,
    }


def _run_row(run: AttributionRun) -> dict[str, Any]:
    return {
        "pk": run.pk,
        "ran_at": formats.moment(run.ran_at),
        "url": run.get_absolute_url(),
        "days": formats.span(run.first_day, run.last_day),
        "conversions": run.conversions,
        "unattributed": run.unattributed,
        "disagreement": run.disagreement,
        "by": run.ran_by.name if run.ran_by else "Every night",
        "data_sha256": run.data_sha256,
        "cpu_seconds": run.cpu_seconds,
    }


def _chart(shown: Shown) -> Chart:
    """How far the models lie apart for each channel, the chosen one with its own range."""
    rows, model = shown.rows, shown.model
    widest = max(rows, key=lambda row: row.spread)
    bands = [
        Band(
            [_part(row.low) for row in rows], [_part(row.high) for row in rows], label="All models"
        )
    ]
    if all(row.firm for row in rows):
        firm = [row.firm for row in rows if row.firm]
        bands.append(
            Band([_part(one.low) for one in firm], [_part(one.high) for one in firm],
                 label=f"90 % range, {MODELS[model]}", style="p80")
        )  # fmt: skip
    others = [
        Series(MODELS[one], [_part(row.shares[one]) for row in rows], style="compare")
        for one in shown.models
        if one != model
    ]
    draws = shown.record["firmness"]["draws"]
    return Chart(
        kind="ranges",
        title=f"{widest.name} depends most on the model: {formats.percent(widest.low, 0)} to {formats.percent(widest.high, 0)}",
        sub=f"Share of {noun(shown.run.conversion)} · dot: {MODELS[model]}, pale: its 90 % range over {draws} draws, ticks: the other models",
        x=[row.name for row in rows],
        x_label="Channel",
        unit=Unit.percent(0),
        series=[Series(MODELS[model], [_part(row.shares[model]) for row in rows]), *others],
        bands=bands,
        zero=True,
        id="shares",
        summary=" ".join(
            f"{row.name}: {formats.percent(row.shares[model], 0)}, models from {formats.percent(row.low, 0)} to {formats.percent(row.high, 0)}."
            for row in rows
        ),
    )  # fmt: skip


def _part(share: float) -> Decimal:
    return Decimal(repr(round(share, 6)))


def _tied(shown: Shown) -> list[tuple[str, str]]:
    """How the credit ties to the revenue of the records, of the platforms and of finance."""
    exact = formats.money_exact
    found = [
        ("Credited to channels", exact(shown.attributed_value)),
        ("Unattributed: no touch in the lookback", exact(shown.unattributed_value)),
        ("Revenue in customer records", exact(shown.value)),
    ]
    if shown.reported is not None:
        found.append(("Revenue that all campaign lines report", exact(shown.reported)))
        found.append(("Of that, in these journeys", _share_of(shown.value, shown.reported)))
    if shown.finance is not None:
        found.append(("Revenue by finance", exact(shown.finance)))
        found.append(("Records against finance", formats.money_signed(shown.value - shown.finance)))
    return found


def _share_of(part: Money, whole: Money) -> str:
    return formats.percent(part.micros / whole.micros, 1) if whole.micros else formats.NOTHING


def settings_told(shown: Shown) -> list[tuple[str, str]]:
    """The settings of a run in words."""
    asked = shown.asked
    lines = len(shown.record["money"]["line_numbers"])
    cost = COSTS[Cost(asked.cost)] + (
        f" ({lines})" if lines else ": none does, so all of the team's"
    )
    return [
        ("Lookback", f"clicks {asked.click:g}, views {asked.view:g}, offline {asked.offline:g} days"),
        ("Time decay", f"half after {asked.half_life:g} days"),
        ("Journeys of", str(LEVELS[asked.level])),  # type: ignore[index]
        ("Spend", cost if asked.cost == Cost.NAMED else COSTS[Cost.TEAM]),
        ("Left out", ", ".join([*asked.left_out, *asked.brand]) or "nothing"),
        ("Own people", ", ".join(asked.staff) or "nobody"),
        ("Groups", "; ".join(f"{one} as {name}" for one, name in asked.groups) or "as recorded"),
    ]  # fmt: skip
