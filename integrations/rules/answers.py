"""What reading a file answers with: frozen values, nothing of them knows a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

import pandas as pd

from integrations.rules.codes import Code

DIMENSIONS = (
    "day",
    "period_start",
    "campaign_name",
    "campaign_external_id",
    "account",
    "channel",
    "ad_group_name",
    "ad_group_external_id",
    "creative_name",
    "creative_external_id",
    "segment",
    "currency",
)
# Counted in whole units.
COUNTS = ("impressions", "clicks", "leads", "engagements", "video_views")
# Kept as micros (millionths) of their unit, because they carry fractions.
FRACTIONS = ("spend", "conversions", "revenue", "order_value")
MEASURES = (
    "impressions",
    "clicks",
    "spend",
    "conversions",
    "revenue",
    "order_value",
    "leads",
    "engagements",
    "video_views",
)
# Measures that are amounts of the row's currency.
AMOUNTS = ("spend", "revenue", "order_value")
EVENT_MEASURES = ("event_count", "users", "revenue")
# Shares of ad auctions, kept as millionths of 1.
MARKET_SHARES = (
    "impression_share",
    "overlap_rate",
    "position_above_rate",
    "top_of_page_rate",
    "abs_top_of_page_rate",
    "outranking_share",
)


class Outcome(StrEnum):
    """ACCEPT: every data row can be written. PARTIAL: some rows are held back, a person confirms.
    REFUSE: nothing may be written."""

    ACCEPT = "ACCEPT"
    PARTIAL = "PARTIAL"
    REFUSE = "REFUSE"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row (or, with ``row`` None, the whole file) is not taken.

    ``row`` is the line in the file as an editor or spreadsheet numbers it, from 1. ``column`` is
    the header as written. ``message`` is one sentence for a person; ``value`` the cell as written.
    """

    row: int | None
    column: str
    code: Code
    message: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to know about a file that was read all the same; ``rows`` are the first hundred."""

    code: Code
    message: str
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question: ``value`` goes into the settings, the rest is for people."""

    value: str
    label: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person must decide before the file can be read; ``key`` names the setting.

    ``free`` means that a value other than the options may be typed.
    """

    key: str
    code: Code
    sentence: str
    options: tuple[Choice, ...]
    free: bool = False


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """Where a column goes. ``target`` "" means: not imported. ``confidence`` runs from 0 to 1.

    ``alternatives`` are other targets that would be possible, best first.
    """

    position: int
    header: str
    examples: tuple[str, ...]
    target: str
    confidence: float
    why: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """A total the platform wrote into the file, beside what the rows add up to.

    ``binding`` totals must agree within ``tolerance``, or nothing is written; the others cover
    something else than the rows of this file (an account, a network) and are shown only.
    """

    row: int | None
    label: str
    measure: str
    expected: Decimal
    actual: Decimal
    tolerance: Decimal
    binding: bool

    @property
    def difference(self) -> Decimal:
        """Expected minus actual."""
        return self.expected - self.actual

    @property
    def agrees(self) -> bool:
        return abs(self.difference) <= self.tolerance


@dataclass(frozen=True, slots=True)
class LayoutFound:
    """Which export this is. ``key`` is "generic" when no platform was recognised."""

    key: str
    name: str
    platform: str
    kind: str
    language: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A rejected row as it stands in the file, for quarantine and repair."""

    row: int
    cells: tuple[str, ...]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the file says about itself, and how it was read."""

    container: str = "plain"
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header_row: int | None = None
    preamble: tuple[str, ...] = ()
    footers: tuple[tuple[int, str], ...] = ()
    control_totals: tuple[ControlTotal, ...] = ()
    decimal_mark: str = ""
    decimal_why: str = ""
    date_order: str = ""
    date_why: str = ""
    period: tuple[date, date] | None = None
    exported_on: date | None = None
    time_zone: str = ""
    rows_stated: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file, read. Nothing was written and nothing was guessed.

    ``rows`` is a data frame with one line per accepted row: ``row`` (line in the file), the
    ``DIMENSIONS`` and the ``MEASURES``. Text columns are categories ("" where the file has none),
    ``day`` and ``period_start`` are dates (datetime64), measures are nullable whole numbers
    (``Int64``): ``COUNTS`` in units, ``FRACTIONS`` in micros; missing means the file had no data,
    which is not zero. ``segment`` is "" or a JSON object of the leftover dimensions with its keys
    in order.

    Whole periods: when ``period_start`` differs from ``day`` the row is one observation of the
    whole period up to ``day``. Such rows exist only when a person said ``grain=period``; they must
    be stored marked as whole-period, never spread over the days and never drawn as a day.

    With ``kind`` "events" the frame has ``row``, ``day``, ``period_start``, ``event_name``,
    ``currency`` and the ``EVENT_MEASURES``; ``users`` do not add up across events.

    With ``kind`` "market" it has ``row``, ``period_start``, ``day``, ``domain`` and the
    ``MARKET_SHARES`` with their bounds; with "crm" ``row`` and a column for each target.

    ``totals`` is the spend (events: revenue) of the accepted rows per currency, exact.
    ``sums`` is every measure of the accepted rows over the file, exact, in units.
    ``data_rows`` = ``accepted`` + ``rejected`` + ``skipped`` (totals, footers, repeated headers).
    A refused file has ``accepted`` 0, unless it only does not fit the account (time zone): then
    the counts and rows are there for the person who decides, and ``outcome`` still is REFUSE.
    """

    outcome: Outcome
    name: str
    layout: LayoutFound | None = None
    header_hash: str = ""
    columns: tuple[ColumnProposal, ...] = ()
    questions: tuple[Question, ...] = ()
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    problems: tuple[RowProblem, ...] = ()
    held: tuple[HeldRow, ...] = ()
    warnings: tuple[Caution, ...] = ()
    data_rows: int = 0
    accepted: int = 0
    rejected: int = 0
    skipped: int = 0
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    period: tuple[date, date] | None = None
    provisional_days: tuple[date, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    content_hash: str = ""


class FileRefused(Exception):
    """A stage cannot go on; carries what the answer will say."""

    def __init__(
        self, code: Code, message: str, *, column: str = "", row: int | None = None
    ) -> None:
        super().__init__(message)
        self.problem = RowProblem(row=row, column=column, code=code, message=message)
