"""Loading customer records: what a file or an account says now, as one batch that can be undone.

The same content again changes nothing. A field that a row does not have stays as it was: an
export with fewer columns takes nothing away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from accounts.models import Team
from core import events
from core.events import Actor
from core.personal import ERASED, Kind, is_erased, token
from customers.choices import Entity
from customers.models import Contact, Opportunity, Record, RecordChange, Suppression
from customers.services.entities import MODELS, PERSONAL, fields_of, links_of, snapshot
from customers.services.incidents import incidents_tell
from customers.services.linking import link
from customers.services.renewing import records_renew
from customers.services.stages import stage_rows
from metrics.models import Batch
from metrics.services.locks import lock_teams

Row = Mapping[str, Any]
_AT_ONCE = 2_000
# From so many new or changed records on the database is told how large its tables are now.
_MANY = 1_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did; ``batch`` is None when every record was known as it is."""

    batch: Batch | None
    created: int
    changed: int
    unchanged: int


@dataclass(slots=True)
class _Plan:
    """Records to be made and to be changed; ``before`` of the changed ones, by number."""

    entity: str
    made: list[Record]
    changed: list[Record]
    before: dict[str, dict[str, Any]]
    names: set[str]
    unchanged: int = 0


def _count_anew(plans: Iterable[_Plan]) -> None:
    """Let the planner know the tables as they are: of an empty one it would read all, row by row."""
    tables = {MODELS[plan.entity]._meta.db_table for plan in plans}
    with connection.cursor() as cursor:
        for table in sorted(tables):
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


@transaction.atomic
def records_load(
    *,
    rows: Mapping[str, Iterable[Row]],
    team: Team,
    system: str,
    label: str,
    known_at: datetime,
    actor: Actor,
    source: int = 0,
    follow_stages: bool = True,
) -> Loaded:
    """Write the rows of each entity, as one batch.

    A row has ``number`` and fields of its entity; of two rows with one number the later one
    holds. Values that say who a person is are hashed here unless they are tokens already, and
    the rows of erased people are left out. ``follow_stages``: an opportunity seen in another
    stage than before has moved now; without it the stages come as rows of their own.
    """
    lock_teams([team.pk])
    records_renew()
    erased = frozenset(Suppression.objects.values_list("mark", flat=True))
    plans = [
        _plan(entity, _cleaned(entity, given, system, erased), team, system, known_at)
        for entity, given in rows.items()
    ]
    if follow_stages:
        moved = [record for plan in plans for record in _opportunities(plan)]
        plans.append(
            _plan(Entity.STAGE, stage_rows(moved, team, system, known_at), team, system, known_at)
        )
    counts = [sum(len(plan.made) for plan in plans), sum(len(plan.changed) for plan in plans)]
    unchanged = sum(plan.unchanged for plan in plans)
    if not any(counts):
        return Loaded(None, 0, 0, unchanged)
    batch = Batch.objects.create(
        known_at=known_at,
        source=source,
        label=label[:200],
        rows=sum(counts) + unchanged,
        changed=sum(counts),
        **_days(plans),
    )
    for plan in plans:
        _write(plan, batch)
    if sum(counts) > _MANY:
        _count_anew(plans)
    link(team=team)
    _record(batch, plans, team, actor, known_at)
    touched = {plan.entity: [*plan.made, *plan.changed] for plan in plans}
    incidents_tell(rows=touched, at=known_at)
    return Loaded(batch, counts[0], counts[1], unchanged)


def _cleaned(
    entity: str, rows: Iterable[Row], system: str, erased: frozenset[str]
) -> dict[str, Row]:
    """Rows by number, hashed; without those that have no number or are of somebody erased."""
    found: dict[str, Row] = {}
    for row in rows:
        clean = {
            name: _hashed(PERSONAL.get(entity, {}).get(name), value, system, erased)
            for name, value in row.items()
        }
        number = str(clean.get("number") or "").strip()
        if number and number != ERASED and clean.get("email") != ERASED:
            found[number] = {**found.get(number, {}), **clean, "number": number}
    return found


