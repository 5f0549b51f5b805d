"""Response curves: what each channel's spend brought, and what more or less of it would bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person, require
from core import clock, formats, known
from core.errors import AdroitError
from core.exports import export_response
from core.known import page_as_known
from core.once import reading_once
from core.pages import page, redirect_to
from core.parts import Tab
from core.tables import Column, Table
from insights.forms import CurvesFilter, MeasuredReturnForm
from insights.permissions import reach
from insights.rules.curve_picture import CurvePoint, Picture, picture_of
from insights.rules.response import METHOD, ROOM_LABELS, ROOM_TONES, Range, Room, even_of
from insights.selectors.allocation import team_named
from insights.selectors.curve_points import best_of_today, points_of, tallest
from insights.selectors.response import Board, Unit, board_of, response_versions, teams_of
from insights.services.returns import return_enter
from insights.views.allocation_words import brought, one, per_unit, place_tabs, ranged, spent
from metrics.selectors import METRICS

GRAINS = {"channel": "Channels", "line": "Lines", "point": "The curves’ points"}
ORDER = (Room.GROW, Room.UNCLEAR, Room.PAST, Room.NOTHING)
# A hundred lines' pictures say no more than their table.
MOST_PICTURES = 12


class CurveTable(Table):
    """What spend brought over all weeks, channel by channel or line by line."""

    key = "curves"
    noun = "curves"
    columns = (
        Column("name", "Name", priority=1, strong=True, sub="note"),
        Column("room", "Next unit", kind="badge", tone="tone", priority=2),
        Column("spend", "Spend a week now", kind="custom", sort="spend_sort"),
        Column("contribution", "Brought, all weeks", kind="custom", sort="contribution_sort", priority=3),
        Column("roi", "Return", kind="custom", sort="roi_sort", priority=3),
        Column("marginal", "Next unit brings", kind="custom", sort="marginal_sort", priority=1),
        Column("half_life", "Half-life", kind="custom", sort="half_life_sort", priority=3,
               help="Weeks until half of a week's effect is gone"),
        Column("fit", "Fit", kind="custom", sort="fit_sort", priority=3,
               help="Share of the ups and downs that the fit explains. It does not say that the contributions are right."),
        Column("weeks", "Weeks", kind="number", priority=3),
    )  # fmt: skip
    search = ("name",)
    default_sort = "-spend"
    row_id = "key"
    empty_title = "No curves yet"
    empty_text = (
        "Curves need 52 complete weeks of spend and results that went up and down. Import history "
        "that reaches that far back, then train."
    )

    def cell(self, record: Any, column: Column) -> Any:
        cell = super().cell(record, column)
        if column.kind == "custom":
            cell.value = record[column.key]
        return cell


class PointTable(Table):
    """The curves themselves: the table beside the pictures."""

    key = "curves"
    noun = "points"
    columns = (
        Column("name", "Name", priority=1, strong=True),
        Column("share", "Of today’s spend", kind="percent", digits=0, priority=1),
        Column("spend", "Spend a week", kind="custom", sort="spend_sort", priority=2),
        Column("result", "Expected a week", kind="custom", sort="result_sort", priority=1),
        Column("range", "80 % range", kind="custom", sortable=False, nowrap=True),
        Column("marginal", "Next unit brings", kind="custom", sort="marginal_sort", priority=3),
        Column("beyond", "Ever spent", priority=3),
    )  # fmt: skip
    search = ("name",)
    row_id = "key"

    def cell(self, record: Any, column: Column) -> Any:
        cell = super().cell(record, column)
        if column.kind == "custom":
            cell.value = record[column.key]
        return cell


@dataclass(frozen=True, slots=True)
class Panel:
    """One small picture with its finding."""

    unit: Unit
    title: str
    sub: str
    told: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class Group:
    """The panels that say the same of the next unit."""

    label: str
    tone: str
    count: int
    panels: Sequence[Panel]


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
@reading_once()
def response(request: HttpRequest) -> HttpResponse:
    """One curve for each channel, grouped by whether the next unit of spend pays."""
    user = person(request)
    versions = response_versions(user, known.known_at())
    teams = teams_of(versions, user)
    team = team_named(teams, request.GET.get("team", ""))
    board = board_of(versions, team, request.GET.get("of", ""), day=known.today())
    form = CurvesFilter(_asked(request, board))
    form.offer_found(teams, board.metrics)
    even = _even(form, board)
    asked = request.GET.get("by", "")
    grain = asked if asked in GRAINS else "channel"
    points = {unit.key: found for unit in board.read if (found := points_of(unit))}
    table = _table(request, grain, board, points, even)
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Response curves", as_of=clock.now())
    context = {
        "title": _title(board, even),
        "kicker": _kicker(board),
        "board": board,
        "form": form,
        "places": place_tabs("response", user, team),
        "tabs": [Tab(label, f"?{_query(request, by=key)}", key == grain) for key, label in GRAINS.items()],
        "table": table,
        "grain": grain,
        "groups": _groups(board, points, even),
        "even": _even_words(board, even),
        "method": METHOD,
        "trainable": _trainable(user, versions, board),
        "teams_thin": [(team_.name, why, weeks) for team_, why, weeks in board.thin],
        "may_enter": can(user, Act.RUN_MODELS),
        "return_form": MeasuredReturnForm(user),
    }  # fmt: skip
    return page(request, "insights/response.html", context, fragment="curves")


def _asked(request: HttpRequest, board: Board) -> dict[str, str]:
    chosen = {"team": str(board.team.pk) if board.team else "", "of": board.metric}
    return {**request.GET.dict(), **chosen}


def _query(request: HttpRequest, **changed: str) -> str:
    return urlencode({**request.GET.dict(), **changed})


def _even(form: CurvesFilter, board: Board) -> float:
    if form.asked_even is not None:
        return form.asked_even
    pairs = [(u.spend_today, u.marginal.value) for u in board.read if u.marginal]
    return even_of(pairs, is_money=board.is_money)


def _even_words(board: Board, even: float) -> str:
    if board.is_money:
        return f"Break-even: {per_unit(board, even)} for the next {one(board)}."
    return f"The bar: {per_unit(board, even)} for the next {one(board)}, what it brings on average."


def _title(board: Board, even: float) -> str:
    """The finding: where the next unit pays best, or where it does not pay."""
    grow = [unit for unit in board.read if unit.room(even) is Room.GROW and unit.marginal]
    past = [unit for unit in board.read if unit.room(even) is Room.PAST]
    if not board.read:
        return "No response curves yet"
    if grow:
        best = max(grow, key=lambda unit: unit.marginal.value if unit.marginal else 0.0)
        last = "" if not past else f"; {past[0].name} is past break-even"
        value = best.marginal.value if best.marginal else 0.0
        return f"{best.name} has most room: the next {one(board)} brings {per_unit(board, value)}{last}"
    if past:
        return f"{len(past)} of {len(board.read)} channels are past break-even"
    return f"For none of {len(board.read)} channels can be told whether more spend pays"


def _kicker(board: Board) -> str:
    name = board.team.name if board.team else ""
    if not board.versions:
        return f"Response curves · {name}"
    weeks = max(unit.weeks for unit in board.channels) if board.channels else 0
    label = METRICS[board.metric].label.lower()
    at = formats.moment(board.trained_at) if board.trained_at else ""
    numbers = ", ".join(f"#{version.pk}" for version in board.versions)
    return f"Response curves · {name} · {label} · {weeks} weeks · trained {at} · version {numbers}"


def _table(
    request: HttpRequest,
    grain: str,
    board: Board,
    points: Mapping[str, Sequence[CurvePoint]],
    even: float,
) -> Table:
    if grain != "point":
        units = board.lines if grain == "line" else board.channels
        return CurveTable(request, [_row(board, unit, even) for unit in units])
    names = {unit.key: unit.name for unit in board.read}
    return PointTable(
        request,
        [
            _point(board, names[key], n, p)
            for key, some in points.items()
            for n, p in enumerate(some)
        ],
    )


def _row(board: Board, unit: Unit, even: float) -> dict[str, Any]:
    room = unit.room(even)
    half_life = unit.half_life
    return {
        "key": unit.key,
        "name": unit.name,
        "note": _note(board, unit),
        "room": ROOM_LABELS[room],
        "tone": ROOM_TONES[room],
        "spend": spent(board, unit.spend_today),
        "spend_sort": unit.spend_today,
        "contribution": ranged(unit.contribution, lambda value: brought(board, value)),
        "contribution_sort": _value(unit.contribution),
        "roi": ranged(unit.roi, lambda value: per_unit(board, value)),
        "roi_sort": _value(unit.roi),
        "marginal": ranged(unit.marginal, lambda value: per_unit(board, value)),
        "marginal_sort": _value(unit.marginal),
        "half_life": formats.NOTHING if half_life is None else f"{half_life:.1f} weeks",
        "half_life_sort": half_life or 0.0,
        "fit": _fit(unit),
        "fit_sort": unit.quality.get("r2", 0.0),
        "weeks": unit.weeks,
    }


def _note(board: Board, unit: Unit) -> str:
    if unit.reason:
        return unit.reason
    told = []
    if unit.grain == "lines":
        count = len(unit.parts)
        told.append("1 line" if count == 1 else f"{count} lines added up")
    elif unit.grain:
        told.append("fitted as one")
    if unit.left_out > 0.01 * unit.spend_today:
        told.append(f"{spent(board, unit.left_out)} a week of younger lines not counted")
    if unit.tested:
        told.append("begins from a measured return")
    return ", ".join(told)


def _fit(unit: Unit) -> str:
    if not unit.quality:
        return formats.NOTHING
    return f"{formats.percent(unit.quality['r2'], 0)} explained, ±{formats.percent(unit.quality['noise'], 0)} a week"


def _value(told: Range | None) -> float:
    return told.value if told else -1.0


def _point(board: Board, name: str, number: int, point: CurvePoint) -> dict[str, Any]:
    return {
        "key": f"{name}-{number}",
        "name": name,
        "share": point.share,
        "spend": spent(board, point.spend),
        "spend_sort": point.spend,
        "result": brought(board, point.result),
        "result_sort": point.result,
        "range": f"{brought(board, point.low)} to {brought(board, point.high)}",
        "marginal": formats.NOTHING if point.marginal is None else per_unit(board, point.marginal),
        "marginal_sort": point.marginal or 0.0,
        "beyond": "never" if point.is_beyond else "yes",
    }


def _groups(board: Board, points: Mapping[str, Sequence[CurvePoint]], even: float) -> list[Group]:
    top, best = tallest(points), best_of_today(board)
    largest = sorted(board.read, key=lambda unit: -unit.spend_today)[:MOST_PICTURES]
    found = []
    for room in ORDER:
        inside = [unit for unit in board.channels if unit.room(even) is room]
        panels = [
            _panel(board, unit, points[unit.key], top, best.get(unit.key))
            for unit in inside
            if unit in largest and unit.key in points
        ]
        if panels:
            found.append(Group(ROOM_LABELS[room], ROOM_TONES[room], len(inside), panels))
    return found


def _panel(
    board: Board, unit: Unit, points: Sequence[CurvePoint], top: float, best: float | None
) -> Panel:
    now = next(point for point in points if abs(point.share - 1) < 1e-9)
    marginal = ranged(unit.marginal, lambda value: per_unit(board, value))
    aim = "" if best is None else f" Best at {formats.percent(best, 0)} of today."
    return Panel(
        unit=unit,
        title=f"The next {one(board)} brings {marginal}",
        sub=f"{spent(board, unit.spend_today)} a week bring {brought(board, now.result)}",
        told=f"{unit.name}: {spent(board, now.spend)} a week bring {brought(board, now.result)}, "
        f"80 % range {brought(board, now.low)} to {brought(board, now.high)}; twice as much would "
        f"bring {brought(board, points[-1].result)}.{aim}",
        picture=picture_of(points, now.result, top, best),
    )


def _trainable(user: User, versions: Sequence[Any], board: Board) -> list[Any]:
    """The teams shown that have lines of their own and whose curves the person may train."""
    if board.team is None:
        return []
    path = board.team.path
    shown = [v.team for v in versions if v.team.path.startswith(path)]
    return [team for team in shown if reach(user, Act.RUN_MODELS, team)]


@gate(Act.RUN_MODELS)
@require_POST
def response_return(request: HttpRequest) -> HttpResponse:
    """Enter what a test measured: the next training begins from it."""
    user = person(request)
    form = MeasuredReturnForm(user, request.POST)
    here = reverse("insights:response")
    if not form.is_valid():
        problems = "; ".join(
            f"{name}: {' '.join(map(str, told))}" for name, told in form.errors.items()
        )
        messages.error(request, f"Nothing was entered. {problems}")
        return redirect_to(request, here)
    try:
        made = return_enter(user=user, at=clock.now(), **form.cleaned_data)
    except AdroitError as error:
        messages.error(request, f"{error.message} {error.remedy}".strip())
    else:
        messages.success(request, f"The next curves of {made.channel} begin from it. Train again.")
    return redirect_to(request, here)
