"""Every night: chances of all open leads and customers by the model in use, and what came of earlier ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q

from accounts.models import Team
from analytics.scores.rating import MIN_POSITIVES, MIN_ROWS
from core import events
from core.events import AUTOMATION
from core.personal import Person, is_outdated, renew
from customers.models import Account, Lead
from insights.models import ModelVersion, Score, ScoreQuerySet
from insights.rules.scores import KINDS, LEADS, MOVED
from insights.selectors.scores import REASONS, SLIGHT, like_chance, record_of
from insights.selectors.scoring import Book, Look, book_of
from insights.services.scoring import scores_train, table_build, tables_forget

State, Came = ModelVersion.State, Score.Came
_AT_ONCE = 2_000
# After so long a chance is written down again even if it did not move.
_RESTATED = timedelta(days=30)


def scores_nightly(*, now: datetime) -> dict[str, dict[str, int]] | None:
    """Schedule: keep tonight's tables, train where it is time, give chances, note what came."""
    names_let_go()
    found: dict[str, dict[str, int]] = {}
    for team in Team.objects.filter(parent=None, is_archived=False):
        for kind in KINDS:
            if _has_subjects(kind, team):
                counts = _one_kind(kind, team, now)
                found[f"{kind} of {team}"] = {key: n for key, n in counts.items() if n}
    return {key: counts for key, counts in found.items() if counts} or None


def _has_subjects(kind: str, team: Team) -> bool:
    model = Lead if kind == LEADS else Account
    return model.objects.filter(team__path__startswith=team.path).exists()


def _one_kind(kind: str, team: Team, now: datetime) -> dict[str, int]:
    trained = train_first(kind=kind, team=team, now=now)
    came = came_note(kind=kind, team=team, now=now)
    given = scores_give(kind=kind, team=team, now=now)
    return {
        "trained": int(trained is not None),
        "came": came,
        "given": given,
        "tables dropped": tables_forget(kind=kind, team=team),
    }


def train_first(*, kind: str, team: Team, now: datetime) -> ModelVersion | None:
    """Keep tonight's table, and train on it as long as no model is in use and it may be enough.

    A table that was learnt from is not learnt from again; later trainings are the registry's.
    """
    table = table_build(kind=kind, team=team, at=now)
    versions = ModelVersion.objects.filter(kind=kind, team=team)
    if versions.filter(Q(data_sha256=table.sha256) | Q(state=State.CHAMPION)).exists():
        return None
    is_enough = table.rows >= MIN_ROWS and table.positives >= MIN_POSITIVES
    if versions.exists() and not is_enough:
        return None
    return scores_train(kind=kind, team=team, at=now)


@transaction.atomic
def scores_give(*, kind: str, team: Team, now: datetime) -> int:
    """Write down the chances of all that are open, where they moved; answers how many."""
    count = 0
    versions = ModelVersion.objects.filter(
        kind=kind, state=State.CHAMPION, team__path__startswith=team.path
    ).select_related("team")
    for version in versions:
        nearer = [
            other.team.path
            for other in versions
            if other != version and other.team.path.startswith(version.team.path)
        ]
        count += _give(version, nearer, now)
    return count


def _give(version: ModelVersion, nearer: Sequence[str], now: datetime) -> int:
    """Chances by one model of everybody below its team who has none nearer."""
    book = book_of(version.kind, version.team.path, now)
    looks = [
        look
        for look in book.present()
        if not any(book.subjects[look.subject].path.startswith(path) for path in nearer)
    ]
    before = _latest(version.kind, looks)
    made = [
        score
        for score in _scored(version, book, looks)
        if _is_news(before.get(_subject(score)), score)
    ]
    gone = [before[_subject(one)].pk for one in made if _subject(one) in before]
    Score.objects.filter(pk__in=gone).update(is_latest=False)
    Score.objects.bulk_create(made, batch_size=_AT_ONCE)
    if made:
        events.record(
            actor=AUTOMATION,
            action="scores.given",
            subject=version,
            at=now,
            after={"given": len(made), "looked_at": len(looks)},
            team_path=version.team.path,
            live=["scores"],
        )
    return len(made)


