"""Saving many amounts of the plan together: the same queries for ten as for two hundred."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from approvals.models import ChangeRequest
from budgets.models import BudgetLine, Draw, FiscalYear, Holding, LedgerAccount
from campaigns.models import CampaignLine
from tests.budgets.world import AT, DEC, World, decide, execute, k
from tests.cast import Cast

pytestmark = [pytest.mark.usefixtures("at")]
MONTHS = [f"2026-{number:02d}" for number in range(1, 13)]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def make_plan(world: World, count: int) -> list[tuple[BudgetLine, CampaignLine]]:
    """``count`` budget lines with a campaign line each; a month is 10k, of which 4k are given out."""
    year, first = world.year, world.shopping
    parts = CampaignLine.objects.bulk_create(
        CampaignLine(
            campaign=world.winter_feed.campaign, channel=first.channel, name=f"Part {number:04d}",
            currency="EUR",
        )
        for number in range(count)
    )  # fmt: skip
    lines = BudgetLine.objects.bulk_create(
        BudgetLine(
            fiscal_year=year, team=first.team, channel=first.channel, name=f"Line {number:04d}",
            owner=first.owner, currency="EUR",
        )
        for number in range(count)
    )  # fmt: skip
    pairs = list(zip(lines, parts, strict=True))
    Draw.objects.bulk_create(Draw(budget_line=one, campaign_line=part) for one, part in pairs)
    LedgerAccount.objects.bulk_create(
        account
        for one, part in pairs
        for month in MONTHS
        for account in _accounts(year, one, part, month)
    )
    return pairs


def _accounts(
    year: FiscalYear, line: BudgetLine, part: CampaignLine, month: str
) -> list[LedgerAccount]:
    return [
        LedgerAccount(
            fiscal_year=year, currency="EUR", budget_line=line, campaign_line=who, month=month,
            balance_micros=k(amount), version=1,
        )
        for who, amount in ((None, 6), (part, 4))
    ]  # fmt: skip


def hold(pairs: list[tuple[BudgetLine, CampaignLine]]) -> None:
    """Orders of 1k on every month, so that the spending checks have something to add up."""
    Holding.objects.bulk_create(
        Holding(budget_line=line, campaign_line=part, month=month, committed_micros=k(1))
        for line, part in pairs
        for month in MONTHS
    )


EDITS = {
    "whole amounts": (None, "11000.00", 2),
    "given out": ("part", "5000.00", 1),
    "taken back": ("part", "3000.00", 1),
}


def cells(pairs: list[tuple[BudgetLine, CampaignLine]], what: str) -> list[dict[str, Any]]:
    of_part, amount, version = EDITS[what]
    return [
        {
            "line": line.pk,
            "month": DEC,
            "campaign_line": part.pk if of_part else None,
            "amount": amount,
            "version": version,
        }
        for line, part in pairs
    ]


def save(user: User, edits: list[dict[str, Any]], page: str = "grid-save") -> tuple[int, float]:
    """Queries and processor time of a save that works."""
    who = Client()
    who.force_login(user)
    body = json.dumps({"cells": edits, "reason": "Peak weeks"})
    began = time.process_time()
    with CaptureQueriesContext(connection) as taken:
        url = reverse(f"budgets:{page}")
        answer = who.post(url, body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return len(taken), time.process_time() - began


@pytest.mark.feature("2.1")
@pytest.mark.parametrize("what", EDITS)
def test_more_amounts_take_no_more_queries(world: World, cast: Cast, what: str) -> None:
    pairs = make_plan(world, 211)
    hold(pairs)
    save(cast.director, cells(pairs[:1], what))
    few, _ = save(cast.director, cells(pairs[1:11], what))
    many, _ = save(cast.director, cells(pairs[11:], what))
    assert many <= few


@pytest.mark.feature("2.1")
@pytest.mark.parametrize("what", EDITS)
def test_ten_times_the_amounts_take_ten_times_the_work(world: World, cast: Cast, what: str) -> None:
    """In processor time of one run, so that a busy machine slows both alike."""
    pairs = make_plan(world, 1_101)
    hold(pairs)
    save(cast.director, cells(pairs[:1], what))
    _, few = save(cast.director, cells(pairs[1:101], what))
    _, many = save(cast.director, cells(pairs[101:], what))
    print(f"{what}: {few:.2f} s for 100, {many:.2f} s for 1,000")
    # Work that grows with the square takes a hundred times as long.
    assert many < 20 * few


@pytest.mark.feature("2.1")
def test_a_request_of_many_amounts_is_carried_out_as_asked(world: World, cast: Cast) -> None:
    pairs = make_plan(world, 40)
    save(cast.director, cells(pairs, "taken back"))
    asked = ChangeRequest.objects.get()
    execute(decide(asked, cast.executive))
    line, part = pairs[-1]
    assert world.balance(line, DEC, part) == k(3)
    assert world.balance(line, DEC) == k(7)
