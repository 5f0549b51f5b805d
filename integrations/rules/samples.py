"""A small file in each layout, to see what one looks like and to try an import with."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from integrations.rules.layouts import FOLDER, Layout, layouts, normal
from integrations.rules.market import MARKET

CURRENCY = "EUR"
FIRST_DAY = date(2026, 11, 2)
DAYS = 3
SAMPLED = ("delivery", "events", MARKET)
CAMPAIGNS = (("Winter coats", "7100001", 1840), ("Brand", "7100002", 420))
# In the order of the columns; what a layout does not have is left out.
WANTED = (
    "day", "period_start", "period_end", "campaign_name", "campaign_external_id", "event_name",
    "currency", "impressions", "clicks", "spend", "conversions", "revenue", "event_count", "users",
)  # fmt: skip
SHARES = ("day", "domain", "impression_share", "overlap_rate", "position_above_rate",
          "top_of_page_rate", "abs_top_of_page_rate", "outranking_share")  # fmt: skip
AUCTIONS = (
    ("You", "46.2%", "--", "--", "71.4%", "33.9%", "--"),
    ("alpine.example", "38.5%", "42.1%", "36.0%", "68.8%", "< 10%", "39.7%"),
)
PERIOD = ("period_start", "period_end")


def sampled_layouts() -> list[Layout]:
    """The layouts that a sample can be made for: results of advertising, of events, of auctions."""
    return [layout for layout in layouts().values() if layout.kind in SAMPLED]


@cache
def sample(key: str) -> str:
    """The sample of a layout as CSV; raises ``KeyError`` for one that is not there."""
    layout = layouts()[key]
    if layout.kind == MARKET:
        return _market_sample(layout)
    headers = _headers(layout)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headers.values())
    for row in _rows():
        writer.writerow([_cell(layout, target, row) for target in headers])
    return out.getvalue()


def _market_sample(layout: Layout) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    known = _written(layout.key)
    writer.writerow([known[target][0] for target in SHARES])
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        writer.writerows([day, *row] for row in AUCTIONS)
    return out.getvalue()


def _headers(layout: Layout) -> Mapping[str, str]:
    """Target to header: what was wanted, then as many telling ones as recognising needs."""
    known = _written(layout.key)
    wanted = [target for target in WANTED if target in known and _is_needed(target, known)]
    found = {target: _best(layout, known[target]) for target in wanted}
    if "currency" not in found and "spend" in found:
        found["spend"] = f"{found['spend']} ({CURRENCY})"
    telling = [header for header in _telling(layout) if header not in found.values()]
    while _count(layout, found) < layout.at_least and telling:
        header = telling.pop(0)
        found[f"more:{header}"] = header
    return found


def _is_needed(target: str, known: Mapping[str, Sequence[str]]) -> bool:
    return target not in PERIOD or "day" not in known


def _best(layout: Layout, headers: Sequence[str]) -> str:
    """The header that tells the layout from others, else the first one."""
    telling = [header for header in headers if normal(header).key in layout.distinctive]
    return (telling or list(headers))[0]


def _count(layout: Layout, found: Mapping[str, str]) -> int:
    return sum(normal(header).key in layout.distinctive for header in found.values())


def _telling(layout: Layout) -> list[str]:
    source = tomllib.loads((FOLDER / f"{layout.key}.toml").read_text("utf-8"))
    headers: list[str] = source["recognise"]["headers"]
    taken = set(layout.columns) | set(layout.fallback)
    for rule in layout.conditional.values():
        taken |= rule.value | rule.when
    return [header for header in headers if normal(header).key not in taken]


def _written(key: str) -> Mapping[str, Sequence[str]]:
    """Target to its headers as the platform writes them in English, else in any language."""
    source = tomllib.loads((FOLDER / f"{key}.toml").read_text("utf-8"))
    columns: Mapping[str, Mapping[str, Sequence[str]]] = source.get("columns", {})
    return {
        target: by_language.get("en") or [one for some in by_language.values() for one in some]
        for target, by_language in columns.items()
    }


def _rows() -> Iterator[dict[str, Any]]:
    for number in range(DAYS):
        for name, pk, size in CAMPAIGNS:
            clicks = size // 40 + number
            yield {
                "day": FIRST_DAY + timedelta(days=number),
                "campaign_name": name,
                "campaign_external_id": pk,
                "event_name": name.casefold().replace(" ", "_"),
                "currency": CURRENCY,
                "impressions": size + 13 * number,
                "clicks": clicks,
                "spend": f"{clicks * 0.62:.2f}",
                "conversions": clicks // 9,
                "revenue": f"{(clicks // 9) * 84.5:.2f}",
                "event_count": size,
                "users": size - 60,
            }


def _cell(layout: Layout, target: str, row: Mapping[str, Any]) -> str:
    if target in ("day", *PERIOD):
        day: date = row["day"]
        if layout.date_order == "mdy":
            return f"{day:%m/%d/%Y}"
        return f"{day:%d/%m/%Y}" if layout.date_order == "dmy" else day.isoformat()
    return "" if target.startswith("more:") else str(row[target])
