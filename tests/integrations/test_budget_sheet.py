"""The finance team's sheet: out, edited, back in with every difference, and nothing taken on trust."""

from __future__ import annotations

import io
from typing import Any

import pytest
import time_machine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.models import User
from approvals.models import ChangeRequest
from budgets import services
from budgets.models import BudgetLine
from budgets.selectors import planned
from core.models import Event
from integrations.rules.budget_sheet import letters
from tests.budgets.world import AT, DEC, NOV, World, create_world, k
from tests.cast import Cast

pytestmark = [pytest.mark.usefixtures("at")]
HEADS = ["Line", "Team", "Channel", "Owner", "Currency", "Nov 2026", "Dec 2026", "Total"]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def exported(user: User) -> list[list[Any]]:
    answer = client(user).get(reverse("integrations:budget-sheet-file", args=[2026]))
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return book.get_sheet_by_name("Plan").to_python()


def workbook(rows: list[list[Any]]) -> bytes:
    """The rows as finance's own program would save them: sums as plain numbers."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet("Plan")
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return out.getvalue()


def upload(user: User, content: bytes, name: str = "plan.xlsx") -> Any:
    file = SimpleUploadedFile(name, content)
    return client(user).post(reverse("integrations:budget-sheet") + "?year=2026", {"file": file})


def look(user: User, content: bytes, name: str = "plan.xlsx") -> Any:
    answer = upload(user, content, name)
    assert answer.status_code == 302, answer.content.decode()[:2_000]
    return client(user).get(answer.url)


def send(user: User, seen: Any, **data: Any) -> Any:
    context = seen.context
    given = {
        "file": context["token"], "year": "2026", "digest": context["reading"].digest,
        "reason": "Re-forecast F3", **data,
    }  # fmt: skip
    return client(user).post(reverse("integrations:budget-sheet-send"), given)


def edit(rows: list[list[Any]], line: str, month: str, amount: Any) -> None:
    """Change an amount and the sums that a spreadsheet would work out again."""
    column = rows[0].index(month)
    row = next(row for row in rows if row[2] == line)
    row[column] = amount
    first, last = rows[0].index("Jan 2026"), rows[0].index("Dec 2026")
    if isinstance(amount, int | float):
        row[last + 1] = sum(row[first : last + 1])
        for total in (row for row in rows if str(row[2]).startswith("Total")):
            own = [r for r in rows[1:] if r[6] == total[6] and r[3]]
            for at in range(first, last + 2):
                total[at] = sum(r[at] for r in own)


@pytest.mark.feature("2.1")
def test_the_sheet_goes_out_and_comes_back_unchanged(world: World, cast: Cast) -> None:
    rows = exported(cast.director)
    assert rows[0][2:9] == [
        "Line", "Team", "Channel", "Owner", "Currency", "Account in the books", "Cost centre",
    ]  # fmt: skip
    row = next(row for row in rows if row[2] == "Shopping DE")
    assert row[rows[0].index("Dec 2026")] == 200_000
    assert [row[2] for row in rows if str(row[2]).startswith("Total")] == ["Total EUR", "Total GBP"]
    seen = look(cast.director, workbook(rows))
    assert seen.context["reading"].differences == []
    assert seen.context["reading"].problems == []
    assert "The sheet says what the plan says" in seen.content.decode()


@pytest.mark.feature("2.1", "2.2")
def test_edited_amounts_are_shown_one_by_one_and_become_one_request(
    world: World, cast: Cast
) -> None:
    rows = exported(cast.director)
    edit(rows, "Shopping DE", "Dec 2026", 210_000.5)
    edit(rows, "Display DE", "Nov 2026", 120_000)
    seen = look(cast.director, workbook(rows))
    column = letters(rows[0].index("Dec 2026"))
    found = {
        (d.line.name, d.month): (d.cell, d.old, d.new) for d in seen.context["reading"].differences
    }
    assert found["Shopping DE", DEC] == (f"{column}2", k(200), k(210) + 500_000)
    assert found["Display DE", NOV][1:] == (k(124), k(120))
    assert len(found) == 2
    assert not ChangeRequest.objects.exists()
    done = send(cast.director, seen)
    asked = ChangeRequest.objects.get()
    assert done.url == asked.get_absolute_url()
    amounts = sorted(move["amount_micros"] for move in asked.payload["moves"])
    assert amounts == [-k(4), k(10) + 500_000]
    assert asked.reason == "Re-forecast F3"


@pytest.mark.feature("2.1")
def test_an_untouched_amount_never_replaces_a_newer_one(world: World, cast: Cast) -> None:
    rows = exported(cast.director)
    services.plan_set(
        user=None, budget_line=world.display, campaign_line=None, month=DEC,
        amount_micros=k(130), reason="Approved meanwhile", at=AT,
    )  # fmt: skip
    edit(rows, "Shopping DE", "Dec 2026", 210_000)
    seen = look(cast.director, workbook(rows))
    (only,) = seen.context["reading"].differences
    assert (only.line, only.newer) == (world.shopping, False)
    edit(rows, "Display DE", "Dec 2026", 140_000)
    seen = look(cast.director, workbook(rows))
    newer = {d.line.name: d.newer for d in seen.context["reading"].differences}
    assert newer == {"Shopping DE": False, "Display DE": True}
    assert "changed since the export" in seen.content.decode()
    services.plan_set(
        user=None, budget_line=world.display, campaign_line=None, month=DEC,
        amount_micros=k(131), reason="Again", at=AT,
    )  # fmt: skip
    late = send(cast.director, seen)
    assert late.status_code == 422
    assert "The plan changed since you looked" in late.content.decode()
    assert not ChangeRequest.objects.exists()


@pytest.mark.feature("2.1")
def test_what_cannot_be_read_is_named_by_its_cell_and_stops_all(world: World, cast: Cast) -> None:
    rows = exported(cast.director)
    column = letters(rows[0].index("Dec 2026"))
    edit(rows, "Shopping UK", "Oct 2026", 7)
    edit(rows, "Shopping DE", "Dec 2026", "abc")
    next(row for row in rows if row[2] == "Display DE")[rows[0].index("Dec 2026")] = -5
    seen = look(cast.director, workbook(rows))
    said = seen.content.decode()
    numbers = {row[2]: n for n, row in enumerate(rows, 1)}
    assert f"{column}{numbers['Shopping DE']}: “abc” is not an amount" in said
    assert f"{column}{numbers['Display DE']}: “-5” is below zero" in said
    assert "Shopping UK in 2026-10 is over" in said
    assert seen.context["may_send"] is False
    assert send(cast.director, seen).status_code == 422
    assert not ChangeRequest.objects.exists()


@pytest.mark.feature("2.1")
def test_totals_that_do_not_agree_stop_the_sheet(world: World, cast: Cast) -> None:
    rows = exported(cast.director)
    row = next(row for row in rows if row[2] == "Shopping DE")
    row[rows[0].index("Dec 2026")] = 210_000
    said = look(cast.director, workbook(rows)).content.decode()
    assert "the total says 465,000.00, the months of this row add up to 475,000.00" in said
    assert "the lines of this column add up to 310,000.00" in said


@pytest.mark.feature("2.1")
def test_a_sheet_of_their_own_is_matched_by_team_and_name_and_new_lines_are_made(
    world: World, cast: Cast
) -> None:
    lines = [
        ";".join(HEADS),
        "Shopping DE;DACH;Shopping;Jonas Weber;EUR;165.000,00;210 000,00;375000",
        "Email DE;DACH;Display;Jonas Weber;EUR;0;12.500,00;12500",
        "Billboards;Nowhere;Display;Jonas Weber;EUR;0;1;1",
    ]
    seen = look(cast.director, "\n".join(lines).encode(), "plan.csv")
    (only,) = seen.context["reading"].differences
    assert (only.line, only.month, only.new) == (world.shopping, DEC, k(210))
    assert [(new["name"], bool(new["why_not"])) for new in seen.context["news"]] == [
        ("Email DE", False), ("Billboards", True),
    ]  # fmt: skip
    done = send(cast.director, seen, make=["3", "4"])
    assert done.status_code == 302
    made = BudgetLine.objects.get(name="Email DE")
    assert (made.team, made.owner, planned(made, None, DEC)) == (cast.dach, cast.manager, 0)
    asked = ChangeRequest.objects.get()
    moves = {move["budget_line"]: move["amount_micros"] for move in asked.payload["moves"]}
    assert moves == {world.shopping.pk: k(10), made.pk: 12_500_000_000}
    assert not BudgetLine.objects.filter(name="Billboards").exists()


def code(rows: list[list[Any]], line: str, head: str, value: Any) -> None:
    next(row for row in rows if row[2] == line)[rows[0].index(head)] = value


@pytest.mark.feature("2.1")
def test_edited_codes_are_shown_and_taken_over_with_who_and_why(world: World, cast: Cast) -> None:
    rows = exported(cast.director)
    code(rows, "Shopping DE", "Account in the books", 6100)
    code(rows, "Shopping DE", "Cost centre", "DACH media")
    seen = look(cast.director, workbook(rows))
    assert "2 codes are different" in seen.content.decode()
    assert [(c.head, c.new) for c in seen.context["reading"].codes] == [
        ("Account in the books", "6100"), ("Cost centre", "DACH media"),
    ]  # fmt: skip
    done = send(cast.director, seen)
    assert done.status_code == 302
    world.shopping.refresh_from_db()
    assert (world.shopping.gl_code, world.shopping.cost_centre) == ("6100", "DACH media")
    event = Event.objects.filter(action="budget_line.edited").latest("id")
    assert event.after == {"gl_code": "6100", "cost_centre": "DACH media"}
    assert (event.actor_name, event.reason) == (cast.director.name, "Re-forecast F3")
    assert not ChangeRequest.objects.exists()
    again = look(cast.director, workbook(exported(cast.director)))
    assert again.context["reading"].codes == []


@pytest.mark.feature("2.1")
def test_an_untouched_code_never_replaces_a_newer_one(world: World, cast: Cast) -> None:
    rows = exported(cast.director)
    services.line_edit(
        line=world.shopping, user=cast.director, name="Shopping DE", owner=world.shopping.owner,
        gl_code="6200", at=AT,
    )  # fmt: skip
    assert look(cast.director, workbook(rows)).context["reading"].codes == []
    code(rows, "Shopping DE", "Account in the books", "6300")
    (only,) = look(cast.director, workbook(rows)).context["reading"].codes
    assert (only.old, only.new, only.newer) == ("6200", "6300", True)
    code(rows, "Shopping DE", "Account in the books", "6" * 41)
    assert "is longer than 40 characters" in look(cast.director, workbook(rows)).content.decode()


def test_a_sheet_without_code_columns_changes_no_code(world: World, cast: Cast) -> None:
    services.line_edit(
        line=world.shopping, user=cast.director, name="Shopping DE", owner=world.shopping.owner,
        gl_code="6200", at=AT,
    )  # fmt: skip
    own = [";".join(HEADS), "Shopping DE;DACH;Shopping;Jonas Weber;EUR;165000;200000;365000"]
    assert look(cast.director, "\n".join(own).encode(), "p.csv").context["reading"].codes == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7", "This is a PDF"),
        (b"PK\x03\x04broken", "damaged"),
        (b"", "empty"),
        (b"a,b\n1,2\n", ""),
    ],
)
def test_what_is_no_sheet_is_refused(world: World, cast: Cast, content: bytes, said: str) -> None:
    answer = upload(cast.director, content, "x.xlsx")
    if said:
        assert answer.status_code == 422
        assert said in answer.content.decode()
    else:
        page = client(cast.director).get(answer.url).content.decode()
        assert "A1: no row has the headings" in page


def test_only_who_may_plan_reads_a_sheet_and_only_their_own(world: World, cast: Cast) -> None:
    rows = exported(cast.auditor)
    assert len(rows) == 6
    assert upload(cast.auditor, workbook(rows)).status_code == 403
    assert upload(cast.analyst, workbook(rows)).status_code == 403
    mine = upload(cast.director, workbook(rows)).url
    assert client(cast.manager).get(mine).status_code == 404
    said = look(cast.manager, workbook(rows)).content.decode()
    assert "this line is not in FY2026, or you may not see it" in said
