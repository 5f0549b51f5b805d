"""Orders, bills, vendors and files of invoices as people see them: light and dark, desk and phone."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from budgets.choices import OrderKind
from tests.budgets.billing import NOV, invoice, k, line, open_order, spot, units, vendor
from tests.budgets.orders import draft
from tests.budgets.world import World, create_world
from tests.cast import Cast
from tests.journeys.shots import Shots
from tests.sign_in import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILE = """Vendor;Invoice number;Date;Amount;Currency;Order;Line;Month
Kilnwood Media;2026-118;2026-11-12;1250.00;EUR;{order};;2026-11
Kilnwood Media;2026-119;2026-11-13;480.00;EUR;;Display DE;2026-11
Kiln Wood;2026-120;03/04/2026;1.234;EUR;;;
"""


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)


def file_of_invoices(world: World, cast: Cast, content: str) -> str:
    """The address of the page that looks at a file."""
    data = {
        "file": SimpleUploadedFile("november.csv", content.encode()),
        "team": world.shopping.team_id,
    }
    answer = signed_in(cast.manager).post(reverse("integrations:bill-file"), data)
    return str(answer.headers["Location"])


def test_the_pages_of_purchasing(shots: Shots, world: World, cast: Cast) -> None:
    spot("EUR", "USD", "1.0842", date(2026, 11, 1))
    ordered = open_order(world.shopping, k(2), title="Autumn magazine spreads")
    blanket = open_order(
        world.display, k(20), kind=OrderKind.BLANKET, title="Banner frame contract"
    )
    written = draft(cast.manager, world)
    posted = invoice(
        cast.manager, world.shopping, [line(units(1_084), order_line=ordered)], currency="USD"
    )
    waiting = invoice(
        cast.manager, world.shopping, [line(units(900), month=NOV)], currency="USD",
        note=f"Your {blanket.order.reference}",
    )  # fmt: skip
    content = FILE.format(order=ordered.order.reference)
    wrong = file_of_invoices(world, cast, content)
    right = file_of_invoices(world, cast, "\n".join(content.splitlines()[:3]))
    shots.sign_in(cast.manager)
    found = shots.tour_all(
        [
            ("/budgets/orders/", "orders"),
            ("/budgets/orders/new/", "order-new"),
            (ordered.order.get_absolute_url(), "order"),
            (blanket.order.get_absolute_url(), "order-blanket"),
            (written.get_absolute_url(), "order-draft"),
            (f"/budgets/orders/new/?blanket={blanket.order.pk}&bill={waiting.pk}", "order-release"),
            ("/budgets/bills/", "bills"),
            ("/budgets/bills/new/", "bill-new"),
            (posted.get_absolute_url(), "bill-converted"),
            (waiting.get_absolute_url(), "bill-waiting"),
            (f"/budgets/matching/?bill={waiting.pk}", "bill-matching"),
            ("/budgets/vendors/", "vendors"),
            (f"/budgets/vendors/{vendor().pk}/", "vendor"),
            ("/imports/invoices/", "bill-file"),
            (wrong, "bill-file-wrong"),
            (right, "bill-file-right"),
        ]
    )
    assert not found, "\n".join(found)
