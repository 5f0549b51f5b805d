"""Rows that are not ad delivery (analytics events, ad auctions): observations, never facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pandas as pd
from django.db import transaction

from core.money import MICROS
from integrations.models import ImportRun
from integrations.rules import EVENT_MEASURES, MARKET_SHARES, Reading
from integrations.rules.market import MARKET
from metrics.choices import OURS, auction_metric
from metrics.models import Batch, Observation

# Currency belongs to amounts only.
AMOUNT = "revenue"
EVENTS = "events"


def is_observed(reading: Reading) -> bool:
    """Whether the rows are kept as observations."""
    return reading.layout is not None and reading.layout.kind in (EVENTS, MARKET)


@transaction.atomic
def observations_load(
    reading: Reading, *, run: ImportRun, source_id: int, at: datetime
) -> Batch | None:
    """Write what changed; None when every observation was known already."""
    wanted = {_key(o): o for o in observed(reading, run)}
    known = {
        _key(o): o
        for o in Observation.objects.filter(
            team=run.team, metric__in={o.metric for o in wanted.values()}, ended_by=None
        )
    }
    changed = [
        o for key, o in wanted.items() if key not in known or _value(known[key]) != _value(o)
    ]
    if not changed:
        return None
    batch = Batch.objects.create(
        known_at=at,
        source=source_id,
        label=run.file_name[:200],
        rows=len(wanted),
        changed=len(changed),
        first_day=min(o.first_day for o in changed),
        last_day=max(o.last_day for o in changed),
    )
    replaced = [known[_key(o)].pk for o in changed if _key(o) in known]
    Observation.objects.filter(pk__in=replaced).update(ended_by=batch)
    for observation in changed:
        observation.batch = batch
    Observation.objects.bulk_create(changed)
    return batch


def _key(observation: Observation) -> tuple[object, ...]:
    return (
        observation.metric,
        observation.subject,
        observation.first_day,
        observation.last_day,
    )


def _value(observation: Observation) -> tuple[object, ...]:
    return (observation.value_micros, observation.bound)


def observed(reading: Reading, run: ImportRun) -> Iterator[Observation]:
    """What the rows of a reading say, not yet kept."""
    is_market = reading.layout is not None and reading.layout.kind == MARKET
    rows: Any = reading.rows.itertuples()
    for row in rows:
        yield from _of_auctions(row, run) if is_market else _of_events(row, run)


def _of_events(row: Any, run: ImportRun) -> Iterator[Observation]:
    for measure in EVENT_MEASURES:
        value = getattr(row, measure)
        if not pd.isna(value):
            yield Observation(
                metric=f"events.{measure}",
                team=run.team,
                subject=str(row.event_name)[:200],
                first_day=row.period_start.date(),
                last_day=row.day.date(),
                value_micros=int(value) * (1 if measure == AMOUNT else MICROS),
                currency=str(row.currency) if measure == AMOUNT else "",
            )


def _of_auctions(row: Any, run: ImportRun) -> Iterator[Observation]:
    for share in MARKET_SHARES:
        value = getattr(row, share)
        if not pd.isna(value):
            yield Observation(
                metric=auction_metric(share),
                team=run.team,
                subject=row.domain or OURS,
                first_day=row.period_start.date(),
                last_day=row.day.date(),
                value_micros=int(value),
                bound=getattr(row, f"{share}_bound"),
            )
