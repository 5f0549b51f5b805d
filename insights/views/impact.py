"""Business impact for people who decide: effects that were measured, then what moves together."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person, require
from analytics.results import REASON_TEXT
from core import clock, formats, known
from core.charts import Chart, Series, Unit
from core.exports import export_response
from core.known import page_as_known
from core.once import reading_once
from core.pages import page
from core.tables import Column
from insights.models import Verdict
from insights.selectors.impact import (
    WEEKS,
    ChannelMove,
    impact_teams,
    measured_effects,
    moves_together,
)
from insights.views.analyses import NamedTable, Picked, analysis_tabs, number_in
from metrics.selectors import metric_for

TONES = {Verdict.Outcome.HELPED: "good", Verdict.Outcome.HURT: "bad"}
# Above, chance alone shows as strong a lag too often.
CLEAR = 0.05


class EffectTable(NamedTable):
    """Changes whose effect was measured."""

    key = "effects"
    noun = "changes"
    columns = (
        Column("what", "Change", kind="link", url="url", sub="campaign", priority=1, strong=True),
        Column("outcome", "Effect", kind="badge", tone="tone", priority=1),
        Column("metric", "On", priority=3),
        Column("effect", "Measured", kind="percent_signed", digits=0, priority=2),
        Column("range", "80 % range", kind="custom", sortable=False, nowrap=True, priority=3),
        Column("made_on", "Made", kind="date", priority=3),
    )
    default_sort = "-made_on"
    row_id = "pk"
    empty_title = "No effect has been measured yet"
    empty_text = "Log a change of a campaign; two weeks after it matured its effect stands here."

    def cell_range(self, row: Mapping[str, Any]) -> str:
        return str(row["range"])


class MoveTable(NamedTable):
    """How spend and revenue move together."""

    key = "moves"
    noun = "channels"
    columns = (
        Column("name", "Spend on", priority=1, strong=True),
        Column("lag", "Strongest after", kind="custom", sort="lag_weeks", priority=2, nowrap=True),
        Column("value", "Correlation", kind="number", digits=2, priority=1),
        Column("range", "90 % range", kind="custom", sortable=False, nowrap=True, priority=3),
        Column("chance", "By chance alone", kind="percent", digits=0, priority=1, help="How often chance shows as strong a lag"),
        Column("n", "Weeks", kind="number", priority=3),
    )  # fmt: skip
    default_sort = "chance"
    row_id = "name"
    empty_title = "No weekly spend yet"

    def cell_lag(self, row: Mapping[str, Any]) -> str:
        return str(row["lag"])

    def cell_range(self, row: Mapping[str, Any]) -> str:
        return str(row["range"])


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
@reading_once()
def impact(request: HttpRequest) -> HttpResponse:
    user = person(request)
    teams = impact_teams(user)
    team = next((one for one in teams if one.pk == number_in(request, "team")), None)
    team = team or next(iter(teams), None)
    effects = measured_effects(user, team)
    moves, period = moves_together(user, team, known.today())
    tables = {
        "effects": EffectTable(request, [_effect_row(one) for one in effects]),
        "moves": MoveTable(request, [_move_row(one) for one in moves]),
    }
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        table = tables.get(request.GET.get("table", ""), tables["effects"])
        return export_response(table, wanted, title="Business impact", as_of=clock.now())
    days = formats.span(period.start, period.end)
    context = {
        "title": _title(effects, moves),
        "kicker": f"Business impact · {team.name if team else 'No team'} · weeks of {days}",
        "tabs": analysis_tabs(user, "insights:impact"),
        "picked": Picked({"team": team.pk if team else None}, teams),
        "charts": _charts(moves),
        "crumbs": [("Attribution", reverse("insights:attribution")), ("Impact", "")],
    }
    return page(request, "insights/impact.html", context | tables)


def _title(effects: list[Verdict], moves: list[ChannelMove]) -> str:
    judged = [one for one in effects if one.outcome in TONES]
    if judged:
        helped = sum(one.outcome == Verdict.Outcome.HELPED for one in judged)
        return f"{helped} of {len(judged)} changes with a clear effect helped"
    clear = [one for one in moves if (one.found.chance or 1) < CLEAR]
    if clear:
        return f"No effect measured yet; spend on {len(clear)} of {len(moves)} channels moves with revenue"
    return "No effect has been measured yet"


def _effect_row(one: Verdict) -> dict[str, Any]:
    change = one.optimisation
    ends = one.low_micros is not None and one.high_micros is not None
    return {
        "pk": one.pk,
        "what": change.what,
        "url": reverse("reporting:campaign", args=[change.campaign_id]),
        "campaign": change.campaign.name,
        "outcome": one.get_outcome_display(),
        "tone": TONES.get(Verdict.Outcome(one.outcome), "neutral"),
        "metric": metric_for(one.metric).label,
        "effect": None if one.effect_micros is None else Decimal(one.effect_micros) / 10**6,
        "range": f"{_signed(one.low_micros)} to {_signed(one.high_micros)}" if ends else one.reason,
        "made_on": change.made_on,
    }  # fmt: skip


def _signed(micros: int | None) -> str:
    return formats.percent_signed(Decimal(micros or 0) / 10**6, 0)


def _move_row(one: ChannelMove) -> dict[str, Any]:
    best = one.found.strongest
    if best is None:
        why = REASON_TEXT[one.found.reason] if one.found.reason else ""
        return {"name": one.name, "lag": why, "lag_weeks": -1, "value": None, "range": "",
                "chance": None, "n": one.found.n}  # fmt: skip
    weeks = "1 week" if best.lag == 1 else f"{best.lag} weeks"
    return {
        "name": one.name,
        "lag": "the same week" if best.lag == 0 else weeks,
        "lag_weeks": best.lag,
        "value": Decimal(repr(round(best.value, 4))),
        "range": f"{best.interval.low:.2f} to {best.interval.high:.2f}".replace("-", "−"),
        "chance": one.found.chance,
        "n": best.n,
    }


def _charts(moves: list[ChannelMove]) -> list[Chart]:
    """The channel that moves most clearly with revenue, lag by lag."""
    known_ones = [one for one in moves if one.found.strongest and one.found.chance is not None]
    best = min(known_ones, key=lambda one: one.found.chance or 1, default=None)
    if best is None or best.found.strongest is None:
        return []
    at = best.found.strongest
    when = "in the same week" if at.lag == 0 else f"{at.lag} weeks later"
    return [
        Chart(
            kind="bar",
            title=f"{best.name}: changes of spend go with changes of revenue most {when} ({at.value:.2f})".replace("-", "−"),
            sub=f"Correlation of week-to-week changes, {WEEKS} weeks · not an effect",
            x=[str(one.lag) for one in best.found.lags], x_label="Weeks later",
            unit=Unit.number(2),
            series=[Series("Correlation", [Decimal(repr(round(one.value, 4))) for one in best.found.lags])],
            height=200, id="lags",
        )
    ]  # fmt: skip
