"""Response curves as they are in use: one row for each channel of each team, and for each line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from math import log
from typing import Any

from django.db.models import QuerySet

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from analytics.response import Curves, curves_restored, scaled
from analytics.results import REASON_TEXT, Reason
from budgets.selectors import budget_rate
from core.models import Organisation
from insights.models import ModelVersion
from insights.rules.response import RESULTS, Range, Room, room_of
from metrics.choices import MONEY_MEASURES

State = ModelVersion.State


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """A channel of a team, or one line of it: what its spend brought and what more would bring.

    Amounts are in units of the board's currency, spend and results by week where nothing else is
    said. Without ``curves`` there is a ``reason``, a sentence.
    """

    key: str
    team: Team
    channel: str
    channel_name: str
    name: str
    version: int
    weeks: int
    spend: float
    spend_today: float
    result_today: float
    reason: str = ""
    contribution: Range | None = None
    roi: Range | None = None
    marginal: Range | None = None
    decay: float | None = None
    quality: Mapping[str, float] = field(default_factory=dict)
    curves: Curves | None = None
    # Of a channel: fitted line by line or as one, of which lines, and today's spend beside them.
    grain: str = ""
    parts: Sequence[int] = ()
    left_out: float = 0.0
    tested: str = ""
    campaign: int | None = None
    # How many of the board's currency one unit of the lines' own is.
    rate: float = 1.0

    @property
    def half_life(self) -> float | None:
        """Weeks until half of a week's effect is gone."""
        if self.decay is None or self.decay <= 0:
            return None if self.decay is None else 0.0
        return log(0.5) / log(self.decay)

    def room(self, even: float) -> Room:
        return room_of(self.marginal, even)


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """The curves of a team and the teams below it, for one result.

    ``versions`` are those that answer; ``thin`` are the teams without curves, each with the
    sentence why and how many weeks there are. ``metrics`` are what can be chosen.
    """

    team: Team | None
    metric: str
    currency: str
    metrics: Sequence[str] = ()
    channels: Sequence[Unit] = ()
    lines: Sequence[Unit] = ()
    versions: Sequence[ModelVersion] = ()
    thin: Sequence[tuple[Team, str, int]] = ()

    @property
    def read(self) -> list[Unit]:
        """The channels that have a curve."""
        return [unit for unit in self.channels if unit.curves is not None]

    @property
    def trained_at(self) -> datetime | None:
        return max((one.trained_at for one in self.versions), default=None)

    @property
    def is_money(self) -> bool:
        return self.metric in MONEY_MEASURES


def response_versions(user: User, as_of: datetime | None = None) -> list[ModelVersion]:
    """Of each team whose money the person sees, the version that answers; without its record.

    That in use, or as of a moment the newest that worked then. Where none works, the newest, which
    says why.
    """
    rows = _visible(user).defer("record").select_related("team").order_by("team__path", "-number")
    if as_of is not None:
        rows = rows.filter(trained_at__lte=as_of)
    found: dict[int, ModelVersion] = {}
    for version in rows:
        other = found.get(version.team_id)
        if other is None or _answers(version, other, as_of):
            found[version.team_id] = version
    return list(found.values())


def _visible(user: User) -> QuerySet[ModelVersion]:
    rows = ModelVersion.objects.for_user(user).filter(kind=ModelVersion.Kind.RESPONSE)
    return rows.filter(scope_for(user, Act.VIEW_MONEY).where("team__path"))


def _answers(version: ModelVersion, other: ModelVersion, as_of: datetime | None) -> bool:
    if as_of is not None:
        return bool(other.reason) and not version.reason
    return version.state == State.CHAMPION


def teams_of(versions: Iterable[ModelVersion], user: User) -> list[Team]:
    """The teams that can be chosen: those with a version, and those above them that hold several."""
    own = {version.team_id: version.team for version in versions}
    above = Team.objects.filter(scope_for(user, Act.VIEW_MONEY).where("path"), is_archived=False)
    return [
        team
        for team in above.order_by("path")
        if team.pk in own or sum(one.path.startswith(team.path) for one in own.values()) > 1
    ]


