"""Chances as they were given, what came of them, and the chance of one subject at this moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Case, Count, F, Q, Sum, Value, When

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from analytics.scores import Record, record_from_plain
from analytics.scores.validation import wilson
from insights.models import FeatureTable, ModelVersion, Score, ScoreQuerySet
from insights.models.versions import paths_up
from insights.selectors.scoring import Look, book_of
from insights.selectors.versions import champion_of

# Reasons that are kept of a chance, on each side.
REASONS = 4
# An effect that nobody would notice is no reason.
SLIGHT = 0.005


def scores_for(user: User, kind: str | None, as_of: datetime | None = None) -> ScoreQuerySet:
    """The newest chance of each subject in sight, or what was the newest at a moment.

    ``kind`` None: of every kind.
    """
    came: Any = F("came")
    if as_of is not None:
        came = Case(When(came_at__lte=as_of, then=F("came")), default=Value(Score.Came.OPEN))
    found: ScoreQuerySet = (
        Score.objects.for_user(user)
        .filter(**({"kind": kind} if kind else {}))
        .latest_known(as_of)
        .annotate(came_known=came)
        .select_related("team", "version", "account", "lead__contact__account")
    )
    return found


def _deciding(user: User, kind: str) -> list[ModelVersion]:
    """Trainings that decide what the person sees: of their teams, and of teams above them."""
    scope = scope_for(user, Act.VIEW_CAMPAIGNS)
    found = ModelVersion.objects.filter(kind=kind)
    if not scope.everything:
        above = {part for path in scope.paths for part in paths_up(path)}
        found = found.filter(scope.where("team__path") | Q(team__path__in=above))
    return list(found.select_related("team").defer("record"))


def version_shown(user: User, kind: str) -> tuple[ModelVersion | None, ModelVersion | None]:
    """The model in use that the person's chances come from, and the newest training of all."""
    found = _deciding(user, kind)
    in_use = [one for one in found if one.state == ModelVersion.State.CHAMPION]
    newest = max(found, key=lambda one: one.trained_at, default=None)
    return max(in_use, key=lambda one: (-len(one.team.path), one.trained_at), default=None), newest


def table_of(version: ModelVersion) -> FeatureTable | None:
    """The table a model was trained on, without its content."""
    found = FeatureTable.objects.filter(
        kind=version.kind, team=version.team, sha256=version.data_sha256
    )
    return found.defer("packed").first()


@dataclass(frozen=True, slots=True)
class Held:
    """Chances whose time is over: how many, how many were expected to come, how many came."""

    n: int
    said: float
    came: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.came / self.n


def held_against(user: User, kind: str, as_of: datetime | None = None) -> Held | None:
    """What was said against what came, over every chance in sight that ended; None without one."""
    ended = Score.objects.for_user(user).filter(kind=kind).exclude(came=Score.Came.OPEN)
    if as_of is not None:
        ended = ended.filter(came_at__lte=as_of)
    sums = ended.aggregate(
        n=Count("pk"), said=Sum("chance"), came_n=Count("pk", filter=Q(came=Score.Came.YES))
    )
    if not sums["n"]:
        return None
    range_ = wilson(sums["came_n"] / sums["n"], sums["n"])
    return Held(sums["n"], float(sums["said"]), sums["came_n"], range_.low, range_.high)


@dataclass(frozen=True, slots=True)
class Given:
    """The chance of a subject now, by the model in use; ``version`` says which."""

    subject: int
    version: ModelVersion
    at: datetime
    chance: float
    raises: list[dict[str, Any]]
    lowers: list[dict[str, Any]]
    like_n: int
    like_low: float
    like_high: float


def score_now(kind: str, subject: int, team: Team, now: datetime) -> Given | None:
    """The chance of one subject on what is known at this moment; None without a model.

    The model is read once for each process; a request asks the records of the one subject.
    """
    version = champion_of(kind, team)
    if version is None:
        return None
    book = book_of(kind, team.path, now, [subject])
    if subject not in book.subjects:
        return None
    look = Look(subject, now)
    return _given(look, book.row(look), version)


def champion_seen(user: User, kind: str) -> ModelVersion | None:
    """The model in use for the highest of the person's teams."""
    return version_shown(user, kind)[0]


def score_row(version: ModelVersion, row: Mapping[str, str | float | None], now: datetime) -> Given:
    """The chance of columns that a caller names; what it leaves out counts as not known.

    Raises ``ValueError`` for text where the model knows numbers.
    """
    return _given(Look(0, now), row, version)


def _given(look: Look, row: Mapping[str, str | float | None], version: ModelVersion) -> Given:
    """A chance with its reasons and what became of those with such chances."""
    said = record_of(version).chance(row)
    like = like_chance(version.scores.get("calibration", []), said.chance)
    effects: list[dict[str, Any]] = [
        {"name": one.name, "value": one.value, "effect": round(one.effect, 4)}
        for one in said.effects
        if abs(one.effect) >= SLIGHT
    ]
    return Given(
        look.subject, version, look.at, said.chance,
        [one for one in effects if one["effect"] > 0][:REASONS],
        [one for one in effects if one["effect"] < 0][:REASONS],
        like["n"], like["low"], like["high"],
    )  # fmt: skip


def like_chance(groups: Sequence[Mapping[str, Any]], chance: float) -> dict[str, Any]:
    """The tenth of unseen rows whose chances are nearest: how many, and the range of what came."""
    nearest = min(groups, key=lambda one: abs(one["said"] - chance), default=None)
    return dict(nearest) if nearest else {"n": 0, "said": 0.0, "came": 0.0, "low": 0.0, "high": 1.0}


def record_of(version: ModelVersion) -> Record:
    """The model itself; trainings never change, so each is read once."""
    return _record(version.pk, version.data_sha256)


@lru_cache(maxsize=16)
def _record(pk: int, _sha256: str) -> Record:
    plain = ModelVersion.objects.values_list("record", flat=True).get(pk=pk)
    return record_from_plain(plain)


def is_high(chance: float, version: ModelVersion) -> bool:
    """Whether a chance is among the highest tenth that was seen."""
    groups = version.scores.get("calibration") or []
    edge = (groups[-1]["said"] + groups[-2]["said"]) / 2 if len(groups) > 1 else 1.0
    return chance >= edge
