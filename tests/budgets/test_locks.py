"""A plan locked by approval: what is refused, what goes on, and that no money slips past the lock."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from accounts.models import User
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from budgets import services
from budgets.models import BudgetVersion, PlanLock
from budgets.selectors.locks import lock_of
from budgets.services.locks import lock_ask, unlock_ask
from budgets.services.years import year_alone
from core.errors import Conflict, NotAllowed
from core.models import Event
from tests.approvals.actions import turn
from tests.approvals.test_api import Api
from tests.budgets.test_pages import open_page, send, text
from tests.budgets.world import AT, DEC, World, decide, execute, k, move, payload, plan, rate
from tests.cast import Cast
from tests.drills.crowd import race

pytestmark = [pytest.mark.feature("2.1")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture(autouse=True)
def _rates(request: pytest.FixtureRequest) -> None:
    if "world" in request.fixturenames:
        request.getfixturevalue("world")
        rate("GBP", "EUR", "1.16", AT.date().replace(month=1, day=1))


def ask(world: World, cast: Cast, level: str = "total") -> ChangeRequest:
    return lock_ask(
        user=cast.director, year=world.year, team_id=cast.europe.pk, level=level,
        reason="The board agreed to this plan.", at=AT,
    )  # fmt: skip


def locked(world: World, cast: Cast, level: str = "total") -> PlanLock:
    request = decide(decide(ask(world, cast, level), cast.executive), cast.auditor)
    assert execute(request).state == RequestState.EXECUTED
    lock = lock_of(world.year)
    assert lock is not None
    return lock


def more(world: World, user: User, thousands: int = 3) -> ChangeRequest:
    return move(
        world, user, kind="budget.plan", content=payload((world.shopping, None, DEC, thousands))
    )


def test_a_large_budget_is_locked_by_those_who_decide_large_amounts(
    world: World, cast: Cast
) -> None:
    request = ask(world, cast)
    # EUR 100 + 165 + 200 + 124 + 100 thousand, and GBP 80 thousand at 1.16.
    assert request.own_micros == k(689) + k(80) * 116 // 100
    assert list(turn(request)) == ["executive"]
    assert "those who decide large amounts" in request.evidence["Why this amount"]
    request = decide(request, cast.executive)
    assert lock_of(world.year) is None
    execute(decide(request, cast.auditor))
    lock = PlanLock.objects.get()
    assert (lock.locked_by, lock.request_id, str(lock.version)) == (
        cast.director, request.pk, f"Locked by {request.reference} (v1)",
    )  # fmt: skip
    assert Event.objects.get(action="plan.locked").reason == "The board agreed to this plan."


def test_only_who_plans_for_whole_teams_asks(world: World, cast: Cast) -> None:
    for user in (cast.manager, cast.other_director, cast.executive, cast.analyst):
        with pytest.raises(NotAllowed):
            lock_ask(
                user=user, year=world.year, team_id=cast.dach.pk, level="all", reason="Mine", at=AT
            )
    assert not ChangeRequest.objects.exists()


def test_with_the_total_locked_only_what_nets_to_zero_goes_on(world: World, cast: Cast) -> None:
    before = move(world, cast.manager, 4)
    grows = more(world, cast.manager, 1)
    lock = locked(world, cast)
    assert execute(decide(before, cast.director)).state == RequestState.EXECUTED
    stale = execute(decide(grows, cast.director))
    assert stale.state == RequestState.STALE
    assert "was locked by Mara Lindqvist on 21 Nov" in stale.outcome_note
    assert str(lock.version) in stale.outcome_note
    with pytest.raises(Conflict) as refused:
        more(world, cast.manager)
    assert refused.value.code == "plan_locked"
    assert refused.value.remedy == "Ask to unlock it under Budgets, Versions."
    with pytest.raises(Conflict):
        plan(world.shopping, DEC, 250)
    plan(world.shopping, DEC, 160, world.winter_shopping)
    assert world.balance(world.shopping, DEC, world.winter_shopping) == k(160)


def test_with_everything_locked_nothing_moves(world: World, cast: Cast) -> None:
    before = move(world, cast.manager, 4)
    locked(world, cast, "all")
    assert execute(decide(before, cast.director)).state == RequestState.STALE
    with pytest.raises(Conflict):
        move(world, cast.manager, 2)
    with pytest.raises(Conflict):
        services.plan_set(
            user=cast.manager, budget_line=world.shopping, campaign_line=world.winter_shopping,
            month=DEC, amount_micros=k(160), reason="Peak", at=AT,
        )  # fmt: skip
    assert world.balance(world.shopping, DEC, world.winter_shopping) == k(150)


def test_unlocking_takes_the_same_way_and_keeps_the_version(world: World, cast: Cast) -> None:
    locked(world, cast, "all")
    with pytest.raises(Conflict):
        ask(world, cast)
    asked = unlock_ask(
        user=cast.director, year=world.year, team_id=cast.europe.pk, reason="Peak is early", at=AT
    )
    execute(decide(decide(asked, cast.executive), cast.auditor))
    assert lock_of(world.year) is None
    assert BudgetVersion.objects.count() == 1
    assert more(world, cast.manager).state == RequestState.OPEN


def test_a_total_that_moved_since_it_was_approved_is_not_locked(world: World, cast: Cast) -> None:
    request = decide(decide(ask(world, cast), cast.executive), cast.auditor)
    plan(world.shopping, DEC, 250)
    assert execute(request).state == RequestState.STALE
    assert lock_of(world.year) is None
    again = decide(decide(ask(world, cast), cast.executive), cast.auditor)
    plan(world.shopping, DEC, 160, world.winter_shopping)
    assert execute(again).state == RequestState.EXECUTED


@pytest.mark.usefixtures("at")
def test_pages_show_the_lock_and_ask_for_it(world: World, cast: Cast) -> None:
    form = open_page(cast.director, "budgets:lock", year="2026")
    assert "those who decide large amounts" in text(form)
    asked = send(
        cast.director, "budgets:lock", year="2026", level="all", team=cast.europe.pk, reason="Done"
    )
    request = ChangeRequest.objects.get()
    assert asked.url == request.get_absolute_url()
    execute(decide(decide(request, cast.executive), cast.auditor))
    for page in ("budgets:versions", "budgets:centre"):
        assert "Everything locked" in text(open_page(cast.manager, page))
    refused = send(
        cast.manager, "budgets:cell-edit", cell=f"{world.shopping.pk}/{DEC}", amount="250000",
        reason="More",
    )  # fmt: skip
    assert refused.status_code == 422
    assert "was locked by Mara Lindqvist" in text(refused)
    gone = send(cast.director, "budgets:unlock", year="2026", team=cast.europe.pk, reason="Early")
    assert gone.status_code == 302
    assert ChangeRequest.objects.filter(kind="budget.unlock").count() == 1
    assert send(cast.manager, "budgets:unlock", year="2026", reason="x").status_code in (403, 422)
    assert open_page(cast.auditor, "budgets:lock").status_code == 403


@pytest.mark.usefixtures("at")
def test_a_lock_is_asked_for_over_the_api(world: World, cast: Cast) -> None:
    content = {"year": 2026, "team": cast.europe.pk, "level": "total"}
    made = Api(cast.director).post(
        "/requests/", kind="budget.lock", title="Lock", reason="Agreed", payload=content
    )
    assert made.status_code == 201, made.content
    wrong = Api(cast.director).post(
        "/requests/", kind="budget.lock", title="Lock", reason="x", payload=content | {"level": "?"}
    )
    assert (wrong.status_code, wrong.json()["error"]["where"]) == (422, "level")
    body = Api(cast.manager).get("/fiscal-years/2026/versions/").json()
    assert body["lock"] is None


@pytest.mark.drill
@pytest.mark.django_db(transaction=True)
def test_no_money_slips_past_a_lock_that_is_being_set(world: World, cast: Cast) -> None:
    """The lock waits for who writes, and who comes later sees it; the control writes past it."""

    def write(number: int) -> None:
        services.transfer(
            legs=[
                services.source_leg(world.year, "EUR", -k(1)),
                services.line_leg(world.display, DEC, k(1)),
            ],
            key=f"race:{number}", kind="plan", reason="race", actor=cast.manager.as_actor(), at=AT,
        )  # fmt: skip

    def lock() -> int:
        with transaction.atomic():
            year_alone(world.year)
            before = world.balance(world.display)
            version = services_version(world, cast)
            PlanLock.objects.create(
                fiscal_year=world.year, level="all", version=version, locked_by=cast.director,
                locked_at=AT, reason="Agreed", request_id=1,
            )  # fmt: skip
            return before

    def services_version(world: World, cast: Cast) -> BudgetVersion:
        from budgets.services.versions import version_add

        return version_add(year=world.year, name="Raced", note="", made_by=cast.director, at=AT)

    results = race([lambda n=n: write(n) for n in range(12)] + [lock])
    before = results[-1]
    assert world.balance(world.display) == before
    assert {type(r) for r in results[:-1]} <= {type(None), Conflict}

    # The control: a writer that looks for the lock, waits, and then writes without holding the year.
    PlanLock.objects.all().delete()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM budgets_planlock")
        assert cursor.fetchone() == (0,)
        race([lock_again(world, cast)])
        cursor.execute("SELECT count(*) FROM budgets_planlock")
        assert cursor.fetchone() == (1,), "the control shows nothing: the lock waited for it"


def lock_again(world: World, cast: Cast) -> Any:
    def lock() -> None:
        PlanLock.objects.create(
            fiscal_year=world.year, level="all", version=BudgetVersion.objects.get(),
            locked_by=cast.director, locked_at=AT, reason="Agreed", request_id=2,
        )  # fmt: skip

    return lock
