"""Budget changes as the editors of the advertising platforms take them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Final

import pyarrow
import xlsxwriter
from pyarrow import parquet

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


def as_json(content: str) -> bytes:
    """The rows of such a file as a JSON list of objects; every value is text, as in the file."""
    rows = list(csv.DictReader(io.StringIO(content)))
    return json.dumps(rows, ensure_ascii=False, indent=1).encode()


def as_workbook(content: str) -> bytes:
    """The same as a workbook of one sheet. Cells are text: a campaign's number keeps its digits."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Changes")
        for at, row in enumerate(csv.reader(io.StringIO(content))):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell)
    return out.getvalue()


def as_parquet(content: str) -> bytes:
    """The same as a Parquet file; every column is text."""
    head, *rows = csv.reader(io.StringIO(content))
    columns = [
        pyarrow.array([row[at] for row in rows], pyarrow.string()) for at in range(len(head))
    ]
    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_arrays(columns, head), out)
    return out.getvalue()


# Ending: what makes it out of the CSV that is kept, and its type.
FORMATS: Final[Mapping[str, tuple[Callable[[str], bytes], str]]] = {
    "csv": (str.encode, "text/csv; charset=utf-8"),
    "xlsx": (
        as_workbook,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "json": (as_json, "application/json"),
    "parquet": (as_parquet, "application/vnd.apache.parquet"),
}


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
