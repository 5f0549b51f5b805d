"""The promises hold after ordinary work, and every kind of breach is found and named."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core.invariants import check_all
from tests.budgets.world import DEC, NOV, World, decide, execute, move, plan
from tests.cast import Cast
from tests.world import load_steady


@pytest.fixture
def busy(world: World, cast: Cast) -> World:
    """A world in which something was moved, refused, asked for and measured."""
    execute(decide(move(world, cast.manager, 4), cast.director))
    decide(move(world, cast.manager, 3), cast.executive, "reject", reason="No")
    stale = decide(move(world, cast.manager, 2), cast.executive)
    plan(world.shopping, DEC, 160, world.winter_shopping)
    execute(stale)
    move(world, cast.manager, 2)
    decide(move(world, cast.director, 1), cast.executive)
    load_steady(world.winter_shopping, f"{NOV}-01", 5, spend="10.50", clicks=3)
    return world


def broken() -> dict[str, list[str]]:
    return {held.promise: list(held.breaches) for held in check_all() if not held.is_kept}


def around_the_rules(statement: str) -> None:
    """What somebody with the database in hand could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_everything_holds_after_ordinary_work(busy: World) -> None:
    assert broken() == {}
    assert len(check_all()) >= 17


ANY_LINE = "(SELECT min(id) FROM budgets_ledgeraccount WHERE budget_line_id IS NOT NULL)"
EXECUTED = "(SELECT id FROM approvals_changerequest WHERE state = 'executed' LIMIT 1)"
LAST_ENTRY = "(SELECT max(id) FROM budgets_ledgerentry)"
GRETAS = (
    "(SELECT d.step_id FROM approvals_decision d JOIN accounts_user u ON u.id = d.user_id"
    " WHERE u.name = 'Greta Holm')"
)
BREACHES = {
    "Every ledger transaction sums to zero": (
        f"UPDATE budgets_ledgerentry SET amount_micros = amount_micros + 1 WHERE id = {LAST_ENTRY}"
    ),
    "Every currency sums to zero": (
        f"UPDATE budgets_ledgeraccount SET balance_micros = balance_micros + 5 WHERE id = {ANY_LINE}"
    ),
    "A balance is the sum of its entries": (
        f"UPDATE budgets_ledgeraccount SET balance_micros = balance_micros + 5 WHERE id = {ANY_LINE}"
    ),
    "A version counts the entries": (
        f"UPDATE budgets_ledgeraccount SET version = version + 1 WHERE id = {ANY_LINE}"
    ),
    "Every entry carries the balance after it": (
        f"UPDATE budgets_ledgerentry SET balance_micros = balance_micros + 1 WHERE id = {LAST_ENTRY}"
    ),
    "What was carried out moved once": (
        "UPDATE budgets_ledgertransaction SET request_id = NULL WHERE request_id IS NOT NULL"
    ),
    "What moved was carried out": (
        f"UPDATE approvals_changerequest SET state = 'rejected' WHERE id = {EXECUTED}"
    ),
    "Carried out means once": "DELETE FROM approvals_execution",
    "Carried out as decided": "UPDATE approvals_execution SET content_hash = repeat('0', 64)",
    "Nobody decided what they touched": (
        "UPDATE approvals_decision d SET user_id = r.requested_by_id"
        " FROM approvals_step s, approvals_changerequest r"
        " WHERE s.id = d.step_id AND r.id = s.request_id AND r.state = 'executed'"
    ),
    "Nobody decided twice": (
        'UPDATE approvals_step SET revision = 1, "order" = id,'
        f" request_id = (SELECT min(request_id) FROM approvals_step WHERE id IN {GRETAS})"
        f" WHERE id IN {GRETAS}"
    ),
    "Approved means every step was": (
        "UPDATE approvals_decision d SET outcome = 'recommend' FROM approvals_step s"
        f" WHERE s.id = d.step_id AND s.request_id = {EXECUTED}"
    ),
    "What is approved will be carried out": (
        "DELETE FROM core_outboxitem WHERE kind = 'approvals.execute'"
    ),
    "A line's day is the sum of its facts": (
        "UPDATE metrics_lineday SET spend = spend + 1"
        " WHERE day = (SELECT min(day) FROM metrics_lineday)"
    ),
    "A segment's day is the sum of its facts": (
        "DELETE FROM metrics_segmentday WHERE day = (SELECT min(day) FROM metrics_segmentday)"
    ),
    "A channel's day is the sum of its lines": (
        "UPDATE metrics_channelday SET clicks = NULL"
        " WHERE day = (SELECT min(day) FROM metrics_channelday)"
    ),
}


def test_every_breach_is_found(busy: World) -> None:
    missed = []
    for promise, statement in BREACHES.items():
        with transaction.atomic():
            around_the_rules(statement)
            if not broken().get(promise):
                missed.append(promise)
            transaction.set_rollback(True)
    assert missed == []
    assert broken() == {}


def test_an_overspent_line_is_found_although_the_database_refuses_it(busy: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE budgets_ledgeraccount DROP CONSTRAINT budgets_no_overspend")
        cursor.execute(
            f"UPDATE budgets_ledgeraccount SET balance_micros = -1 WHERE id = {ANY_LINE}"
        )
    assert broken()["No line holds less than nothing"]


def test_the_command_says_so_and_fails(busy: World) -> None:
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert "BROKEN" not in out.getvalue()
    around_the_rules("DELETE FROM approvals_execution")
    with pytest.raises(CommandError, match="1 of") as failed:
        call_command("check_invariants", stdout=(out := StringIO()))
    assert failed.value.returncode == 1
    assert "BROKEN  Carried out means once" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("check_invariants", json=True, stdout=(out := StringIO()))
    told = json.loads(out.getvalue())
    assert told["kept"] is False
    assert [c["promise"] for c in told["checks"] if c["breaches"]] == ["Carried out means once"]
