"""Spending checks: stop, warn or ignore, the most specific row decides, and a race never overspends."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import nullcontext
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.choices import RequestState
from approvals.services import policy_ensure, request_execute
from budgets.choices import CheckLevel, OrderKind, OrderState
from budgets.models import Order, SpendingCheck
from budgets.rules.checks import (
    CheckRow,
    Claim,
    Levels,
    MonthBooks,
    Stage,
    deciding_row,
    shortages,
)
from budgets.rules.position import Part
from budgets.services import orders as services
from budgets.services.checks import spending_check
from budgets.services.orders import holding
from core.errors import Conflict
from core.models import Event
from tests.budgets.orders import draft, held, opened, part, request_of, sent
from tests.budgets.world import AT, DEC, NOV, World, create_world, decide, execute, k, move
from tests.cast import Cast
from tests.drills.crowd import race

FEATURE = pytest.mark.feature("2.4")
STOP, WARN, IGNORE = CheckLevel.STOP, CheckLevel.WARN, CheckLevel.IGNORE


def levels(level: CheckLevel) -> Levels:
    return Levels(level, level, level, level)


@FEATURE
def test_the_most_specific_row_decides() -> None:
    rows = {
        "everything": CheckRow(levels(STOP)),
        "channel": CheckRow(levels(STOP), channel=7),
        "far team": CheckRow(levels(STOP), team="1/"),
        "near team": CheckRow(levels(STOP), team="1/2/"),
        "team and channel": CheckRow(levels(STOP), team="1/", channel=7),
        "line": CheckRow(levels(STOP), line=5),
        "another line": CheckRow(levels(STOP), line=6),
    }
    given_rows = list(rows.values())
    for name in ("line", "team and channel", "near team", "far team", "channel", "everything"):
        assert deciding_row(given_rows, 5, "1/2/3/", 7) is rows[name]
        given_rows.remove(rows[name])
    assert deciding_row(given_rows, 5, "1/2/3/", 7) is None


@FEATURE
@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(
    plans=st.lists(st.integers(0, 50), min_size=3, max_size=3),
    used=st.lists(st.integers(0, 50), min_size=3, max_size=3),
    asked=st.integers(1, 80),
)
def test_a_shortage_is_found_exactly_where_the_money_ends(
    plans: list[int], used: list[int], asked: int
) -> None:
    months = ("2026-01", "2026-02", "2026-03")
    books = {
        month: MonthBooks(plan, {0: Part(committed=use)})
        for month, plan, use in zip(months, plans, used, strict=True)
    }
    found = shortages(books, [Claim(months[1], committed=asked)], levels(STOP), Stage.ORDERS)
    month = plans[1] - used[1] - asked
    year = month + plans[0] - used[0]
    expected = [(False, -month)] if month < 0 else []
    expected += [(True, -year)] if year < 0 else []
    assert [(short.is_cumulative, short.micros) for short in found] == expected
    assert not shortages(books, [Claim(months[1], committed=asked)], levels(IGNORE), Stage.ORDERS)


@FEATURE
def test_an_order_beyond_its_line_is_stopped_with_the_amount(world: World, cast: Cast) -> None:
    order = draft(cast.manager, world, 101)
    with pytest.raises(Conflict) as stopped:
        services.order_submit(order=order, user=cast.manager, at=AT)
    assert (stopped.value.code, stopped.value.where) == ("over_budget", "Display DE")
    assert stopped.value.message == "Display DE would be €1,000.00 over in Dec 2026."
    order.refresh_from_db()
    assert (order.state, held(world.display)) == (OrderState.DRAFT, (0, 0))


@FEATURE
def test_a_warning_is_kept_for_the_approver(world: World, cast: Cast, client: Client) -> None:
    SpendingCheck.objects.create(budget_line=world.display, orders=WARN)
    order = sent(cast.manager, world, 101)
    request = request_of(order)
    assert request.evidence["Spending check"] == "Display DE would be €1,000.00 over in Dec 2026."
    client.force_login(cast.executive)
    page = client.get(request.get_absolute_url()).content.decode()
    assert "Display DE would be €1,000.00 over in Dec 2026." in page
    assert order.get_absolute_url() in page


@FEATURE
def test_the_year_so_far_is_checked_on_its_own(world: World, cast: Cast) -> None:
    SpendingCheck.objects.create(budget_line=world.display, orders=IGNORE, cumulative=STOP)
    lines = (part(world.display, 220),)
    assert sent(cast.manager, world, lines=lines).state == OrderState.WAITING
    with pytest.raises(Conflict, match="for the year up to Dec 2026"):
        sent(cast.manager, world, lines=(part(world.display, 5),))


@FEATURE
def test_a_stop_holds_when_the_order_is_carried_out(world: World, cast: Cast) -> None:
    row = SpendingCheck.objects.create(budget_line=world.display, orders=WARN)
    order = sent(cast.manager, world, 101)
    row.orders = STOP
    row.save()
    approved = decide(decide(request_of(order), cast.executive), cast.auditor)
    done = execute(approved)
    assert done.state == RequestState.STALE
    assert "over in Dec 2026" in done.outcome_note
    order.refresh_from_db()
    assert (order.state, held(world.display)) == (OrderState.DRAFT, (0, 0))


@FEATURE
def test_requests_that_take_held_money_away_are_warned_or_stopped(world: World, cast: Cast) -> None:
    draft(cast.manager, world, 98, kind=OrderKind.PLACEHOLDER)
    request = move(world, cast.manager, 4)
    assert request.evidence["Spending check"] == "Display DE would be €2,000.00 over in Dec 2026."
    SpendingCheck.objects.create(team=cast.dach, requests=STOP)
    assert execute(decide(request, cast.director)).state == RequestState.STALE
    with pytest.raises(Conflict, match="over in Dec 2026"):
        move(world, cast.manager, 4)


@FEATURE
def test_checks_are_set_by_directors_for_their_teams_and_by_finance(
    world: World, cast: Cast, client: Client
) -> None:
    stop_all = dict.fromkeys(("requests", "orders", "actuals", "cumulative"), "stop")
    client.force_login(cast.director)
    posted: dict[str, Any] = {**stop_all, "team": cast.dach.pk, "channel": "", "budget_line": ""}
    assert client.post("/budgets/checks/set/", posted).status_code == 302
    assert client.post("/budgets/checks/set/", {**posted, "orders": "warn"}).status_code == 302
    row = SpendingCheck.objects.get()
    assert (row.team, row.orders) == (cast.dach, "warn")
    event = Event.objects.filter(action="spending_check.set").latest("id")
    assert event.before
    assert event.after
    assert (event.before["orders"], event.after["orders"]) == ("stop", "warn")
    assert client.post("/budgets/checks/set/", {**stop_all}).status_code == 403, "everything"
    client.force_login(cast.manager)
    assert client.post("/budgets/checks/set/", posted).status_code == 403
    assert "Checks in force" in client.get("/budgets/checks/").content.decode()
    client.force_login(cast.auditor)
    body = {**stop_all, "channel": world.display.channel_id}
    made = client.post("/api/v1/spending-checks/", body, content_type="application/json")
    assert made.status_code == 200
    assert client.get("/api/v1/spending-checks/").json()["count"] == 2
    assert client.delete(f"/api/v1/spending-checks/{made.json()['id']}/").status_code == 204
    client.force_login(cast.other_director)
    assert client.post(f"/budgets/checks/{row.pk}/clear/").status_code == 404
    client.force_login(cast.director)
    assert client.post(f"/budgets/checks/{row.pk}/clear/").status_code == 302
    assert not SpendingCheck.objects.exists()


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are numbered and told one after the other, which alone would let nobody race."""
    numbers = count(5_000)
    monkeypatch.setattr("approvals.services.notices._notifiers", [])
    monkeypatch.setattr("approvals.services.requests._next_number", lambda: next(numbers))


