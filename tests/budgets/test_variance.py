"""Variances by line and month: figures, the threshold, comments with their history, export."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from budgets.models import VarianceNote
from budgets.selectors.closing import fiscal_month
from budgets.selectors.variance import Variance, is_notable, variances
from core.models import Event
from core.money import MICROS
from tests.approvals.test_api import Api
from tests.budgets.closing import OCT
from tests.budgets.test_pages import open_page, send, text
from tests.budgets.world import AT, World, plan, rate
from tests.cast import Cast
from tests.world import load_steady

pytestmark = [pytest.mark.usefixtures("at"), pytest.mark.feature("1.15")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def row(user: User | None = None, name: str = "Shopping DE") -> Variance:
    return next(v for v in variances(fiscal_month(OCT), user) if v.line.name == name)


@pytest.mark.parametrize(
    ("currency", "planned", "difference", "expected"),
    [
        ("EUR", 100_000, 10_000, False), ("EUR", 100_000, 10_001, True),
        ("EUR", 100_000, -10_001, True), ("EUR", 5_000, 1_000, False), ("EUR", 5_000, 1_001, True),
        ("EUR", 0, 1_001, True), ("GBP", 5_000, 900, True), ("GBP", 5_000, 800, False),
        ("USD", 5_000, 800, True),
    ],
)  # fmt: skip
def test_both_bounds_count_and_without_a_rate_the_share_alone(
    world: World, currency: str, planned: int, difference: int, *, expected: bool
) -> None:
    rate("GBP", "EUR", "1.2", date(2026, 1, 1))
    month = fiscal_month(OCT)
    assert is_notable(currency, planned * MICROS, difference * MICROS, month) is expected


def test_the_table_shows_what_is_to_be_explained(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, "2026-10-01", 20, spend="4000")
    page = open_page(cast.manager, "budgets:variances", month=OCT)
    assert "1 of 1 larger variances of Oct 2026 are not explained" in text(page)
    assert "10\u202f% of the plan and €1,000" in page.content.decode()
    assert "Needed" in text(page)
    found = row()
    assert (str(found.variance), str(found.share)) == ("-20,000.00 EUR", "-0.2")
    export = open_page(cast.manager, "budgets:variances", month=OCT, export="csv")
    (head, line, *_) = list(csv.reader(io.StringIO(export.content.decode("utf-8-sig"))))
    assert line[head.index("Variance (EUR)")] == "-20000.00"


def test_a_comment_keeps_its_figures_and_the_earlier_ones_stay(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, "2026-10-01", 20, spend="4000")
    url = f"?month={OCT}"
    assert (
        open_page(cast.manager, "budgets:variance-note", world.shopping.pk, month=OCT).status_code
        == 200
    )
    client_posts = [("Started late", cast.manager), ("And cheaper clicks", cast.auditor)]
    for words, user in client_posts:
        assert _post(user, world.shopping.pk, url, words).status_code == 302
    notes = list(VarianceNote.objects.order_by("pk"))
    assert [note.text for note in notes] == ["Started late", "And cheaper clicks"]
    assert (notes[0].planned_micros, notes[0].actual_micros) == (100_000 * MICROS, 80_000 * MICROS)
    found = row()
    assert found.note is not None
    assert (found.note.text, found.is_missing, found.is_outdated) == (
        "And cheaper clicks", False, False,
    )  # fmt: skip
    plan(world.shopping, OCT, 110)
    assert row().is_outdated
    page = open_page(cast.manager, "budgets:variance-note", world.shopping.pk, month=OCT)
    assert "Started late" in text(page)
    assert Event.objects.filter(action="variance.explained").count() == 2


def _post(user: User, pk: int, query: str, words: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(reverse("budgets:variance-note", args=[pk]) + query, {"text": words})


def test_who_does_not_plan_the_line_says_nothing_about_it(world: World, cast: Cast) -> None:
    url = f"?month={OCT}"
    assert _post(cast.analyst, world.shopping.pk, url, "x").status_code == 403
    assert _post(cast.uk_manager, world.shopping.pk, url, "x").status_code == 404
    assert _post(cast.manager, world.shopping.pk, "?month=2031-01", "x").status_code == 404
    assert _post(cast.manager, world.shopping.pk, url, "").status_code == 422
    assert _post(cast.manager, world.display.pk, url, "x").status_code == 422
    assert not VarianceNote.objects.exists()


def test_the_api_reads_and_writes_variances(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, "2026-10-01", 20, spend="4000")
    url = f"/month-closes/{OCT}/variances/"
    (listed,) = Api(cast.manager).get(url).json()
    assert (listed["variance"]["amount"], listed["is_missing"]) == ("-20000.00", True)
    body = {"line": world.shopping.pk, "text": "Started late"}
    assert Api(cast.uk_manager).send("post", url, body).status_code == 400
    made = Api(cast.manager).send("post", url, body)
    assert (made.status_code, made.json()["comment"]) == (201, "Started late")
    assert send(cast.manager, "budgets:signoffs-sign", month=OCT).status_code == 422
