"""Which leads convert, which customers leave, which buy more: chances, why, and how good they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import gate, person, require, teams_with
from analytics.scores import MIN_POSITIVES, MIN_ROWS
from campaigns.choices import Objective, Status
from campaigns.models import Campaign
from core import formats, known
from core.charts import Band, Chart, Series, Unit
from core.exports import export_response
from core.known import page_as_known
from core.pages import page
from core.parts import Fact, Ranked, Tab, Tile
from insights.forms import ScoreFilter
from insights.models import FeatureTable, ModelVersion, Score
from insights.rules.scores import CHURN, EXPANSION, KINDS, Kind, called, next_step, reason
from insights.selectors.scores import (
    Held,
    held_against,
    is_high,
    scores_for,
    table_of,
    version_shown,
)
from insights.views.score_table import Names, ScoreTable, came_words, like_words, page_of

SUGGESTED = 3
CLEAN = (
    "No column ranks people as well as all others together, and no column's gaps tell the outcome: "
    "nothing looks filled in afterwards."
)


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def scores(request: HttpRequest) -> HttpResponse:
    user, at = person(request), known.known_at()
    kind = KINDS.get(request.GET.get("kind", ""), next(iter(KINDS.values())))
    query = request.GET.copy()
    if "came" not in query and not query.get("all"):
        query["came"] = "open"
    filtered = ScoreFilter(query, scores_for(user, kind.key, at), request=request)
    table = ScoreTable(request, filtered.qs, kind.key)
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title=kind.label, as_of=known.now())
    version, newest = version_shown(user, kind.key)
    shown = version or newest
    context = {
        "title": _title(kind, version, newest),
        "kicker": _kicker(version, newest),
        "kind": kind,
        "tabs": [Tab(one.label, f"?kind={one.key}", one == kind) for one in KINDS.values()],
        "version": version,
        "tiles": _tiles(kind, version) if version else [],
        "chart": _calibration(kind, version) if version else None,
        "missing": _missing(kind, newest) if version is None else [],
        "held": _held(kind, held_against(user, kind.key, at)),
        "leaks": _leaks(shown),
        "drivers": _drivers(version),
        "features": table_of(shown) if shown else None,
        "train_for": _train_for(user),
        "table": table,
        "filters": filtered.form,
        "list_title": _list_title(kind, table, version),
        "crumbs": [("Scores", "")],
    }
    return page(request, "insights/scores.html", context, fragment="scores")


def _title(kind: Kind, version: ModelVersion | None, newest: ModelVersion | None) -> str:
    if version:
        lift = formats.ratio(version.scores["lift"], 1)
        who = "lead" if kind.one == "lead" else "account"
        return f"The likeliest tenth of {who}s {_verb(kind)} {lift} as often as the average"
    if newest:
        return f"Too few {kind.noun} to give chances: {_short_of(newest)}"
    return f"No chance that {_article(kind.one)} {kind.outcome} is given yet"


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _verb(kind: Kind) -> str:
    return {"converts": "convert", "leaves": "leave"}.get(kind.outcome, "buy more")


def _short_of(version: ModelVersion) -> str:
    """What is missing most, in numbers."""
    rows, positives = version.rows, int(version.scores.get("positives", 0))
    if rows < MIN_ROWS:
        return f"{rows:,} of {MIN_ROWS:,} looks"
    if positives < MIN_POSITIVES:
        return f"{positives:,} of {MIN_POSITIVES:,} outcomes"
    return f"{rows - positives:,} of {MIN_POSITIVES:,} without the outcome"


def _kicker(version: ModelVersion | None, newest: ModelVersion | None) -> str:
    shown = version or newest
    if shown is None:
        return "Chances from customer records"
    state = "in use" if version else "no model"
    return (
        f"{shown}, {state}, for {shown.team} · trained {formats.moment(shown.trained_at)} on "
        f"{shown.rows:,} looks"
    )


def _tiles(kind: Kind, version: ModelVersion) -> list[Tile]:
    said = version.scores
    rate = formats.percent(said["base_rate"], 1)
    gain = 1 - said["brier"] / said["brier_base"] if said["brier_base"] else 0.0
    return [
        Tile("Ranking (AUC)", f"{said['auc']:.2f}",
             sentence=f"95 % range {said['auc_low']:.2f} to {said['auc_high']:.2f}; 0.50 is luck"),
        Tile("Lift of the top tenth", formats.ratio(said["lift"], 1),
             sentence=f"against {rate} of all, the base rate"),
        Tile("Error (Brier)", f"{said['brier']:.3f}",
             sentence=f"{formats.percent(gain, 0)} less than saying {rate} to everybody "
                      f"({said['brier_base']:.3f})"),
        Tile("Calibration error", formats.points(said["calibration_error"]).lstrip("+"),
             sentence="mean distance of what was said from what came"),
        Tile("Learnt from", f"{version.rows:,}",
             sentence=f"looks, {said['positives']:,} of which {kind.came}; judged on "
                      f"{said['judged']:,} {version.params.get('judged_on', 'unseen rows')}"),
    ]  # fmt: skip


def _calibration(kind: Kind, version: ModelVersion) -> Chart:
    groups = version.scores["calibration"]
    off = sum(not one["low"] <= one["said"] <= one["high"] for one in groups)
    title = (
        "What was said lies in the range of what came in every tenth"
        if not off
        else f"What was said lies outside the range of what came in {off} of {len(groups)} tenths"
    )
    return Chart(
        kind="line",
        title=title,
        sub="Unseen rows in tenths, from the lowest chance to the highest; n in each below it",
        x=[f"{n + 1}. (n {one['n']})" for n, one in enumerate(groups)],
        x_label="Tenth",
        unit=Unit.percent(0),
        series=[
            Series(kind.came.capitalize(), [_exact(one["came"]) for one in groups]),
            Series("Said", [_exact(one["said"]) for one in groups], style="target"),
        ],
        bands=[
            Band(
                [_exact(one["low"]) for one in groups],
                [_exact(one["high"]) for one in groups],
                label="95 % range",
                style="p80",
            )
        ],
        height=250,
        zero=True,
        id=f"calibration-{kind.key}",
    )


def _exact(value: float) -> Decimal:
    return Decimal(repr(round(value, 4)))


def _missing(kind: Kind, newest: ModelVersion | None) -> list[Ranked]:
    """How far the data is from what a model needs."""
    rows = newest.rows if newest else 0
    positives = int(newest.scores.get("positives", 0)) if newest else 0
    return [
        Ranked(label, f"{have:,} of {need:,}", min(have / need, 1.0), tone="accent",
               note="enough" if have >= need else f"{need - have:,} more needed")
        for label, have, need in (
            (f"Looks at {kind.noun} whose outcome is known", rows, MIN_ROWS),
            (f"Of them, {kind.came}", positives, MIN_POSITIVES),
            ("Of them, not", rows - positives, MIN_POSITIVES),
        )
    ]  # fmt: skip


def _held(kind: Kind, found: Held | None) -> str:
    """What earlier chances came to, in a sentence; empty before any ended."""
    if found is None:
        return ""
    inside = "inside" if found.low <= found.said / found.n <= found.high else "outside"
    return (
        f"Of {found.n:,} chances that are over, {formats.percent(found.said / found.n, 1)} were "
        f"expected to have {kind.came} and {formats.percent(found.share, 1)} had "
        f"({formats.percent(found.low, 0)} to {formats.percent(found.high, 0)}, 95 % range): "
        f"{inside} the range."
    )


def _leaks(version: ModelVersion | None) -> list[str]:
    """What the check for columns that know the outcome found, in words."""
    if version is None or version.reason:
        return []
    found = version.scores.get("suspects", [])
    if not found:
        return [CLEAN]
    return [_leak(one) for one in found]


def _leak(one: Mapping[str, Any]) -> str:
    what = "the gaps of" if one["suspicion"] == "tells_by_gaps" else ""
    did = "It is left out." if one["is_left_out"] else "It is used; watch it."
    return (
        f"{what} {called(one['name'])}".strip().capitalize()
        + f" alone ranks with an AUC of {one['alone']:.2f}, all others together with "
        f"{one['others']:.2f}: it may have been filled in after the outcome. {did}"
    )


def _drivers(version: ModelVersion | None) -> list[Ranked]:
    """What moves chances most, by the mean effect in log-odds."""
    found = version.scores.get("factors", [])[:6] if version else []
    most = max((one["strength"] for one in found), default=1.0) or 1.0
    return [
        Ranked(called(one["name"]), f"{one['strength']:.2f}", one["strength"] / most, tone="accent",
               note=f"{one['raises'] or 'none'} raises it, {one['lowers'] or 'none'} lowers it")
        for one in found
    ]  # fmt: skip


def _train_for(user: User) -> Team | None:
    """The highest team that the person may train for."""
    return min(teams_with(user, Act.RUN_MODELS), key=lambda one: len(one.path), default=None)


def _list_title(kind: Kind, table: ScoreTable, version: ModelVersion | None) -> str:
    if version is None or not table.count:
        return f"{kind.label}, the likeliest first"
    chances = [one.chance for one in table.all_rows]
    high = sum(is_high(one, version) for one in chances)
    return f"{high:,} of {table.count:,} {kind.noun} are as likely as the top tenth"


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def score(request: HttpRequest, pk: int) -> HttpResponse:
    """Why this chance: what raises and lowers it, how sure it is, what to do, what came."""
    user = person(request)
    found = get_object_or_404(
        Score.objects.for_user(user).select_related(
            "team", "version__team", "account", "lead__contact__account"
        ),
        pk=pk,
    )
    kind = KINDS[found.kind]
    name = Names(user).of(found)
    context = {
        "score": found,
        "title": f"{name}: {formats.percent(found.chance, 0)} chance that the {kind.one} "
        f"{kind.outcome}",
        "facts": _facts(found, kind),
        "up": _effects(found.raises, "accent"),
        "down": _effects(found.lowers, "neutral"),
        "step": next_step(found.kind, found.raises, is_high=is_high(found.chance, found.version)),
        "campaigns": _campaigns(user, found),
        "record_url": page_of(found),
        "crumbs": [("Scores", f"{reverse('insights:scores')}?kind={found.kind}"), (name, "")],
    }
    return page(request, "insights/score.html", context, fragment="drawer")


def _facts(found: Score, kind: Kind) -> list[Fact]:
    base = found.version.scores.get("base_rate")
    return [
        Fact("Chance", formats.percent(found.chance, 1)),
        Fact("Nearest tenth came", f"{like_words(found)} (n {found.like_n:,})"),
        Fact("Of all", formats.percent(base, 1) if base is not None else formats.NOTHING),
        Fact("Given", formats.moment(found.scored_at)),
        Fact("What came", came_words(found, found.came, kind.key)),
    ]


def _effects(effects: Sequence[Mapping[str, Any]], tone: str) -> list[Ranked]:
    most = max((abs(one["effect"]) for one in effects), default=1.0)
    return [
        Ranked(reason(one), f"{one['effect']:+.2f}".replace("-", "−"), abs(one["effect"]) / most,
               tone=tone)
        for one in effects
    ]  # fmt: skip


def _campaigns(user: User, found: Score) -> list[Campaign]:
    """Campaigns that run now and could carry it: of the account's team, to sell or to keep."""
    if found.kind not in (EXPANSION, CHURN):
        return []
    wanted = (
        [Objective.RETENTION] if found.kind == CHURN else [Objective.SALES, Objective.RETENTION]
    )
    running = Campaign.objects.for_user(user).filter(
        team=found.team, status=Status.LIVE, objective__in=wanted
    )
    return list(running.order_by("-flight_start", "name")[:SUGGESTED])


@gate(Act.EXPORT)
@require_safe
def score_features(request: HttpRequest, pk: int) -> HttpResponse:
    """The table a model learnt from, exactly as it was read."""
    table = get_object_or_404(FeatureTable.objects.for_user(person(request)), pk=pk)
    answer = HttpResponse(table.content, content_type="text/csv; charset=utf-8")
    name = f"{table.kind}-features-{table.number}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-SHA256"] = table.sha256
    return answer
