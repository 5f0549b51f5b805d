"""Small export files, made where a test needs them, and the one way tests read a file."""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from integrations.rules import DEFAULT_LIMITS, FRACTIONS, Limits, Reading, ReadOptions, read_file

TODAY = date(2026, 11, 22)

HEADERS = (
    "Day", "Campaign", "Campaign ID", "Currency code", "Impr.", "Clicks", "Cost", "Conversions",
    "Conv. value",
)  # fmt: skip
HEADER = ",".join(HEADERS) + "\n"


def line(
    day: str = "2026-11-01",
    campaign: str = "Brand",
    id: str = "7000",  # noqa: A002  the column's name
    currency: str = "USD",
    impressions: str = "1000",
    clicks: str = "10",
    cost: str = "1.00",
    conversions: str = "1",
    value: str = "10",
) -> str:
    """One row of a Google Ads export; cells are written as they are, quotes included."""
    cells = (day, campaign, id, currency, impressions, clicks, cost, conversions, value)
    return ",".join(cells) + "\n"


def days(*costs: str, **more: str) -> str:
    """Rows of consecutive days, one per cost."""
    return "".join(
        line(day=f"2026-11-{number:02d}", cost=cost, **more)
        for number, cost in enumerate(costs, start=1)
    )


def written(rows: Iterable[Sequence[str]], separator: str = ",", ending: str = "\n") -> str:
    """Rows as a CSV writer would write them."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=ending).writerows(rows)
    return out.getvalue()


def read(
    content: str | bytes | Path,
    *,
    name: str = "export.csv",
    currency: str | None = "USD",
    mapping: Mapping[str, str] | None = None,
    source: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    today: date = TODAY,
    settings: Mapping[str, str] | None = None,
    **more: str,
) -> Reading:
    """Read with an account in US dollars on 22 November 2026; other keywords are settings too."""
    said = {**(settings or {}), **more}
    options = ReadOptions(
        today=today, source=source, currency=currency, mapping=mapping or {}, settings=said
    )
    data = content.encode() if isinstance(content, str) else content
    return read_file(data, name=name, options=options, limits=limits)


def codes(reading: Reading) -> list[str]:
    """The reasons, in order, each once."""
    return list(dict.fromkeys(problem.code.value for problem in reading.problems))


def cautions(reading: Reading) -> list[str]:
    return [caution.code.value for caution in reading.warnings]


def units(frame: pd.DataFrame, measure: str) -> list[Decimal | None]:
    """A measure of every row in units, exact; None where the file had no data."""
    values = frame[measure].tolist()
    scale = 1_000_000 if measure in FRACTIONS else 1
    return [None if pd.isna(value) else Decimal(int(value)) / scale for value in values]


def spend(reading: Reading) -> list[Decimal | None]:
    return units(reading.rows, "spend")


def day_list(reading: Reading) -> list[str]:
    return [stamp.date().isoformat() for stamp in reading.rows["day"]]


def workbook(
    *sheets: Sequence[Sequence[Any]], hidden: Sequence[int] = (), date_1904: bool = False
) -> bytes:
    """An .xlsx of one or more sheets; dates become date cells, None stays empty."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": date_1904})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, rows in enumerate(sheets):
        sheet = book.add_worksheet(f"Sheet{number + 1}")
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(
                        at, column, datetime.combine(value, datetime.min.time()), day
                    )
                elif value is not None:
                    sheet.write(at, column, value)
        if number in hidden:
            sheet.hide()
    book.close()
    return out.getvalue()


def sheet_row(day: date | str | float = date(2026, 11, 1), **more: Any) -> list[Any]:
    """One row of the Google Ads columns for a workbook."""
    cells: dict[str, Any] = {
        "campaign": "Brand", "id": "7000", "currency": "USD", "impressions": 1000, "clicks": 10,
        "cost": 1.5, "conversions": 1, "value": 10,
    }  # fmt: skip
    return [day, *(cells | more).values()]


def zipped(**members: str | bytes) -> bytes:
    """A zip archive; keyword names become file names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def gzipped(content: str | bytes) -> bytes:
    # The time of day in the header would give every process other test names.
    return gzip.compress(content.encode() if isinstance(content, str) else content, mtime=0)
