"""Bills about blanket orders: their releases take them, and the blanket itself says how."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from budgets.choices import BillState, OrderKind, OrderState
from budgets.models import Bill, Order
from core.errors import Invalid
from tests.approvals.test_api import Api
from tests.budgets.billing import AT, invoice, line, units
from tests.budgets.orders import held, make_vendor, opened, part, sent
from tests.budgets.world import DEC, World
from tests.cast import Cast

pytestmark = [pytest.mark.feature("2.1"), pytest.mark.usefixtures("at")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def blanket(world: World, cast: Cast) -> Order:
    return opened(cast.manager, world, cast.executive, 20, kind=OrderKind.BLANKET)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def released(blanket: Order, world: World, cast: Cast, thousands: int = 8) -> Order:
    source = blanket.lines.get()
    return sent(cast.manager, world, kind=OrderKind.RELEASE, blanket=blanket,
                lines=(part(world.display, thousands, blanket_line=source),))  # fmt: skip


def billed(world: World, cast: Cast, **fields: Any) -> Bill:
    seller = make_vendor(cast.manager)
    note = fields.pop("note", "")
    return invoice(cast.manager, world.display, [line(units(8_000), month=DEC, **fields)],
                   seller=seller, note=note)  # fmt: skip


def test_a_release_takes_the_bill_and_the_blanket_keeps_the_rest(
    blanket: Order, world: World, cast: Cast
) -> None:
    release = released(blanket, world, cast)
    made = billed(world, cast, order_line=release.lines.get())
    assert made.state == BillState.POSTED
    assert held(world.display) == (0, 12)


def test_the_blanket_itself_is_refused_with_its_releases(
    blanket: Order, world: World, cast: Cast
) -> None:
    with pytest.raises(Invalid, match="a blanket order, which is billed through") as refused:
        billed(world, cast, order_line=blanket.lines.get())
    assert refused.value.remedy.startswith("Release the part that the bill is about")
    release = released(blanket, world, cast)
    with pytest.raises(Invalid) as refused:
        billed(world, cast, order_line=blanket.lines.get())
    assert f"Choose one of its releases ({release.reference})" in refused.value.remedy


def test_a_bill_that_names_the_blanket_leads_to_a_release_and_back(
    blanket: Order, world: World, cast: Cast
) -> None:
    waiting = billed(world, cast, note=f"Your {blanket.reference}")
    assert (
        f"It names {blanket.reference}, a blanket order: release the part" in waiting.held_because
    )
    planner = client(cast.manager)
    shown = text(planner.get(reverse("budgets:matching")))
    url = f"{reverse('budgets:order-create')}?blanket={blanket.pk}&bill={waiting.pk}"
    assert url.replace("&", "&amp;") in shown
    form = planner.get(url)
    assert 'value="8000.00"' in text(form)
    answer = planner.post(
        url,
        {
            "title": "Winter films", "team": world.display.team_id, "owner": cast.manager.pk,
            "ordered_on": "2026-11-20", "expected_on": "2026-12-31", "reason": "Films.",
            "rows-TOTAL_FORMS": "1", "rows-INITIAL_FORMS": "0", "send": "1",
            "rows-0-place": str(world.display.pk), "rows-0-month": DEC, "rows-0-amount": "8000",
            "rows-0-blanket_line": blanket.lines.get().pk,
        },
    )  # fmt: skip
    assert answer["Location"] == f"{reverse('budgets:matching')}?bill={waiting.pk}"
    release = Order.objects.get(kind=OrderKind.RELEASE)
    assert release.state == OrderState.OPEN
    assert f"{release.reference} Winter films" in text(planner.get(answer["Location"]))


def test_the_api_says_the_same(blanket: Order, world: World, cast: Cast) -> None:
    api = Api(cast.manager)
    answer = api.send(
        "post", "/bills/",
        {
            "kind": "invoice", "number": "B-1", "vendor": make_vendor(cast.manager).pk,
            "team": world.display.team_id, "owner": cast.manager.pk, "currency": "EUR",
            "dated": "2026-11-12",
            "lines": [{"amount": "10.00", "month": DEC, "order_line": blanket.lines.get().pk}],
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "blanket"


def test_who_enters_no_bills_is_told_what_the_queue_is_for(world: World, cast: Cast) -> None:
    answer = client(cast.analyst).get(reverse("budgets:matching"))
    assert answer.status_code == 403
    assert "Your role does not allow you to enter and match bills." in text(answer)
