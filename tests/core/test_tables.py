"""Tables: order, search, pages and columns come from the URL, for rows in memory and in the database."""

from typing import Any

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from core.models import Event
from core.money import Money
from core.tables import Cell, Column, Table


class Lines(Table):
    key = "lines"
    row_id = "id"
    columns = (
        Column("name", "Line", kind="link", url="url"),
        Column("spend", "Spend", kind="money", unit="€"),
        Column("roas", "ROAS", kind="ratio"),
        Column("share", "Share", kind="bar", sortable=False),
        Column("owner.name", "Owner", default_visible=False),
        Column("label", "Label", kind="custom", sortable=False, default_visible=False),
    )
    default_sort = "-spend"
    search = ("name", "owner.name")

    def cell_label(self, row: dict[str, Any]) -> str:
        return f"line {row['id']}"


ROWS = [
    {"id": 1, "name": "Shopping DE", "spend": Money.parse(10, "EUR"), "roas": 5, "share": 1, "url": "/1", "owner": {"name": "Jonas"}},
    {"id": 2, "name": "search uk", "spend": Money.parse(30, "EUR"), "roas": None, "share": -0.25, "url": "/2", "owner": {"name": "Eilidh"}},
    {"id": 3, "name": "Display", "spend": Money.parse(20, "EUR"), "roas": 2, "share": 0.5, "url": "/3", "owner": {"name": "Jonas"}},
]  # fmt: skip


def table(query: str = "", **options: Any) -> Lines:
    return Lines(RequestFactory().get(f"/lines/?{query}"), ROWS, **options)


def ids(shown: Table) -> list[str]:
    return [row.id for row in shown.page_rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["2", "3", "1"]),
        ("sort=spend", ["1", "3", "2"]),
        ("sort=name", ["3", "2", "1"]),
        ("sort=roas", ["3", "1", "2"]),
        ("sort=-roas", ["1", "3", "2"]),
        ("sort=nonsense", ["2", "3", "1"]),
        ("sort=share", ["2", "3", "1"]),
        ("q=DISPLAY", ["3"]),
        ("q=jonas", ["3", "1"]),
    ],
)
def test_rows_follow_the_url(query: str, expected: list[str]) -> None:
    assert ids(table(query)) == expected


def test_columns_are_chosen_and_the_first_one_stays() -> None:
    assert [c.key for c in table().shown] == ["name", "spend", "roas", "share"]
    assert [c.key for c in table("cols=roas,label,hack").shown] == ["name", "roas", "label"]
    assert table("cols=label").page_rows[0].cells[1].value == "line 2"


def test_pages_are_bounded() -> None:
    assert table("page=99").page().number == 1
    assert table("page=x&per_page=7").state.per_page == 25
    assert table("per_page=50").state.per_page == 50


def test_two_tables_on_a_page_do_not_mix() -> None:
    prefixed = table("sort=name&lines.sort=-roas", prefixed=True)
    assert ids(prefixed) == ["1", "3", "2"]
    assert prefixed.url(page=2) == "?sort=name&lines.sort=-roas&lines.page=2"


def test_a_heading_turns_the_order_and_numbers_begin_with_the_largest() -> None:
    heads = {head.column.key: head for head in table("q=a&page=2").heads}
    assert heads["spend"].order == "desc"
    assert heads["spend"].url == "?q=a&sort=spend"
    assert heads["roas"].url == "?q=a&sort=-roas"
    assert heads["name"].url == "?q=a&sort=name"


def test_bars_share_one_zero() -> None:
    lows = {row.cells[3].low for row in table().page_rows}
    assert lows == {-0.25}


def test_a_bulk_form_names_rows_or_all_of_the_filter() -> None:
    assert [r["id"] for r in table().selected(QueryDict("ids=1&ids=3&ids=9"))] == [3, 1]
    assert [r["id"] for r in table("q=uk").selected(QueryDict("all=1"))] == [2]


def test_exports_keep_the_state_but_not_the_page() -> None:
    assert table("sort=name&page=3").export_url("csv") == "?sort=name&export=csv"


class Shouted(Lines):
    def cell(self, record: Any, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "roas":
            cell.value = -record["id"]
        return cell


def test_rows_in_memory_are_ordered_by_what_the_cell_shows() -> None:
    assert ids(Shouted(RequestFactory().get("/?sort=roas"), ROWS)) == ["3", "2", "1"]


class Trail(Table):
    key = "trail"
    columns = (Column("action", "What"), Column("who", "Who", sort="actor_name"))
    search = ("subject_label",)


@pytest.mark.django_db
def test_the_database_searches_and_orders(events: list[Event]) -> None:
    request = RequestFactory().get("/?sort=-who&q=alp")
    shown = Trail(request, Event.objects.all())
    assert [row.record.actor_name for row in shown.page_rows] == ["Rosa", "Ada"]
    assert shown.count == 2
    assert [row.pk for row in shown.selected(QueryDict(f"ids={events[0].pk}"))] == [events[0].pk]


@pytest.fixture
def events() -> list[Event]:
    from datetime import UTC, datetime

    made = [("Ada", "Alpine"), ("Rosa", "alpaca"), ("Dana", "Winter")]
    at = datetime(2026, 11, 21, tzinfo=UTC)
    return [
        Event.objects.create(
            at=at, actor_kind="person", actor_name=who, action="x.made", subject_type="x",
            subject_id="1", subject_label=label, signature="0" * 64,
        )
        for who, label in made
    ]  # fmt: skip
