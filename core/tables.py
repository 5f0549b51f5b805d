"""Tables as declarations: columns, order, search, pages and choice of columns, kept in the URL.

    class CampaignTable(Table):
        key = "campaigns"
        columns = (Column("name", "Campaign", kind="link", url="url"), Column("spend", "Spend", kind="money"))
        default_sort = "-spend"

    table = CampaignTable(request, rows)     # rows: QuerySet, or list of dicts or objects

The screen and every export read the same ``shown`` columns and ``row_values``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from core.table_rows import ordered, ordered_query, read, searched, searched_query

SIZES = (25, 50, 100, 200)
NUMERIC = frozenset(
    [
        "number",
        "money",
        "money_exact",
        "money_change",
        "percent",
        "percent_signed",
        "points",
        "ratio",
        "compact",
        "delta",
    ]
)
DRAWN = frozenset(["bar", "spark", "interval", "before_after"])


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``key`` is read from the row (dots reach deeper), ``sort`` is the database field.

    ``url``, ``tone``, ``sub`` and ``tick`` name further keys of the row: where a link
    leads, how a badge is judged, the grey second line, the target's mark.
    ``priority`` on a phone: 1 first line, 2 second line, 3 hidden.
    """

    key: str
    label: str
    kind: str = "text"
    unit: str = ""
    sort: str = ""
    sortable: bool = True
    default_visible: bool = True
    priority: int = 2
    url: str = ""
    tone: str = ""
    sub: str = ""
    tick: str = ""
    strong: bool = False
    digits: int | None = None
    up_is_good: bool | None = None
    help: str = ""
    nowrap: bool = False

    @property
    def is_numeric(self) -> bool:
        return self.kind in NUMERIC

    @property
    def is_drawn(self) -> bool:
        return self.kind in DRAWN

    @property
    def is_unbroken(self) -> bool:
        """Whether its values stay on one line."""
        return self.nowrap or self.kind in {"date", "datetime", "badge", "user", "channel"}

    @property
    def heading(self) -> str:
        """Label with its unit, said once."""
        return f"{self.label}, {self.unit}" if self.unit else self.label


@dataclass(slots=True)
class Cell:
    """One value of one row, with what belongs to it."""

    column: Column
    row: Any
    value: Any
    url: str = ""
    tone: str = ""
    sub: str = ""
    tick: Any = None
    low: Any = 0


@dataclass(slots=True)
class Row:
    """A row as it is drawn."""

    id: str
    record: Any
    cells: list[Cell]
    tone: str = ""
    selected: bool = False
    where: str = ""

    @property
    def first(self) -> Cell:
        return self.cells[0]

    @property
    def url(self) -> str:
        return next((cell.url for cell in self.cells if cell.url), "")


@dataclass(frozen=True, slots=True)
class Head:
    """A column heading: its order now (``asc desc ""``) and the address that changes it."""

    column: Column
    order: str
    url: str


@dataclass(slots=True)
class _State:
    """What the URL asks for."""

    sort: str = ""
    cols: list[str] = field(default_factory=list)
    page: int = 1
    per_page: int = SIZES[0]
    q: str = ""


