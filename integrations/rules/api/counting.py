"""Conversions of the events that somebody chose, in place of the platform's own count."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from core.money import MICROS
from integrations.rules.answers import DIMENSIONS, MEASURES
from integrations.rules.api.filling import at
from integrations.rules.api.grammar import Counted

Key = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Count:
    """How often chosen events happened for a campaign on a day, and what they were worth, in micros.

    ``value`` None: the platform does not say it by event.
    """

    campaign: str
    day: date
    conversions: int
    value: int | None


def counts_of(shape: Counted, items: Iterable[Any], chosen: Collection[str]) -> Iterator[Count]:
    """The counts of the chosen events. Raises ``ValueError`` for what is no day or number."""
    for item in items:
        for event, number in _events(shape, item):
            if event in chosen:
                value = _micros(at(item, shape.value)) if shape.value else None
                campaign = _number(at(item, shape.campaign))
                yield Count(campaign, _day(at(item, shape.day)), _micros(number), value)


def with_counts(rows: pd.DataFrame, counts: Sequence[Count], currency: str) -> pd.DataFrame:
    """The rows of campaigns and days with these conversions and no others.

    A day on which a campaign has conversions only becomes a row of its own.
    """
    conversions, values = _added(counts)
    keys = [
        (str(campaign), day.date())
        for campaign, day in zip(rows["campaign_external_id"], rows["day"], strict=True)
    ]
    is_valued = any(one.value is not None for one in counts)
    changed = rows.assign(conversions=_placed(keys, conversions))
    if is_valued:
        changed = changed.assign(revenue=_placed(keys, values))
    missing = sorted(conversions.keys() - set(keys))
    if not missing:
        return changed
    names = dict(zip(rows["campaign_external_id"], rows["campaign_name"], strict=True))
    more = pd.DataFrame(
        {
            **_blank(campaign, day, str(names.get(campaign) or campaign), currency),
            "row": len(rows) + number,
            "conversions": conversions[campaign, day],
            "revenue": values.get((campaign, day)) if is_valued else None,
        }
        for number, (campaign, day) in enumerate(missing, start=1)
    )
    texts = {
        name: "string" for name in DIMENSIONS if name in rows and rows[name].dtype == "category"
    }
    kinds = {**texts, **{name: "Int64" for name in MEASURES if name in rows}}
    parts = [part[list(changed)].astype(kinds) for part in (changed, more)]
    return pd.concat(parts, ignore_index=True).astype(dict.fromkeys(texts, "category"))


def _blank(campaign: str, day: date, name: str, currency: str) -> dict[str, Any]:
    moment = pd.Timestamp(day)
    return {
        **dict.fromkeys(DIMENSIONS, ""),
        **dict.fromkeys(MEASURES),
        "day": moment,
        "period_start": moment,
        "campaign_external_id": campaign,
        "campaign_name": name,
        "currency": currency,
    }


def _added(counts: Sequence[Count]) -> tuple[dict[Key, int], dict[Key, int]]:
    conversions: dict[Key, int] = defaultdict(int)
    values: dict[Key, int] = defaultdict(int)
    for one in counts:
        conversions[one.campaign, one.day] += one.conversions
        values[one.campaign, one.day] += one.value or 0
    return dict(conversions), dict(values)


def _placed(keys: Sequence[Key], totals: Mapping[Key, int]) -> Any:
    """Each total at the first row of its campaign and day, zero at all others."""
    left = dict(totals)
    return pd.array([left.pop(key, 0) for key in keys], dtype="Int64")


def _events(shape: Counted, item: Any) -> Iterator[tuple[str, Any]]:
    if shape.each:
        found = at(item, shape.each)
        yield from found.items() if isinstance(found, Mapping) else ()
    else:
        event = shape.named or _number(at(item, shape.event))
        yield event, at(item, shape.conversions)


def _number(said: Any) -> str:
    """``456`` of ``customers/1/conversionActions/456`` and of ``urn:li:sponsoredCampaign:456``."""
    return re.split(r"[:/]", str(said if said is not None else ""))[-1]


def _day(said: Any) -> date:
    if isinstance(said, Mapping):
        return date(*(int(said.get(part, 0)) for part in ("year", "month", "day")))
    return date.fromisoformat(str(said)[:10])


def _micros(said: Any) -> int:
    text = str(said if said not in (None, "", "-") else 0).replace(",", "")
    try:
        return int((Decimal(text) * MICROS).to_integral_value())
    except (InvalidOperation, OverflowError) as error:
        raise ValueError(f"“{text[:60]}” is no number.") from error