def _hashed(kind: Kind | None, value: Any, system: str, erased: frozenset[str]) -> Any:
    if kind is None or not value:
        return value
    if isinstance(value, list):
        kept = (_hashed(kind, one, system, erased) for one in value)
        return [one for one in kept if one != ERASED]
    text, own = str(value), system if kind is Kind.NUMBER else ""
    if text == ERASED or is_erased(kind, text, own, erased):
        return ERASED
    return token(kind, text, own)


def _plan(entity: str, rows: Mapping[str, Row], team: Team, system: str, at: datetime) -> _Plan:
    model, fields = MODELS[entity], fields_of(entity)
    known: dict[str, Record] = {}
    numbers = list(rows)
    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        found = model.objects.filter(team=team, system=system, number__in=part)
        known |= {record.number: record for record in found.select_for_update()}
    plan = _Plan(entity, [], [], {}, set())
    for number, row in rows.items():
        values = {name: value for name, value in row.items() if name in fields}
        if number in known:
            _compare(plan, known[number], values)
        else:
            plan.made.append(_new(model, values, team, system, at))
    if entity == Entity.CONTACT:
        Contact.objects.filter(pk__in=[record.pk for record in known.values()]).update(seen_at=at)
    return plan


def _new(
    model: type[Record], values: Mapping[str, Any], team: Team, system: str, at: datetime
) -> Record:
    more = {"seen_at": at} if model is Contact else {}
    filled = {name: value for name, value in values.items() if value is not None}
    return model(team=team, system=system, **filled, **more)


def _compare(plan: _Plan, record: Record, values: Mapping[str, Any]) -> None:
    different = {
        name: value
        for name, value in values.items()
        if value is not None and getattr(record, name) != value
    }
    if not different:
        plan.unchanged += 1
        return
    plan.before[record.number] = snapshot(record)
    for name, value in different.items():
        setattr(record, name, value)
    for name in links_of(type(record)):
        if f"{name}_ref" in different:
            setattr(record, name, None)
            plan.names.add(name)
    plan.names |= set(different)
    plan.changed.append(record)


def _opportunities(plan: _Plan) -> list[Opportunity]:
    touched = plan.made + [r for r in plan.changed if _stage_before(plan, r) != _stage(r)]
    return [record for record in touched if isinstance(record, Opportunity)]


def _stage(record: Record) -> str:
    return getattr(record, "stage", "")


def _stage_before(plan: _Plan, record: Record) -> str:
    return str(plan.before[record.number].get("stage", ""))


def _days(plans: list[_Plan]) -> dict[str, Any]:
    """The first and last day the batch speaks about, where its records have days."""
    moments = [
        getattr(record, name, None)
        for plan in plans
        for record in (*plan.made, *plan.changed)
        for name in ("at", "day", "created_at")
    ]
    days = [getattr(m, "date", lambda m=m: m)() for m in moments if m is not None]
    return {"first_day": min(days), "last_day": max(days)} if days else {}


def _write(plan: _Plan, batch: Batch) -> None:
    model = MODELS[plan.entity]
    for record in (*plan.made, *plan.changed):
        record.batch = batch
    model.objects.bulk_create(plan.made, batch_size=_AT_ONCE)
    if plan.changed:
        model.objects.bulk_update(plan.changed, [*plan.names, "batch"], batch_size=500)
    RecordChange.objects.bulk_create(
        (
            RecordChange(
                batch=batch,
                entity=plan.entity,
                record_id=record.pk,
                before=plan.before.get(record.number),
            )
            for record in (*plan.made, *plan.changed)
        ),
        batch_size=_AT_ONCE,
    )


def _record(batch: Batch, plans: list[_Plan], team: Team, actor: Actor, at: datetime) -> None:
    """The event says how many, never who."""
    events.record(
        actor=actor,
        action="customers.loaded",
        subject=batch,
        at=at,
        after={
            plan.entity: {"new": len(plan.made), "changed": len(plan.changed)} for plan in plans
        },
        team_path=team.path,
        live=["customers"],
    )
