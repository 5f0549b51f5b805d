"""Pages of budgets: the centre, one amount, moves with their proof, lines and rates."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from approvals.models import ChangeRequest
from budgets.models import BudgetLine, FiscalYear
from budgets.selectors import planned
from budgets.services import proposal_url
from tests.budgets.world import AT, DEC, NOV, World, decide, execute, k, move, payload
from tests.cast import Cast
from tests.world import load_steady

pytestmark = [pytest.mark.usefixtures("at")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def open_page(user: User, page: str, *args: Any, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(reverse(page, args=args), query)


def send(user: User, page: str, *args: Any, **data: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(reverse(page, args=args), data)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.feature("2.1", "2.2")
def test_the_centre_shows_plan_actual_and_available(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, "2026-11-01", 20, spend="4000")
    response = open_page(cast.director, "budgets:centre")
    assert response.status_code == 200
    sheet = response.context["sheet"]
    assert sheet.unit == "€ thousand"
    (shopping,) = [row for _, rows in sheet.channels for row in rows if row.label == "Shopping DE"]
    november = shopping.cells[1]
    assert (november.plan, november.actual, november.available) == ("165", "80", "85")
    assert (november.is_now, november.is_closed) == (True, False)
    assert [cell.is_closed for cell in shopping.cells] == [True, False, False, False]
    assert shopping.cells[-1].plan == "465"
    assert response.context["title"].endswith("of its days gone")
    assert "Shopping UK is left out of the sums." in text(response)


@pytest.mark.feature("2.2")
def test_the_centre_shows_what_waits_for_approval(world: World, cast: Cast) -> None:
    move(world, cast.manager, 4)
    response = open_page(cast.director, "budgets:centre")
    assert "1 change waits for approval" in text(response)
    pending = {
        row.label: [cell.is_pending for cell in row.cells]
        for _, rows in response.context["sheet"].channels
        for row in rows
    }
    assert pending["Shopping DE"] == [False, False, True, False]


@pytest.mark.feature("2.1")
def test_an_amount_says_who_changed_it_when_and_why(world: World, cast: Cast) -> None:
    done = execute(decide(move(world, cast.manager, 4), cast.director))
    key = f"{world.display.pk}/{DEC}/{world.winter_display.pk}"
    panel = open_page(cast.manager, "budgets:centre", cell=key).context["panel"]
    assert panel["amount"] == "€76,000.00"
    newest = panel["entries"][0]
    assert (newest.title, newest.who, newest.chip) == ("€76,000.00", "Jonas Weber", done.reference)
    assert newest.url == done.get_absolute_url()
    assert [part.label for part in panel["parts"]] == [
        "The whole line",
        "Winter Display",
        "Not given to a campaign",
    ]


def cell(line: BudgetLine, month: str = DEC, part: Any = None) -> str:
    return f"{line.pk}/{month}" + (f"/{part.pk}" if part else "")


@pytest.mark.feature("2.1")
def test_giving_out_is_done_at_once_and_everything_else_is_asked(world: World, cast: Cast) -> None:
    given = send(
        cast.manager, "budgets:cell-edit", cell=cell(world.shopping, DEC, world.winter_shopping),
        amount="160000", reason="Peak weeks",
    )  # fmt: skip
    assert given.status_code == 302
    assert world.balance(world.shopping, DEC, world.winter_shopping) == k(160)
    asked = send(
        cast.manager, "budgets:cell-edit", cell=cell(world.shopping), amount="236000", reason="More"
    )
    request = ChangeRequest.objects.get()
    assert asked.url == request.get_absolute_url()
    assert (request.kind, request.title) == (
        "budget.plan",
        "Raise Shopping DE in Dec 2026 by €36,000",
    )
    assert planned(world.shopping, None, DEC) == k(200)
    send(
        cast.manager, "budgets:cell-edit", cell=cell(world.display, DEC, world.winter_display),
        amount="70000", reason="Less",
    )  # fmt: skip
    back = ChangeRequest.objects.order_by("pk").last()
    assert back is not None
    assert (back.kind, back.own_micros) == ("budget.reallocation", k(10))


@pytest.mark.parametrize(
    ("amount", "reason", "says"),
    [
        ("", "x", "required"),
        ("10", "", "required"),
        ("200000", "x", "planned already"),
        ("-1", "x", ""),
    ],
)
def test_a_wrong_amount_is_said_at_its_field(
    world: World, cast: Cast, amount: str, reason: str, says: str
) -> None:
    response = send(
        cast.manager, "budgets:cell-edit", cell=cell(world.shopping), amount=amount, reason=reason
    )
    assert response.status_code == 422
    assert says in text(response)
    assert not ChangeRequest.objects.exists()


@pytest.mark.feature("9.6")
def test_amounts_out_of_sight_are_not_there(world: World, cast: Cast) -> None:
    for user in (cast.uk_manager, cast.other_director):
        response = send(
            user, "budgets:cell-edit", cell=cell(world.shopping), amount="1", reason="x"
        )
        assert response.status_code == (404)
        shown = open_page(user, "budgets:centre", cell=cell(world.shopping))
        assert shown.context["panel"] is None
        assert "Shopping DE" not in text(shown)
    assert open_page(cast.admin, "budgets:centre").status_code == 403
    assert open_page(cast.nobody, "budgets:centre").status_code == 403
    for wrong in ("", "x", "1/2026-13", f"{world.shopping.pk}/2027-01"):
        assert open_page(cast.director, "budgets:centre", cell=wrong).context["panel"] is None


def rows(side: str, *found: tuple[str, str, str]) -> dict[str, str]:
    data = {f"{side}-TOTAL_FORMS": str(len(found)), f"{side}-INITIAL_FORMS": "0"}
    for number, (place, month, amount) in enumerate(found):
        data |= {
            f"{side}-{number}-place": place,
            f"{side}-{number}-month": month,
            f"{side}-{number}-amount": amount,
        }
    return data


def posted(
    world: World, gives: str = "4000", receives: str = "4000", **more: str
) -> dict[str, str]:
    return {
        **rows("gives", (f"{world.display.pk}/{world.winter_display.pk}", DEC, gives)),
        **rows("receives", (f"{world.shopping.pk}/{world.winter_shopping.pk}", DEC, receives)),
        "kind": "budget.reallocation",
        "reason": "Shopping still has room.",
        **more,
    }


@pytest.mark.feature("9.2")
def test_a_move_is_proposed_on_the_page(world: World, cast: Cast) -> None:
    response = send(cast.manager, "budgets:reallocate", **posted(world))
    request = ChangeRequest.objects.get()
    assert response.url == request.get_absolute_url()
    assert request.title == "Move €4,000 from Winter Display to Winter Shopping, Dec 2026"
    assert request.own_micros == k(4)
    assert [move["amount_micros"] for move in request.payload["moves"]] == [-k(4), k(4)]


@pytest.mark.feature("9.2")
def test_the_same_form_sent_twice_is_one_request(world: World, cast: Cast) -> None:
    client = Client()
    client.force_login(cast.manager)
    form = client.get(reverse("budgets:reallocate")).context["sheet"].form
    once = str(form["once"].value())
    assert once
    assert f'value="{once}"' in str(form["once"])

    def sent(**data: str) -> Any:
        return client.post(reverse("budgets:reallocate"), posted(world, once=once, **data))

    assert sent(reason="").status_code == 422
    first, again = sent(), sent()
    assert first.url == again.url == ChangeRequest.objects.get().get_absolute_url()
    assert "you sent it already" in text(client.get(again.url))
    # Gone back and changed, it is another move.
    assert sent(reason="Another reason.").url != first.url
    assert ChangeRequest.objects.count() == 2


def test_an_amount_that_nobody_pays_is_refused_on_the_page(world: World, cast: Cast) -> None:
    BudgetLine.objects.filter(pk__in=[world.display.pk, world.shopping.pk]).update(currency="JPY")
    refused = send(cast.manager, "budgets:reallocate", **posted(world, "0.50", "0.50"))
    assert refused.status_code == 422
    assert "the least that is paid in JPY" in text(refused)
    assert not ChangeRequest.objects.exists()


@pytest.mark.feature("9.2")
def test_the_proof_follows_what_is_typed(world: World, cast: Cast) -> None:
    def proof(**data: str) -> str:
        return text(send(cast.manager, "budgets:reallocate-proof", **data))

    good = proof(**posted(world))
    assert "−€4,000.00 + €4,000.00 = €0.00" in good
    assert "A marketing director or an executive decides." in good
    assert "An executive decides." in proof(**posted(world, "6000", "6000"))
    assert "more than is given" in proof(**posted(world, "4000", "5000"))
    assert "to give in Dec 2026" in proof(**posted(world, "90000", "90000"))
    assert "the sum appears here" in proof(**posted(world, "", ""))
    assert not ChangeRequest.objects.exists()


def test_a_move_that_cannot_be_is_refused_on_the_page(world: World, cast: Cast) -> None:
    for data in (
        posted(world, "4000", "5000"),
        posted(world, reason=""),
        posted(world, gives="abc"),
        {**posted(world), **rows("gives", ("", DEC, "4000"))},
    ):
        response = send(cast.manager, "budgets:reallocate", **data)
        assert response.status_code == 422
    assert not ChangeRequest.objects.exists()


def test_before_and_after_in_cents_leave_out_the_picture(world: World, cast: Cast) -> None:
    for amount, has_picture in (("4000", True), ("4000.50", False)):
        send(cast.manager, "budgets:reallocate", **posted(world, amount, amount))
        asked = ChangeRequest.objects.latest("pk")
        table = open_page(cast.director, "approvals:request", asked.pk).context["effects"]
        assert ("picture" in {column.key for column in table.shown}) is has_picture


def test_another_row_keeps_what_was_typed(world: World, cast: Cast) -> None:
    response = send(cast.manager, "budgets:reallocate", **posted(world), add="receives")
    assert response.status_code == 200
    sheet = response.context["sheet"]
    assert (len(sheet.gives.forms), len(sheet.receives.forms)) == (1, 2)
    assert 'value="4000"' in text(response)
    assert not ChangeRequest.objects.exists()


@pytest.mark.feature("9.2")
def test_a_recommendation_is_looked_at_changed_and_sent(world: World, cast: Cast) -> None:
    worked_out = payload(
        (world.display, world.winter_display, DEC, -8),
        (world.shopping, world.winter_shopping, DEC, 8),
    )
    url = proposal_url(worked_out | {"recommendation": 7}, {"Chance of a loss": "11 %"})
    client = Client()
    client.force_login(cast.manager)
    shown = client.get(url)
    assert "+€61k" in text(shown)
    assert "−€8,000.00 + €8,000.00 = €0.00" in text(shown)
    token = shown.context["sheet"].form.initial["proposal"]
    client.post(reverse("budgets:reallocate"), posted(world, proposal=token))
    request = ChangeRequest.objects.get()
    assert request.payload["recommendation"] == 7
    assert request.payload["expected"]["mid"] == k(61)
    assert request.evidence["Chance of a loss"] == "11 %"
    page = text(open_page(cast.director, "approvals:request", request.pk))
    assert "Worked out for a move of €8,000; this request moves €4,000." in page
    assert "Expected: +€61k of revenue" in page


def test_a_proposal_that_was_tampered_with_is_refused(world: World, cast: Cast) -> None:
    response = open_page(cast.manager, "budgets:reallocate", proposal="abc:def")
    assert response.status_code == 422
    assert "cannot be read" in text(response)


def test_a_campaigns_own_line_is_chosen_for_it(world: World, cast: Cast) -> None:
    campaign = world.winter_shopping.campaign
    shown = open_page(cast.manager, "budgets:reallocate", campaign=str(campaign.pk))
    assert shown.context["sheet"].gives.initial == [
        {"place": f"{world.shopping.pk}/{world.winter_shopping.pk}", "month": DEC}
    ]


@pytest.mark.feature("9.1", "9.2")
def test_who_asked_changes_it_and_it_starts_anew(world: World, cast: Cast) -> None:
    request = move(world, cast.manager, 4)
    page = open_page(cast.manager, "budgets:reallocate-edit", request.pk)
    assert "Change CR-1001" in text(page)
    response = send(
        cast.manager, "budgets:reallocate-edit", request.pk, **posted(world, "3000", "3000")
    )
    assert response.status_code == 302
    request.refresh_from_db()
    assert (request.revision, request.own_micros) == (2, k(3))
    assert request.payload["expected"]["mid"] == k(61)
    for user in (cast.director, cast.uk_manager):
        assert open_page(user, "budgets:reallocate-edit", request.pk).status_code == 404


def test_years_and_lines_are_made_on_pages(world: World, cast: Cast) -> None:
    shown = open_page(cast.director, "budgets:centre", quarter="2027-Q1")
    assert "The books of FY2027 are not open" in text(shown)
    send(cast.director, "budgets:year-open", year="2027")
    assert FiscalYear.objects.filter(year=2027).exists()
    data = {
        "name": "Email DE", "fiscal_year": world.year.pk, "team": cast.dach.pk, "currency": "EUR",
        "channel": world.shopping.channel_id, "owner": cast.manager.pk, "gl_code": "6601",
        "campaign_lines": [world.winter_feed.pk],
    }  # fmt: skip
    assert open_page(cast.manager, "budgets:line-create").status_code == 200
    assert send(cast.manager, "budgets:line-create", **data).status_code == 302
    line = BudgetLine.objects.get(name="Email DE")
    assert [draw.campaign_line for draw in line.draws.all()] == [world.winter_feed]
    again = send(cast.manager, "budgets:line-create", **data)
    assert again.status_code == 422
    assert "There is a line of this name." in text(again)
    assert open_page(cast.manager, "budgets:line-edit", line.pk).status_code == 200
    send(
        cast.manager,
        "budgets:line-edit",
        line.pk,
        **(data | {"name": "Email", "campaign_lines": []}),
    )
    line.refresh_from_db()
    assert (line.name, line.draws.count()) == ("Email", 0)
    assert open_page(cast.uk_manager, "budgets:line-edit", line.pk).status_code == 404
    assert open_page(cast.analyst, "budgets:line-edit", line.pk).status_code == 403


@pytest.mark.feature("2.1")
def test_the_grid_is_exported_as_it_stands(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, f"{NOV}-01", 20, spend="4000.10")
    response = open_page(cast.director, "budgets:centre", export="csv")
    found = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    head = found[0]
    row = next(r for r in found if r[0] == "Shopping DE" and NOV in r)
    assert row[head.index("Planned")] == "165000.00"
    assert row[head.index("Actual (EUR)")] == "80002.00"
    assert row[head.index("Planned currency")] == "EUR"
    assert len([r for r in found if r and r[0] == "Shopping DE"]) == 12


def test_a_quarter_to_come_says_when_it_begins_and_shows_only_its_own_requests(cast: Cast) -> None:
    send(cast.director, "budgets:year-open", year="2027")
    said = text(open_page(cast.director, "budgets:centre", quarter="2027-Q1")).split("<main")[1]
    assert "no data" not in said
    assert "No spend has been imported" not in said
    assert "No change waits for approval" in said