class Table:
    """Rows of one kind with their columns; see the module's example for use."""

    key: ClassVar[str] = "table"
    columns: ClassVar[Sequence[Column]] = ()
    default_sort: ClassVar[str] = ""
    search: ClassVar[Sequence[str]] = ()
    row_id: ClassVar[str] = "pk"
    row_tone: ClassVar[str] = ""
    per_page: ClassVar[int] = SIZES[0]
    noun: ClassVar[str] = "rows"
    empty_title: ClassVar[str] = "Nothing here yet"
    empty_text: ClassVar[str] = ""

    def __init__(
        self,
        request: HttpRequest,
        rows: QuerySet[Any] | Sequence[Any],
        *,
        totals: Mapping[str, Any] | None = None,
        bulk_url: str = "",
        export: bool = True,
        prefixed: bool = False,
    ) -> None:
        """``totals`` is printed as the last row; ``prefixed`` names the parameters ``<key>.sort``
        and so on, for a second table on a page."""
        self.request = request
        self.all_rows = rows
        self.totals = totals or {}
        self.bulk_url = bulk_url
        self.export = export
        self.prefix = f"{self.key}." if prefixed else ""
        self.state = self._read_state(request.GET)

    # State in the URL

    def _read_state(self, query: QueryDict) -> _State:
        asked = {name: query.get(f"{self.prefix}{name}", "") for name in ("sort", "q", "page")}
        size = query.get(f"{self.prefix}per_page", "")
        return _State(
            sort=asked["sort"] if self._sortable(asked["sort"]) else self.default_sort,
            cols=[c for c in query.get(f"{self.prefix}cols", "").split(",") if c],
            page=int(asked["page"]) if asked["page"].isdecimal() else 1,
            per_page=int(size) if size in map(str, SIZES) else self.per_page,
            q=asked["q"].replace("\0", "").strip(),
        )

    def _sortable(self, asked: str) -> bool:
        return any(c.sortable and c.key == asked.lstrip("-") for c in self.columns)

    def url(self, **changes: Any) -> str:
        """This page's query string with changes; None removes a parameter."""
        query = self.request.GET.copy()
        query.pop("export", None)
        for name, value in changes.items():
            query.pop(self.prefix + name, None)
            if value not in (None, ""):
                query[self.prefix + name] = str(value)
        return f"?{query.urlencode(safe=',')}"

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters a form of this table carries along: everything but its own search and page."""
        own = {f"{self.prefix}{name}" for name in ("q", "page")} | {"export"}
        return [(k, v) for k, vs in self.request.GET.lists() if k not in own for v in vs]

    @property
    def kept_for_columns(self) -> list[tuple[str, str]]:
        """The same for the form that chooses columns."""
        return [(k, v) for k, v in self.kept if k != f"{self.prefix}cols"] + (
            [(f"{self.prefix}q", self.state.q)] if self.state.q else []
        )

    def export_url(self, fmt: str) -> str:
        """This page with the same filters, order and columns, as a file."""
        address = self.url(page=None)
        return f"{address}{'&' if len(address) > 1 else ''}export={fmt}"

    @property
    def export_urls(self) -> list[tuple[str, str]]:
        return [
            (label, self.export_url(f))
            for label, f in (("CSV", "csv"), ("Excel", "xlsx"), ("PDF", "pdf"))
        ]

    @property
    def unsearched_url(self) -> str:
        return self.url(q=None, page=None)

    @property
    def page_links(self) -> list[tuple[str, str]]:
        """Back and on, where there is something."""
        page = self.page()
        back = [("Back", self.url(page=page.number - 1))] if page.has_previous() else []
        ahead = [("Next", self.url(page=page.number + 1))] if page.has_next() else []
        return back + ahead

    @property
    def sizes(self) -> list[tuple[int, str, bool]]:
        """How many rows a page may hold: size, address, whether it is the present one."""
        return [(n, self.url(per_page=n, page=None), n == self.state.per_page) for n in SIZES]

    @property
    def dom_id(self) -> str:
        return self.key

    # Columns

    @cached_property
    def shown(self) -> list[Column]:
        """The columns on screen, in declared order; the first always shows."""
        chosen = set(self.state.cols) & {c.key for c in self.columns}
        if not chosen:
            return [c for c in self.columns if c.default_visible]
        return [c for i, c in enumerate(self.columns) if i == 0 or c.key in chosen]

    @property
    def choices(self) -> list[tuple[Column, bool]]:
        """Every column that can be hidden, and whether it shows."""
        return [(c, c in self.shown) for c in self.columns[1:]]

    @property
    def heads(self) -> list[Head]:
        return [self._head(c) for c in self.shown]

    def _head(self, column: Column) -> Head:
        ascending, descending = column.key, f"-{column.key}"
        order = {ascending: "asc", descending: "desc"}.get(self.state.sort, "")
        first = descending if column.is_numeric else ascending
        after = {ascending: descending, descending: ascending}.get(self.state.sort, first)
        return Head(column, order, self.url(sort=after, page=None))

    # Rows

    @cached_property
    def rows(self) -> QuerySet[Any] | list[Any]:
        """All rows that match the search, in order."""
        column = self._sort_column()
        is_descending = self.state.sort.startswith("-")
        if isinstance(self.all_rows, QuerySet):
            found = searched_query(self.all_rows, self.state.q, self.search)
            key = (column.sort or column.key) if column else ""
            return ordered_query(found, key, is_descending=is_descending)
        names = self.search or (self.columns[0].key,)
        hits = searched(self.all_rows, self.state.q, names)
        if column is None:
            return hits
        return ordered(
            hits, lambda row: self._order_value(row, column), is_descending=is_descending
        )

    def _order_value(self, row: Any, column: Column) -> Any:
        """What a row in memory is ordered by: its ``sort`` key, else what the cell shows."""
        return read(row, column.sort) if column.sort else self.cell(row, column).value

    def _sort_column(self) -> Column | None:
        wanted = self.state.sort.lstrip("-")
        return next((c for c in self.columns if c.sortable and c.key == wanted), None)

    @cached_property
    def paginator(self) -> Paginator[Any]:
        return Paginator(self.rows, self.state.per_page)

    def page(self) -> Page[Any]:
        """The page asked for; one beyond the end is the last."""
        return self.paginator.get_page(self.state.page)

    @cached_property
    def page_rows(self) -> list[Row]:
        rows = [self.row(record) for record in self.page().object_list]
        for index, column in enumerate(self.shown):
            if column.kind == "bar":
                _share_zero([row.cells[index] for row in rows])
        return rows

    @property
    def count(self) -> int:
        return self.paginator.count

    def where_from(self, record: Any) -> str:  # noqa: ARG002
        """Where a row's figures come from, for the drawer; empty where nothing can say it."""
        return ""

    @property
    def shows_where(self) -> bool:
        """Whether any row on the page can say where it comes from."""
        return any(row.where for row in self.page_rows)

    def row(self, record: Any) -> Row:
        """A record with its cells; ``row_tone`` names the key of a row's judgement."""
        ident = read(record, self.row_id)
        tone = str(read(record, self.row_tone) or "") if self.row_tone else ""
        return Row(
            str("" if ident is None else ident),
            record,
            [self.cell(record, c) for c in self.shown],
            tone,
            where=self.where_from(record),
        )

    def cell(self, record: Any, column: Column) -> Cell:
        custom = getattr(self, f"cell_{column.key}", None)
        value = custom(record) if column.kind == "custom" and custom else read(record, column.key)
        return Cell(
            column=column,
            row=record,
            value=value,
            url=str(read(record, column.url) or "") if column.url else "",
            tone=str(read(record, column.tone) or "") if column.tone else "",
            sub=str(read(record, column.sub) or "") if column.sub else "",
            tick=read(record, column.tick) if column.tick else None,
        )

    @property
    def total_cells(self) -> list[Cell]:
        return [Cell(c, self.totals, self.totals.get(c.key)) for c in self.shown]

    def every_row(self) -> Iterator[list[Any]]:
        """Raw values of all rows in the columns on screen, for exports and bulk work."""
        records = (
            self.rows.iterator(chunk_size=2000)
            if isinstance(self.rows, QuerySet)
            else iter(self.rows)
        )
        for record in records:
            yield [self.cell(record, column).value for column in self.shown]

    def selected(self, posted: QueryDict) -> QuerySet[Any] | list[Any]:
        """The rows a bulk form names: the ticked ids, or every row of the filter when ``all`` is set."""
        if posted.get("all") == "1":
            return self.rows
        ids = set(posted.getlist("ids"))
        if isinstance(self.rows, QuerySet):
            return self.rows.filter(**{f"{self.row_id}__in": ids})
        return [row for row in self.rows if str(read(row, self.row_id)) in ids]


def _share_zero(cells: Sequence[Cell]) -> None:
    """Give every bar of a column the same zero, left of the lowest negative value."""
    low = min([0, *(cell.value for cell in cells if cell.value is not None)])
    for cell in cells:
        cell.low = low
