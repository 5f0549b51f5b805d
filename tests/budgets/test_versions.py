"""Named points of the ledger: exact, complete also under races, and compared cell by cell."""

from __future__ import annotations

import csv
import io
import threading
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budgets.models import BudgetVersion, LedgerTransaction
from budgets.selectors import planned
from budgets.selectors.versions import NOW, START, compare, plan_at, point
from budgets.services.versions import baseline_set, version_take
from core.errors import Invalid, NotAllowed
from tests.approvals.test_api import Api
from tests.budgets.test_pages import open_page, send, text
from tests.budgets.world import AT, DEC, NOV, World, decide, execute, k, move, plan
from tests.cast import Cast

pytestmark = [pytest.mark.feature("2.1")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def take(world: World, cast: Cast, name: str = "Agreed") -> BudgetVersion:
    return version_take(user=cast.director, year=world.year, name=name, at=AT)


def test_a_version_stays_as_it_was_whatever_moves_later(world: World, cast: Cast) -> None:
    version = take(world, cast)
    before = plan_at(world.year, point(world.year, "v1"))
    assert before == plan_at(world.year, point(world.year, NOW))
    plan(world.display, DEC, 140)
    plan(world.shopping, DEC, 180, world.winter_shopping)
    assert plan_at(world.year, point(world.year, "v1")) == before
    assert before[world.display.pk, DEC] == k(100)
    assert plan_at(world.year, point(world.year, START)) == {}
    assert version.upto < LedgerTransaction.objects.latest("pk").pk


def test_two_versions_are_compared_and_add_up(world: World, cast: Cast) -> None:
    take(world, cast, "First")
    plan(world.display, DEC, 140)
    plan(world.uk, NOV, 90)
    plan(world.shopping, DEC, 180, world.winter_shopping)
    take(world, cast, "Second")
    found = compare(cast.director, world.year, point(world.year, "v1"), point(world.year, "v2"))
    changed = {(str(c.line), c.month and c.month.key): c.change.micros for c in found.changed()}
    assert changed == {("Display DE", DEC): k(40), ("Shopping UK", NOV): k(10)}
    totals = {total.old.currency: total.change.micros for total in found.totals()}
    assert totals == {"EUR": k(40), "GBP": k(10)}
    seen = compare(cast.uk_manager, world.year, point(world.year, "v1"), point(world.year, NOW))
    assert {str(cell.line) for cell in seen.cells} == {"Shopping UK"}


def test_names_are_used_once_and_directors_and_finance_keep_versions(
    world: World, cast: Cast
) -> None:
    take(world, cast)
    with pytest.raises(Invalid):
        take(world, cast, "AGREED ")
    with pytest.raises(NotAllowed):
        version_take(user=cast.manager, year=world.year, name="Mine", at=AT)
    second = version_take(user=cast.auditor, year=world.year, name="Finance", at=AT)
    baseline_set(version=BudgetVersion.objects.get(number=1), user=cast.director, at=AT)
    baseline_set(version=second, user=cast.auditor, at=AT)
    assert BudgetVersion.objects.get(is_baseline=True) == second
    assert point(world.year, "baseline").version == second


CHANGES = st.lists(
    st.tuples(st.sampled_from(["shopping", "display", "uk"]), st.integers(0, 300)), max_size=6
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=CHANGES, second=CHANGES)
def test_the_differences_are_the_entries_between(
    world: World, cast: Cast, first: Any, second: Any
) -> None:
    with transaction.atomic():
        for name, thousands in first:
            plan_month(world, name, thousands)
        old = take(world, cast, "Old")
        for name, thousands in second:
            plan_month(world, name, thousands)
        found = compare(cast.director, world.year, point(world.year, "v1"), point(world.year, NOW))
        for cell in found.cells:
            assert cell.line is not None
            assert cell.month is not None
            now = planned(cell.line, None, cell.month.key)
            assert cell.new.micros == now
            assert cell.old.micros + cell.change.micros == now
        for total in found.totals():
            assert total.new == sum(
                (c.new for c in found.cells if c.new.currency == total.new.currency),
                total.new - total.new,
            )
        assert old.number == 1
        transaction.set_rollback(True)


def plan_month(world: World, name: str, thousands: int) -> None:
    plan(getattr(world, name), "2026-09", thousands)


@pytest.mark.usefixtures("at")
def test_the_pages_take_compare_and_explain(world: World, cast: Cast) -> None:
    made = send(cast.director, "budgets:version-take", year="2026", name="Agreed", note="Board")
    assert made.status_code == 302
    version = BudgetVersion.objects.get()
    assert send(cast.director, "budgets:version-baseline", version.pk).status_code == 302
    assert send(cast.manager, "budgets:version-take", year="2026", name="x").status_code == 403
    request = execute(decide(move(world, cast.manager, 4), cast.director))
    page = open_page(cast.manager, "budgets:versions")
    assert "Agreed" in text(page)
    assert "Baseline" in text(page)
    compared = open_page(
        cast.manager, "budgets:version-compare", year="2026", old="baseline", new="now"
    )
    rows = compared.context["table"].all_rows
    assert {(row["line"], row["change"].micros) for row in rows} == {
        ("Display DE", -k(4)), ("Shopping DE", k(4)),
    }  # fmt: skip
    assert "2 amounts differ" in text(compared)
    everything = open_page(
        cast.manager, "budgets:version-compare", year="2026", old="v1", new="now", all="1"
    )
    assert len(everything.context["table"].all_rows) == 5
    url = next(row["url"] for row in rows if row["line"] == "Display DE")
    why = open_client(cast.manager, url)
    assert "Jonas Weber" in text(why)
    assert request.reference in text(why)
    assert open_client(cast.other_director, url).status_code == 404
    by_team = open_page(
        cast.director, "budgets:version-compare", year="2026", old="start", new="now", by="team"
    )
    assert {row["line"] for row in by_team.context["table"].all_rows} == {"DACH", "UK"}


def open_client(user: Any, url: str) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client.get(url)


@pytest.mark.usefixtures("at")
def test_the_export_holds_what_the_screen_shows(world: World, cast: Cast) -> None:
    take(world, cast)
    plan(world.display, DEC, 140)
    answer = open_page(
        cast.director, "budgets:version-compare", year="2026", old="v1", new="now", export="csv"
    )
    body = b"".join(answer) if answer.streaming else answer.content
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    line = next(row for row in rows if row and row[0] == "Display DE")
    assert any("40000" in value.replace(",", "") for value in line)


@pytest.mark.usefixtures("at")
def test_versions_over_the_api(world: World, cast: Cast) -> None:
    api = Api(cast.director)
    made = api.post("/fiscal-years/2026/versions/", name="Agreed", note="Board")
    assert made.status_code == 201, made.content
    plan(world.display, DEC, 140)
    number = made.json()["number"]
    based = api.post(f"/budget-versions/{made.json()['id']}/baseline/")
    assert based.json()["is_baseline"] is True
    body = api.get("/fiscal-years/2026/compare/", old=f"v{number}", new="now").json()
    (cell,) = body["cells"]
    assert (cell["name"], cell["month"], cell["change"]["amount"]) == (
        "Display DE",
        DEC,
        "40000.00",
    )
    assert body["totals"][0]["change"] == {"amount": "40000.00", "currency": "EUR"}
    listed = api.get("/fiscal-years/2026/versions/").json()
    assert [row["name"] for row in listed["versions"]] == ["Agreed"]
    assert api.get("/fiscal-years/2026/compare/", old="v9", new="now").status_code == 422
    assert Api(cast.manager).post("/fiscal-years/2026/versions/", name="x").status_code == 403


@pytest.mark.drill
@pytest.mark.django_db(transaction=True)
def test_a_version_waits_for_a_transaction_that_has_a_smaller_number(
    world: World, cast: Cast
) -> None:
    """Numbers are given out before they are committed; the control shows what is missed then."""
    numbered, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                plan(world.display, DEC, 140)
                numbered.set()
                may_end.wait(10)
        finally:
            connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    assert numbered.wait(10)
    # The control: what somebody would write down who does not wait.
    LedgerTransaction.objects.create(
        kind="plan", key="other year", at=AT, actor_name="x", reason="a larger number"
    )
    naive = LedgerTransaction.objects.latest("pk").pk
    taken: list[BudgetVersion] = []

    def version() -> None:
        try:
            taken.append(take(world, cast))
        finally:
            connection.close()

    taker = threading.Thread(target=version)
    taker.start()
    taker.join(0.5)
    assert not taken, "the version did not wait"
    may_end.set()
    writer.join(10)
    taker.join(10)
    late = LedgerTransaction.objects.exclude(key="other year").latest("pk")
    assert late.pk < naive, "the control shows nothing: the slow one has no smaller number"
    assert plan_at(world.year, point(world.year, "v1"))[world.display.pk, DEC] == k(140)
