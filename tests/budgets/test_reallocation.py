"""Moving planned money by request: nets to zero, in sight, possible, once, and stale if a line moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Membership
from approvals.choices import RequestState
from approvals.models import ChangeRequest, Execution
from approvals.selectors import history
from approvals.services import Effect, effects_of, proofs
from budgets.approval_actions import Reallocation
from budgets.choices import PLAN_CHANGE
from budgets.models import LedgerTransaction
from budgets.selectors import planned
from campaigns.models import Optimisation
from core.errors import AdroitError, Conflict, Invalid, NotAllowed
from core.models import OutboxItem
from core.money import Money
from tests.approvals.actions import turn
from tests.budgets.world import AT, DEC, NOV, World, decide, execute, k, move, payload, plan, rate
from tests.cast import Cast


@pytest.mark.feature("2.1", "9.2")
def test_an_approved_move_changes_the_plan_once_and_is_logged(world: World, cast: Cast) -> None:
    request = move(world, cast.manager, 4)
    approved = decide(request, cast.director)
    done = execute(approved)
    assert done.state == RequestState.EXECUTED
    assert world.balance(world.display, DEC, world.winter_display) == k(76)
    assert world.balance(world.shopping, DEC, world.winter_shopping) == k(154)
    made = LedgerTransaction.objects.get(key=f"request:{request.pk}")
    assert (made.kind, made.request_id, made.actor_name) == (
        "reallocation",
        request.pk,
        cast.manager.name,
    )
    execute(approved)
    assert LedgerTransaction.objects.filter(kind="reallocation").count() == 1
    assert Execution.objects.get().result == {"transaction": made.pk, "campaign_lines": 2}


@pytest.mark.feature("9.2")
def test_the_change_stands_in_the_optimisation_log_and_a_file_is_ordered(
    world: World, cast: Cast
) -> None:
    request = execute(decide(move(world, cast.manager, 4), cast.director))
    entry = Optimisation.objects.get(line=world.winter_display)
    assert (entry.what, entry.old_value, entry.new_value) == (
        "Planned budget, Dec 2026",
        "€80,000.00",
        "€76,000.00",
    )
    assert (entry.request_id, entry.by_name, entry.made_on) == (
        request.pk,
        cast.manager.name,
        AT.date(),
    )
    assert (entry.expected_metric, entry.expected_micros) == ("revenue", k(61))
    item = OutboxItem.objects.get(kind="bulk_file")
    assert (item.key, item.payload) == (f"bulk_file:{request.pk}", {"request": request.pk})


@pytest.mark.feature("9.2", "2.5")
@pytest.mark.parametrize(
    ("thousands", "roles"),
    [(5, ["director", "executive"]), (6, ["executive"]), (50, ["executive"])],
)
def test_the_amount_moved_decides_who(
    world: World, cast: Cast, thousands: int, roles: list[str]
) -> None:
    request = move(world, cast.manager, thousands)
    assert request.own_micros == k(thousands)
    assert list(turn(request)) == roles


def test_a_move_above_the_second_threshold_needs_finance_too(world: World, cast: Cast) -> None:
    request = decide(move(world, cast.manager, 51), cast.executive)
    assert list(turn(request)) == ["auditor"]
    assert execute(decide(request, cast.auditor)).state == RequestState.EXECUTED


@pytest.mark.feature("9.2")
def test_before_and_after_and_the_proof(world: World, cast: Cast) -> None:
    request = move(world, cast.manager, 4)
    gives, receives = effects_of(request)
    assert gives == Effect(
        label="Winter Display",
        before=Money(k(80), "EUR"),
        after=Money(k(76), "EUR"),
        change=Money(-k(4), "EUR"),
        channel="display",
        owner="Jonas Weber",
        note="Display DE · Dec 2026",
    )
    assert receives.after == Money(k(154), "EUR")
    (proof,) = proofs([gives, receives])
    assert proof.is_zero
    assert proof.text == "−€4,000.00 + €4,000.00 = €0.00 · total stays €230,000.00"
    done = execute(decide(request, cast.director))
    assert effects_of(done) == [gives, receives]


def wrong(world: World, **changes: Any) -> dict[str, Any]:
    good = payload((world.display, None, DEC, -4), (world.shopping, None, DEC, 4))
    return {**good, **changes}


BAD: dict[str, Callable[[World], dict[str, Any]]] = {
    "not net zero": lambda w: payload((w.display, None, DEC, -4), (w.shopping, None, DEC, 5)),
    "nothing": lambda w: wrong(w, moves=[]),
    "no list": lambda w: wrong(w, moves={"a": 1}),
    "one move": lambda w: wrong(w, moves=payload((w.display, None, DEC, -4))["moves"]),
    "the same place twice": lambda w: payload(
        (w.display, None, DEC, -4), (w.display, None, DEC, 4)
    ),
    "two currencies": lambda w: payload((w.display, None, NOV, -4), (w.uk, None, NOV, 4)),
    "more than there is": lambda w: payload(
        (w.display, None, DEC, -21), (w.shopping, None, DEC, 21)
    ),
    "a month that is over": lambda w: payload(
        (w.shopping, None, "2026-10", -4), (w.shopping, None, DEC, 4)
    ),
    "a month of another year": lambda w: payload(
        (w.shopping, None, "2027-01", 4), (w.display, None, DEC, -4)
    ),
    "a campaign line of another budget line": lambda w: payload(
        (w.display, w.winter_shopping, DEC, 4), (w.display, None, DEC, -4)
    ),
    "an amount with a fraction": lambda w: wrong(
        w, moves=[{**w_move, "amount_micros": 1.5} for w_move in wrong(w)["moves"]]
    ),
    "another currency than its lines": lambda w: wrong(w, currency="USD"),
    "a currency that is no text": lambda w: wrong(w, currency=["EUR"]),
    "less than a cent": lambda w: wrong(
        w,
        moves=[
            {**m, "amount_micros": m["amount_micros"] // abs(m["amount_micros"])}
            for m in wrong(w)["moves"]
        ],
    ),
    "no month": lambda w: wrong(w, moves=[{**m, "month": "soon"} for m in wrong(w)["moves"]]),
    "too much for the books": lambda w: wrong(
        w,
        moves=[
            {**m, "amount_micros": s * 10**18}
            for s, m in zip((1, -1), wrong(w)["moves"], strict=True)
        ],
    ),
    "an expectation out of order": lambda w: wrong(
        w, expected={"metric": "revenue", "low": 2, "mid": 1, "high": 3}
    ),
    "an expectation in words": lambda w: wrong(w, expected={"metric": "revenue", "low": "lots"}),
    "a line that does not exist": lambda w: wrong(
        w, moves=[{**m, "budget_line": m["budget_line"] + 10**6} for m in wrong(w)["moves"]]
    ),
}


@pytest.mark.feature("9.2")
@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_is_not_asked(world: World, cast: Cast, what: str) -> None:
    with pytest.raises(Invalid) as refused:
        move(world, cast.manager, content=BAD[what](world))
    assert refused.value.message
    assert not ChangeRequest.objects.exists()


@pytest.mark.feature("9.6")
def test_lines_out_of_sight_cannot_be_moved(world: World, cast: Cast) -> None:
    for user in (cast.uk_manager, cast.other_director, cast.other_manager):
        with pytest.raises(Invalid, match="may not see"):
            move(world, user)
    for user in (cast.analyst, cast.executive, cast.auditor):
        with pytest.raises(NotAllowed):
            move(world, user)


def test_a_move_between_teams_is_decided_above_both(world: World, cast: Cast) -> None:
    plan(world.shopping, DEC, 200)
    uk_euro = payload((world.display, None, DEC, -4), (world.shopping, None, DEC, 4))
    same_team = move(world, cast.manager, content=uk_euro)
    assert same_team.team == cast.dach
    world.shopping.team = cast.uk
    world.shopping.save()
    across = move(world, cast.director, content=uk_euro)
    assert across.team == cast.europe
    with pytest.raises(NotAllowed):
        decide(across, cast.director)


MOVED: dict[str, Callable[[World, Cast], object]] = {
    "the giving line": lambda w, c: plan_part(w, w.display, w.winter_display, 81),
    "the receiving line": lambda w, c: plan_part(w, w.shopping, w.winter_shopping, 151),
    "another approved move": lambda w, c: execute(decide(move(w, c.director, 3), c.executive)),
    "a campaign line leaves": lambda w, c: w.shopping.draws.filter(
        campaign_line=w.winter_shopping
    ).delete(),
    "the requester leaves the team": lambda w, c: Membership.objects.filter(
        user=c.manager
    ).delete(),
}


def plan_part(world: World, line: Any, part: Any, thousands: int) -> None:
    plan(line, DEC, thousands, part)


@pytest.mark.feature("9.2")
@pytest.mark.parametrize("what", MOVED)
def test_it_is_stale_when_something_moved_after_the_approval(
    world: World, cast: Cast, what: str
) -> None:
    request = decide(move(world, cast.manager, 4), cast.director)
    MOVED[what](world, cast)
    held = world.balance(world.shopping, DEC, world.winter_shopping)
    stale = execute(request)
    assert stale.state == RequestState.STALE
    assert "Nothing was changed." in stale.outcome_note
    assert history(stale)[0].action == "request.stale"
    assert world.balance(world.shopping, DEC, world.winter_shopping) == held
    assert not LedgerTransaction.objects.filter(key=f"request:{request.pk}").exists()


def test_moves_of_other_places_do_not_make_it_stale(world: World, cast: Cast) -> None:
    request = decide(move(world, cast.manager, 4), cast.director)
    plan(world.shopping, NOV, 40, world.winter_feed)
    assert execute(request).state == RequestState.EXECUTED


def test_a_month_that_ended_meanwhile_makes_it_stale(world: World, cast: Cast) -> None:
    november = payload(
        (world.display, world.winter_display, NOV, -4),
        (world.shopping, world.winter_shopping, NOV, 4),
    )
    request = decide(move(world, cast.manager, content=november), cast.director)
    stale = execute(request, at=AT + timedelta(days=10))
    assert stale.state == RequestState.STALE
    assert stale.outcome_note.startswith("Nov 2026 is over")


@pytest.mark.feature("2.5")
def test_foreign_money_is_measured_at_the_budget_rate(world: World, cast: Cast) -> None:
    plan(world.uk, DEC, 10)
    pounds = payload((world.uk, None, NOV, -5), (world.uk, None, DEC, 5))
    with pytest.raises(Invalid, match="no budget rate from GBP"):
        move(world, cast.uk_manager, content=pounds)
    rate("GBP", "EUR", "1.16", date(2026, 1, 1))
    request = move(world, cast.uk_manager, content=pounds)
    assert request.amount == Money(5_800_000_000, "EUR")
    assert list(turn(request)) == ["executive"]


def test_a_new_rate_between_approval_and_execution_stops_it(world: World, cast: Cast) -> None:
    plan(world.uk, DEC, 10)
    rate("GBP", "EUR", "1.16", date(2026, 1, 1))
    pounds = payload((world.uk, None, NOV, -1), (world.uk, None, DEC, 1))
    request = decide(move(world, cast.uk_manager, content=pounds), cast.director)
    rate("GBP", "EUR", "1.30", date(2026, 11, 21))
    assert execute(request).state == RequestState.STALE


@pytest.mark.feature("2.5")
def test_cutting_a_move_into_pieces_does_not_lower_its_route(world: World, cast: Cast) -> None:
    first = execute(decide(move(world, cast.manager, 4), cast.director))
    second = move(world, cast.manager, 4, at=AT + timedelta(days=1))
    assert second.policy_amount == Money(k(8), "EUR")
    assert list(turn(second)) == ["executive"]
    other = payload((world.uk, None, NOV, -1), (world.uk, None, DEC, 1))
    rate("GBP", "EUR", "1", date(2026, 1, 1))
    assert move(world, cast.director, content=other).policy_amount == Money(k(1), "EUR")
    back = payload((world.shopping, world.winter_shopping, DEC, -4), (world.shopping, None, DEC, 4))
    third = move(world, cast.manager, content=back, at=AT + timedelta(days=2))
    assert third.policy_amount == Money(k(4 + 4 + 4), "EUR")
    assert first.state == RequestState.EXECUTED


@pytest.mark.feature("2.1")
def test_a_plan_change_adds_to_the_total_by_request_only(world: World, cast: Cast) -> None:
    more = payload((world.shopping, None, DEC, 36))
    with pytest.raises(AdroitError):
        move(world, cast.manager, content=more)
    request = move(world, cast.manager, content=more, kind=PLAN_CHANGE)
    assert request.own_micros == k(36)
    (proof,) = proofs(effects_of(request))
    assert (proof.is_zero, proof.change) == (False, Money(k(36), "EUR"))
    execute(decide(request, cast.executive))
    assert planned(world.shopping, None, DEC) == k(236)
    less = move(
        world, cast.manager, content=payload((world.shopping, None, DEC, -36)), kind=PLAN_CHANGE
    )
    assert less.own_micros == k(36)


def test_the_binding_names_content_versions_and_rates(world: World, cast: Cast) -> None:
    content = payload((world.display, None, DEC, -4), (world.shopping, None, DEC, 4))
    bound = Reallocation().binding(content)
    assert bound["payload"] == content
    assert set(bound["accounts"]) == {f"{world.display.pk}/{DEC}", f"{world.shopping.pk}/{DEC}"}
    assert all(version >= 1 for version in bound["accounts"].values())
    assert bound["rates"] == {}


def test_a_decision_on_a_plan_that_moved_is_refused(world: World, cast: Cast) -> None:
    request = move(world, cast.manager, 4)
    plan(world.display, DEC, 81, world.winter_display)
    with pytest.raises(Conflict, match="has moved since"):
        decide(request, cast.director)
