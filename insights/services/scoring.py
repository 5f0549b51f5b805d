"""Training the chances of leads and accounts: first the table, kept as it is, then the model of it."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from datetime import datetime
from itertools import count
from time import process_time
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Max

from accounts.choices import Act
from accounts.models import Team, User
from analytics.arrays import FloatArray, IntArray
from analytics.scores import Quality, Rating, rate
from analytics.scores.rating import STEPS
from analytics.scores.validation import later_folds
from insights.models import FeatureTable, ModelVersion
from insights.permissions import require_reach
from insights.rules.scores import KEPT_TABLES, KINDS
from insights.selectors.scoring import book_of, read_table, written_table
from insights.services.training import Say, Trainer
from insights.services.versions import Trained, version_add
from metrics.models import Batch

LATER, RANDOM = "later rows", "random fifths"


def _silent() -> None:
    pass


def scores_train(*, kind: str, team: Team, at: datetime, user: User | None = None) -> ModelVersion:
    """Fit the chances of a kind for a team and everything below it, and register the version.

    Below the data minimum the version has a reason and no model. ``user`` None: by itself.
    """
    if user is not None:
        require_reach(user, Act.RUN_MODELS, team)
    trained = scores_trained(kind, team, at)
    return version_add(kind=kind, team=team, trained=trained, user=user, at=at)


def trainer_of(kind: str) -> Trainer:
    """How the registry trains a kind."""

    def train(team: Team, at: datetime, say: Say) -> Trained:
        steps = count(1)
        return scores_trained(kind, team, at, lambda: say(next(steps), STEPS, "Fitting"))

    return train


def scores_trained(
    kind: str, team: Team, at: datetime, tell: Callable[[], None] = _silent
) -> Trained:
    """What a training makes of the records of a moment; the table it learnt from is kept."""
    table = table_build(kind=kind, team=team, at=at)
    began = process_time()
    rating, judged = rated(table, tell)
    return Trained(
        sha256=table.sha256,
        rows=table.rows,
        batch=table.batch,
        known_at=table.known_at,
        params={
            "table": table.number,
            "positives": table.positives,
            "columns": [one.name for one in rating.record.encoding.columns]
            if rating.record
            else [],
            "horizon_days": KINDS[kind].horizon.days,
            "judged_on": judged,
            "flags": table.flags,
        },
        scores=_scores(rating, rating.quality) if rating.quality else _refused(rating),
        record=rating.record.plain() if rating.record else {},
        reason=rating.reason or "",
        cpu_seconds=round(process_time() - began, 3),
    )


def rated(table: FeatureTable, tell: Callable[[], None] = _silent) -> tuple[Rating, str]:
    """What a kept table can tell, and what it was judged on: the same table, the same answer.

    Judged on later rows than were learnt from where every step has both outcomes.
    """
    learnable = read_table(table.content.decode(), table.texts)
    is_later = _can_be_judged_later(learnable.came, learnable.order)
    rating = rate(
        table.kind,
        learnable.columns,
        learnable.came,
        order=learnable.order if is_later else None,
        tell=tell,
    )
    return rating, LATER if is_later else RANDOM


def _can_be_judged_later(came: IntArray, order: FloatArray) -> bool:
    if len(came) < 2:
        return False
    return all(0 < came[learnt].mean() < 1 for learnt, _ in later_folds(order) if len(learnt))


@transaction.atomic
def table_build(*, kind: str, team: Team, at: datetime) -> FeatureTable:
    """The feature table of a kind as of a moment: a new version only where its content is new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [f"{kind} table", team.pk])
    book = book_of(kind, team.path, at)
    written = written_table(book, team.path)
    plain = written.text.encode()
    digest = hashlib.sha256(plain).hexdigest()
    same = FeatureTable.objects.filter(kind=kind, team=team)
    known = same.filter(sha256=digest).first()
    if known:
        return known
    batch = Batch.objects.filter(known_at__lte=at).order_by("-known_at", "-pk").first()
    return FeatureTable.objects.create(
        kind=kind,
        team=team,
        number=(same.aggregate(last=Max("number"))["last"] or 0) + 1,
        built_at=at,
        known_at=batch.known_at if batch else at,
        batch=batch,
        sha256=digest,
        rows=written.rows,
        positives=written.positives,
        texts=written.texts,
        flags=written.flags,
        # Without the moment in it, so that the same table is the same bytes.
        packed=gzip.compress(plain, mtime=0),
    )


def tables_forget(*, kind: str, team: Team) -> int:
    """Drop nightly tables that no model was trained on, but for the newest; answers how many."""
    used = ModelVersion.objects.filter(kind=kind, team=team).values("data_sha256")
    idle = FeatureTable.objects.filter(kind=kind, team=team).exclude(sha256__in=used)
    kept = list(idle.order_by("-number").values_list("pk", flat=True)[:KEPT_TABLES])
    return idle.exclude(pk__in=kept).delete()[0]


def _scores(rating: Rating, quality: Quality) -> dict[str, Any]:
    base = rating.positives / rating.n
    return {
        "auc": _short(quality.auc),
        "auc_low": _short(quality.auc_interval.low),
        "auc_high": _short(quality.auc_interval.high),
        "brier": _short(quality.brier),
        # What saying the average to everybody would score.
        "brier_base": _short(base * (1 - base)),
        "log_loss": _short(quality.log_loss),
        "calibration_error": _short(quality.calibration_error),
        "lift": _short(quality.lift),
        "base_rate": _short(base),
        "positives": rating.positives,
        "judged": sum(one.n for one in quality.groups),
        "model": rating.model,
        "calibration": [
            {
                "n": one.n,
                "said": _short(one.said),
                "came": _short(one.came),
                "low": _short(one.interval.low),
                "high": _short(one.interval.high),
            }
            for one in quality.groups
        ],
        "factors": [
            {
                "name": one.name,
                "strength": _short(one.strength),
                "raises": one.raises,
                "lowers": one.lowers,
            }
            for one in rating.factors
        ],
        "compared": {name: _short(one.log_loss) for name, one in rating.compared.items()},
        **_refused(rating),
    }


def _refused(rating: Rating) -> dict[str, Any]:
    """What is said of a table with or without a model."""
    return {
        "positives": rating.positives,
        "suspects": [
            {
                "name": one.name,
                "suspicion": str(one.suspicion),
                "alone": _short(one.alone),
                "others": _short(one.others),
                "is_left_out": one.is_left_out,
            }
            for one in rating.suspects
        ],
        "left_out": list(rating.left_out),
    }


def _short(value: float) -> float:
    return round(float(np.float64(value)), 5)
