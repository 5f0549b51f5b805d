"""Budget changes as the editors of the advertising platforms take them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

# What a spreadsheet would run as a formula; a platform's editor is often fed from one.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class BudgetOrder:
    """The new daily budget of one platform campaign, in its account's currency."""

    campaign: str
    external_id: str
    account: str
    currency: str
    daily: Decimal
    minor_digits: int

    @property
    def written(self) -> str:
        """Rounded down: an order never spends more than was approved."""
        return format(self.daily.quantize(Decimal(1).scaleb(-self.minor_digits), ROUND_DOWN), "f")


HEADERS = {
    "google_ads": ("Account", "Campaign", "Campaign ID", "Budget", "Budget type"),
    "meta_ads": ("Campaign ID", "Campaign Name", "Campaign Daily Budget"),
    "microsoft_ads": ("Type", "Id", "Campaign", "Budget", "Budget Type"),
}
GENERIC = ("Account", "Campaign", "Campaign ID", "Daily budget", "Currency")


def bulk_csv(platform: str, orders: Sequence[BudgetOrder]) -> str:
    """The file for a platform; one of its own columns where it is known, else a plain table."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADERS.get(platform, GENERIC))
    for order in orders:
        writer.writerow([_safe(cell) for cell in _row(platform, order)])
    return out.getvalue()


def _row(platform: str, order: BudgetOrder) -> Sequence[str]:
    if platform == "google_ads":
        return (order.account, order.campaign, order.external_id, order.written, "Daily")
    if platform == "meta_ads":
        return (order.external_id, order.campaign, order.written)
    if platform == "microsoft_ads":
        return ("Campaign", order.external_id, order.campaign, order.written, "DailyBudgetStandard")
    return (order.account, order.campaign, order.external_id, order.written, order.currency)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