def _latest(kind: str, looks: Sequence[Look]) -> dict[int, Score]:
    field = "lead" if kind == LEADS else "account"
    found = Score.objects.filter(
        kind=kind, is_latest=True, **{f"{field}__in": [look.subject for look in looks]}
    )
    return {_subject(one): one for one in found}


def _subject(score: Score) -> int:
    return score.lead_id or score.account_id or 0


def _is_news(before: Score | None, score: Score) -> bool:
    """A first chance, another model's, one that moved, or one whose predecessor is over or old."""
    if before is None or before.version_id != score.version_id or before.came:
        return True
    is_old = score.scored_at - before.scored_at >= _RESTATED
    return is_old or abs(before.chance - score.chance) >= MOVED


def _scored(version: ModelVersion, book: Book, looks: Sequence[Look]) -> Iterable[Score]:
    """All at once: the model is asked for a table, not for one row after the other."""
    if not looks:
        return
    record = record_of(version)
    rows = [book.row(look) for look in looks]
    names = [one.name for one in record.encoding.columns]
    texts = {name for name in names if isinstance(rows[0].get(name), str)}
    table = {name: _column([row.get(name) for row in rows], name in texts) for name in names}
    effects = record.effects(table)
    chances = 1 / (1 + np.exp(-(record.base + effects.sum(axis=1))))
    horizon = KINDS[version.kind].horizon
    for place, look in enumerate(looks):
        like = like_chance(version.scores.get("calibration", []), float(chances[place]))
        subject = book.subjects[look.subject]
        yield Score(
            kind=version.kind,
            team_id=subject.team,
            version=version,
            person=subject.person,
            chance=float(chances[place]),
            base=record.base,
            raises=_reasons(names, rows[place], effects[place], sign=1),
            lowers=_reasons(names, rows[place], effects[place], sign=-1),
            like_n=like["n"],
            like_low=like["low"],
            like_high=like["high"],
            scored_at=look.at,
            due_at=look.at + horizon,
            **{("lead_id" if version.kind == LEADS else "account_id"): look.subject},
        )


def _column(values: Sequence[Any], is_text: bool) -> Any:
    if is_text:
        return np.array(values, dtype=np.str_)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _reasons(
    names: Sequence[str], row: Mapping[str, Any], effects: Any, *, sign: int
) -> list[dict[str, Any]]:
    order = np.argsort(-sign * effects, kind="stable")[:REASONS]
    return [
        {
            "name": names[at],
            "value": _said(row.get(names[at])),
            "effect": round(float(effects[at]), 4),
        }
        for at in order
        if sign * effects[at] >= SLIGHT
    ]


def _said(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:g}"


@transaction.atomic
def came_note(*, kind: str, team: Team, now: datetime) -> int:
    """Write beside open chances what came of them, as far as it is known; answers how many."""
    waiting = list(
        Score.objects.filter(Q(team__path__startswith=team.path), kind=kind, came=Came.OPEN)
    )
    if not waiting:
        return 0
    book = book_of(kind, team.path, now, sorted({_subject(one) for one in waiting}))
    ended = []
    for score in waiting:
        if _subject(score) not in book.subjects:
            continue
        came = book.came(Look(_subject(score), score.scored_at))
        if came.value is not None:
            score.came, score.came_at = (Came.YES if came.value else Came.NO), came.at
            ended.append(score)
    Score.objects.bulk_update(ended, ["came", "came_at"], batch_size=500)
    return len(ended)


def names_let_go() -> int:
    """Chances of leads whose person was forgotten keep nothing that says whom; answers how many."""
    gone = Score.objects.filter(lead__isnull=False, lead__contact_ref="").exclude(person="")
    return gone.update(person="")


class Holder:
    """Chances of people: they go with the person; what a model learnt holds nobody."""

    key, label = "chances", "Chances of leads"

    def _of(self, person: Person) -> ScoreQuerySet:
        return Score.objects.filter(person__in=person.tokens)

    def known(self, _person: Person) -> Collection[str]:
        return ()

    def count(self, person: Person) -> int:
        return self._of(person).count()

    def erase(self, person: Person, _at: datetime) -> int:
        return self._of(person).delete()[0]

    def renew(self) -> int:
        old = [one for one in Score.objects.exclude(person="") if is_outdated(one.person)]
        for one in old:
            one.person = renew(one.person)
        Score.objects.bulk_update(old, ["person"], batch_size=500)
        return len(old)