def board_of(
    versions: Sequence[ModelVersion], team: Team | None, metric: str, *, day: date
) -> Board:
    """The curves of ``team`` and the teams below it; ``metric`` falls back to what there is."""
    inside = [v for v in versions if team is not None and v.team.path.startswith(team.path)]
    working = [version for version in inside if not version.reason]
    records = {version.pk: _record(version.pk, version.data_sha256) for version in working}
    metrics = [one for one in RESULTS if any(one in record for record in records.values())]
    chosen = metric if metric in metrics else next(iter(metrics), "")
    currencies = {version.params["currency"] for version in working}
    currency = currencies.pop() if len(currencies) == 1 else _reporting()
    channels: list[Unit] = []
    lines: list[Unit] = []
    for version in working:
        rows = records[version.pk].get(chosen)
        if rows is not None:
            make = _maker(version, chosen, currency, day, is_alone=len(working) == 1)
            channels += [make(row) for row in rows["channels"]]
            lines += [make(row) for row in rows["lines"]]
    return Board(
        team=team,
        metric=chosen,
        currency=currency,
        metrics=metrics,
        channels=channels,
        lines=lines,
        versions=working,
        thin=[_thin(version) for version in inside if version.reason],
    )


def _reporting() -> str:
    return Organisation.current().reporting_currency


def _thin(version: ModelVersion) -> tuple[Team, str, int]:
    return version.team, reason_text(version.reason), int(version.params.get("weeks", 0))


def reason_text(reason: str) -> str:
    """The sentence of a reason code."""
    return REASON_TEXT[Reason(reason)] if reason else ""


@lru_cache(maxsize=48)
def _record(pk: int, sha256: str) -> Mapping[str, Any]:  # noqa: ARG001 - tells databases apart
    """What a version holds, its curves restored; a version never changes."""
    record: dict[str, Any] = ModelVersion.objects.values_list("record", flat=True).get(pk=pk)
    for rows in record.values():
        for row in (*rows["channels"], *rows["lines"]):
            row["curve"] = curves_restored(row["curve"]) if "curve" in row else None
    return record


def _maker(version: ModelVersion, metric: str, currency: str, day: date, *, is_alone: bool) -> Any:
    own = version.params["currency"]
    rate = 1.0 if own == currency else float(budget_rate(own, currency, day).rate)
    # Results in money go to the other currency with the spend, counts stay what they are.
    worth = rate if metric in MONEY_MEASURES else 1.0

    def make(row: Mapping[str, Any]) -> Unit:
        is_line = "line" in row
        key = (
            f"{version.team_id}-{row['line']}" if is_line else f"{version.team_id}-{row['channel']}"
        )
        name = row["name"] if is_alone else f"{row['name']}, {version.team.name}"
        curve = row["curve"]
        return Unit(
            key=key,
            team=version.team,
            channel=row["channel"],
            channel_name=row["channel_name"],
            name=name,
            version=version.pk,
            weeks=row["weeks"],
            spend=row["spend"] * rate,
            spend_today=row["spend_today"] * rate,
            result_today=row["result_today"] * worth,
            reason=reason_text(row["reason"]),
            contribution=_range(row.get("contribution"), worth),
            roi=_range(row.get("roi"), worth / rate),
            marginal=_range(row.get("marginal"), worth / rate),
            decay=row.get("decay"),
            quality=row.get("quality", {}),
            curves=None if curve is None else named(scaled(curve, spend=rate, result=worth), key),
            grain=row.get("grain", ""),
            parts=row.get("parts", ()),
            left_out=row.get("left_out", 0.0) * rate,
            tested=row.get("tested", ""),
            campaign=row.get("campaign"),
            rate=rate,
        )

    return make


def named(curves: Curves, key: str) -> Curves:
    """The same curve of one channel under another name."""
    return Curves(
        (key,), curves.decay, curves.half, curves.slope, curves.top, curves.current, curves.most
    )


def _range(told: Sequence[float] | None, factor: float) -> Range | None:
    return None if told is None else Range(*(value * factor for value in told))


def curve_estimates(version: ModelVersion, metric: str) -> dict[str, Curves]:
    """For a scoreboard: channel -> the estimated curves of a version, in the lines' own currency.

    For the lines beneath, ``line:<number>`` -> the same. Ask a curve with ``steady`` what a weekly
    spend brings, and with ``marginal`` what the next unit would.
    """
    rows = _record(version.pk, version.data_sha256).get(metric)
    if rows is None:
        return {}
    named_rows = [(row["channel"], row) for row in rows["channels"]]
    named_rows += [(f"line:{row['line']}", row) for row in rows["lines"]]
    return {key: row["curve"] for key, row in named_rows if row["curve"] is not None}
