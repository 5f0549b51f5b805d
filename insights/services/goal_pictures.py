"""What the picture of a target's finding shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.money import MICROS
from core.periods import Period
from insights.selectors import outlook
from insights.services.words import young_evidence
from metrics.models import Target
from metrics.selectors import Metric, query


def target_picture(
    target: Target, metric: Metric, through: date, where: Mapping[str, Any]
) -> dict[str, Any]:
    """What the picture shows: months of the period, or weeks of a short one; totals add up."""
    period = Period("target", target.first_day, min(through, target.last_day))
    grain = "week" if period.days <= 100 else "month"
    answer = query(
        metrics=[metric.key],
        by=[grain],
        where=where,
        period=period,
        viewer=None,
        currency=target.currency or None,
        mature=True,
    )
    scale = MICROS if metric.in_micros else 1
    rows = sorted(answer.rows, key=lambda row: row[f"{grain}_start"])
    values = [Decimal(row[metric.key] or 0) / scale for row in rows]
    if not metric.is_ratio:
        values = [sum(values[: n + 1], Decimal(0)) for n in range(len(values))]
    label = "%-d %b" if grain == "week" else "%b %Y"
    labels = {row[f"{grain}_start"]: f"{row[f'{grain}_start']:{label}}" for row in rows}
    found = outlook(
        metric=metric.key,
        viewer=None,
        starts=list(labels),
        last_day=period.end,
        where=where,
        currency=target.currency or None,
    )
    periods = [
        {"label": name, "value": str(value)}
        for name, value in zip(labels.values(), values, strict=True)
    ]
    return {"periods": periods, **young_evidence(found, labels)}