def submit(order: Order, cast: Cast) -> str:
    return services.order_submit(order=order, user=cast.manager, at=AT).state


def rivals(world: World, cast: Cast, how_many: int = 6) -> list[Order]:
    """Drafts of which each takes most of what the line has; the first policy is there already."""
    policy_ensure(at=AT)
    return [draft(cast.manager, world, 60) for _ in range(how_many)]


@FEATURE
@pytest.mark.drill
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("crowded")
def test_of_orders_racing_for_the_last_money_exactly_one_gets_it(cast: Cast) -> None:
    world = create_world(cast)
    results = race([partial(submit, order, cast) for order in rivals(world, cast)])
    kinds = Counter(r if isinstance(r, str) else type(r).__name__ for r in results)
    assert kinds == {OrderState.WAITING: 1, "Conflict": 5}
    assert held(world.display) == (60, 0)


@FEATURE
@pytest.mark.drill
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("crowded")
def test_without_the_lock_the_same_race_overspends(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: every order is checked before any of them is written."""

    world = create_world(cast)
    orders, barrier = rivals(world, cast, 3), threading.Barrier(3)
    check = spending_check

    def checked_together(*args: Any, **kwargs: Any) -> Any:
        found = check(*args, **kwargs)
        barrier.wait(timeout=10)
        return found

    monkeypatch.setattr(holding, "hold_lines", nullcontext)
    monkeypatch.setattr(holding, "spending_check", checked_together)
    race([partial(submit, order, cast) for order in orders])
    assert held(world.display)[0] > 100, "the race shows nothing: the control did not break"


@FEATURE
@pytest.mark.drill
@pytest.mark.django_db(transaction=True)
def test_of_approved_orders_for_the_same_money_exactly_one_is_committed(cast: Cast) -> None:

    world = create_world(cast)
    row = SpendingCheck.objects.create(budget_line=world.display, orders=WARN)
    requests = [request_of(sent(cast.manager, world, 60)) for _ in range(2)]
    approved = [decide(decide(one, cast.executive), cast.auditor) for one in requests]
    row.orders = STOP
    row.save()
    race([partial(request_execute, request=one, at=AT) for one in approved])
    assert held(world.display) == (0, 60)
    assert Counter(Order.objects.values_list("state", flat=True)) == {"open": 1, "draft": 1}


def test_november_and_december_do_not_mix(world: World, cast: Cast) -> None:
    opened(cast.manager, world, cast.director, 1, lines=(part(world.display, 1, NOV),))
    assert (held(world.display, NOV), held(world.display, DEC)) == ((0, 1), (0, 0))
    assert k(1) == 10**9
