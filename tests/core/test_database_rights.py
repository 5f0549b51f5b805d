"""The role of pages and jobs: it does the work of the product, and cannot rewrite history."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from psycopg import errors

from approvals.services import request_execute
from core import events
from core.models import Event, Organisation
from tests.budgets.world import AT, DEC, World, create_world, decide, k, move
from tests.cast import Cast

ROLE = "adroit_app_of_tests"
HISTORY = [
    "core_event", "core_eventseal", "budgets_ledgertransaction", "budgets_ledgerentry",
    "budgets_holdingentry", "approvals_decision", "approvals_execution", "approvals_policy",
]  # fmt: skip
REWRITES = ["DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {} CASCADE"]


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)


@contextmanager
def as_app() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLE}")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


@pytest.fixture
def rights(db: None) -> str:
    out = io.StringIO()
    call_command("database_rights", ROLE, stdout=out)
    return out.getvalue()


def test_every_table_of_history_is_found(rights: str) -> None:
    assert [table for table in HISTORY if table not in rights] == []


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize("rewrite", REWRITES)
def test_history_cannot_be_rewritten(rights: str, table: str, rewrite: str) -> None:
    statement = rewrite.format(table)
    if table == "core_eventseal":
        statement = statement.replace("id = id", "position = position")
    with as_app():
        # With the triggers of the table off, so that the grant alone is what refuses.
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            connection.cursor().execute(statement)
        assert isinstance(refused.value.__cause__, errors.InsufficientPrivilege)


def test_the_triggers_cannot_be_switched_off(rights: str) -> None:
    with as_app(), pytest.raises(DatabaseError, match="must be owner"), transaction.atomic():
        connection.cursor().execute("ALTER TABLE core_event DISABLE TRIGGER ALL")


def test_the_owner_is_no_role_for_pages(db: None) -> None:
    with pytest.raises(CommandError, match="owns the tables"):
        call_command("database_rights", connection.settings_dict["USER"])


def test_the_work_of_the_product_goes_on(world: World, cast: Cast, rights: str) -> None:
    with as_app():
        request = decide(move(world, cast.manager, 1), cast.director)
        assert request_execute(request=request, at=AT).state == "executed"
        events.record(
            actor=events.SYSTEM, action="a.b", subject=Organisation.current(), at=AT, after={}
        )
        assert events.seal(at=AT) == Event.objects.count()
    assert world.balance(world.display, DEC, world.winter_display) == k(79)
