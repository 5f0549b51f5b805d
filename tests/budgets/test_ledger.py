"""The ledger: once per key, zero in every currency, never below what lies there, never changed."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budgets import services
from budgets.models import LedgerAccount, LedgerEntry, LedgerTransaction
from core.errors import Conflict, Invalid
from core.events import SYSTEM
from core.models import Event
from tests.budgets.world import AT, DEC, NOV, World, k

LEGS = list[services.Leg]


def transfer(legs: LEGS, key: str = "t1") -> LedgerTransaction:
    return services.transfer(
        legs=legs,
        key=key,
        kind=LedgerTransaction.Kind.REALLOCATION,
        reason="A test",
        actor=SYSTEM,
        at=AT,
    )


def pair(world: World, thousands: int) -> LEGS:
    return [
        services.line_leg(world.display, DEC, -k(thousands)),
        services.line_leg(world.shopping, DEC, k(thousands)),
    ]


@pytest.mark.feature("2.1")
def test_money_moves_and_both_sides_stand_in_the_ledger(world: World) -> None:
    made = transfer(pair(world, 5))
    assert (world.balance(world.display), world.balance(world.shopping)) == (k(15), k(55))
    entries = list(made.entries.order_by("amount_micros"))
    assert [(e.amount_micros, e.balance_micros) for e in entries] == [(-k(5), k(15)), (k(5), k(55))]
    event = Event.objects.get(action="ledger.reallocation")
    assert event.before == {"Display DE 2026-12": k(20), "Shopping DE 2026-12": k(50)}
    assert event.after == {"Display DE 2026-12": k(15), "Shopping DE 2026-12": k(55)}
    assert event.team_path == world.display.team.path


def test_the_same_key_moves_once(world: World) -> None:
    assert transfer(pair(world, 5)) == transfer(pair(world, 5))
    assert world.balance(world.shopping) == k(55)
    assert Event.objects.filter(action="ledger.reallocation").count() == 1


def test_the_same_key_for_something_else_is_refused(world: World) -> None:
    transfer(pair(world, 5))
    for other in (pair(world, 6), pair(world, -5)):
        with pytest.raises(Conflict, match="already used"):
            transfer(other)
    assert world.balance(world.shopping) == k(55)


def test_legs_of_one_account_are_one_entry_and_nothing_is_nothing(world: World) -> None:
    made = transfer([*pair(world, 5), *pair(world, -2)])
    assert sorted(made.entries.values_list("amount_micros", flat=True)) == [-k(3), k(3)]
    with pytest.raises(Invalid, match="nothing to move"):
        transfer([*pair(world, 5), *pair(world, -5)], "t2")


def test_what_does_not_sum_to_zero_is_refused(world: World) -> None:
    legs = [services.line_leg(world.shopping, DEC, k(1))]
    with pytest.raises(Invalid, match="do not add up"):
        transfer(legs)
    mixed = [
        services.line_leg(world.shopping, DEC, -k(1)),
        services.line_leg(world.uk, NOV, k(1)),
    ]
    with pytest.raises(Invalid, match="do not add up"):
        transfer(mixed)
    assert not LedgerTransaction.objects.filter(key="t1").exists()


def test_more_than_lies_there_cannot_be_taken(world: World) -> None:
    with pytest.raises(Conflict, match=r"holds 20,000\.00 EUR; 21,000\.00 EUR cannot be taken"):
        transfer(pair(world, 21))
    assert not LedgerTransaction.objects.filter(key="t1").exists()
    assert world.balance(world.display) == k(20)


def test_an_account_that_moved_since_it_was_read_is_refused(world: World) -> None:
    def legs(version: int) -> LEGS:
        return [
            services.line_leg(world.display, DEC, -k(1), version=version),
            services.line_leg(world.shopping, DEC, k(1)),
        ]

    read = LedgerAccount.objects.get(budget_line=world.display, month=DEC, campaign_line=None)
    transfer(legs(read.version))
    with pytest.raises(Conflict, match="has moved since") as refused:
        transfer(legs(read.version), "t2")
    assert refused.value.code == "stale"
    assert world.balance(world.display) == k(19)


def test_the_source_may_be_below_zero_and_says_what_was_put_into_plans(world: World) -> None:
    euros = LedgerAccount.objects.get(budget_line=None, currency="EUR")
    assert euros.balance_micros == -k(100 + 165 + 200 + 124 + 100)


def test_the_database_refuses_a_sum_that_is_not_zero(world: World) -> None:
    account = LedgerAccount.objects.filter(budget_line=world.shopping).earliest("pk")

    def write_by_hand() -> None:
        made = LedgerTransaction.objects.create(
            kind="plan", key="by hand", at=AT, actor_name="x", reason="x"
        )
        LedgerEntry.objects.create(
            transaction=made, account=account, amount_micros=1, balance_micros=1
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="does not sum to zero"), transaction.atomic():
        write_by_hand()


def test_the_database_refuses_an_overspent_line(world: World) -> None:
    with pytest.raises(IntegrityError, match="budgets_no_overspend"), transaction.atomic():
        LedgerAccount.objects.filter(budget_line=world.shopping).update(balance_micros=-1)


@pytest.mark.parametrize(
    "change",
    [
        lambda: LedgerEntry.objects.update(amount_micros=1),
        lambda: LedgerEntry.objects.all().delete(),
        lambda: LedgerTransaction.objects.update(reason="x"),
        lambda: LedgerTransaction.objects.filter(key="t1")._raw_delete("default"),
    ],
)
def test_the_ledger_is_never_changed(world: World, change: object) -> None:
    transfer(pair(world, 1))
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        change()  # type: ignore[operator]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["shopping", "display"]),
            st.sampled_from(["shopping", "display"]),
            st.sampled_from([NOV, DEC]),
            st.integers(min_value=1, max_value=k(60)),
        ),
        max_size=12,
    )
)
def test_any_history_conserves_money(world: World, moves: list[tuple[str, str, str, int]]) -> None:
    with transaction.atomic():
        for number, (giver, taker, month, micros) in enumerate(moves):
            legs = [
                services.line_leg(getattr(world, giver), month, -micros),
                services.line_leg(getattr(world, taker), month, micros),
            ]
            try:
                transfer(legs, f"random {number}")
            except (Conflict, Invalid):
                continue
        accounts = LedgerAccount.objects.filter(currency="EUR")
        assert accounts.aggregate(total=Sum("balance_micros"))["total"] == 0
        for account in accounts.annotate(moved=Sum("entries__amount_micros")):
            assert account.balance_micros == account.moved
            assert account.budget_line is None or account.balance_micros >= 0
        transaction.set_rollback(True)
