"""One event per change, in its transaction, signed when written and sealed in a chain afterwards."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import events
from core.events import AUTOMATION, SYSTEM, Actor
from core.models import Event, EventSeal, Organisation

AT = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
PRIYA = Actor("Priya Nair", 7)


def rename(name: str, **more: Any) -> Event:
    """Change the organisation and record it."""
    organisation = Organisation.current()
    before, organisation.name = organisation.name, name
    organisation.save()
    return events.record(
        actor=PRIYA,
        action="organisation.renamed",
        subject=organisation,
        at=AT,
        before={"name": before},
        after={"name": name},
        **more,
    )


@transaction.atomic
def rename_and_fail() -> None:
    rename("Never")
    raise RuntimeError


@pytest.mark.django_db
def test_an_event_says_who_did_what_to_what_when_and_why() -> None:
    event = rename("Tarn & Fell", reason="We merged.", team_path="0001/", is_security=True)
    event.refresh_from_db()
    assert (event.actor_name, event.actor_id, event.actor_kind) == ("Priya Nair", 7, "person")
    assert (event.action, event.subject_label) == ("organisation.renamed", "Tarn & Fell")
    assert (event.subject_type, event.subject_id) == ("core.organisation", "1")
    assert (event.before, event.after) == ({"name": "My organisation"}, {"name": "Tarn & Fell"})
    assert (event.at, event.reason, event.team_path) == (AT, "We merged.", "0001/")
    assert event.is_security


@pytest.mark.django_db
def test_change_and_event_come_and_go_together() -> None:
    with pytest.raises(RuntimeError):
        rename_and_fail()
    assert Organisation.current().name == "My organisation"
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_a_change_whose_event_cannot_be_written_does_not_happen() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        rename("Never", team_path="x" * 201)
    assert Organisation.current().name == "My organisation"


@pytest.mark.django_db(transaction=True)
def test_listeners_hear_of_a_change_when_and_only_when_it_commits() -> None:
    database = connection.get_connection_params()
    keys = {"dbname", "user", "password", "host", "port"}
    address = {key: value for key, value in database.items() if key in keys}
    with psycopg.connect(**address, autocommit=True) as listener:
        listener.execute(f"LISTEN {events.CHANNEL}")
        with pytest.raises(RuntimeError):
            rename_and_fail()
        event = rename("Heard", live=["alerts", "campaign:12"])
        heard = [json.loads(one.payload) for one in listener.notifies(timeout=2, stop_after=1)]
    assert [one["id"] for one in heard] == [event.pk]
    assert heard[0]["subjects"] == ["organisation:1", "organisations", "alerts", "campaign:12"]


class Mood(StrEnum):
    CALM = "calm"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Decimal("1E+2"), "100"),
        (Decimal("0.10"), "0.10"),
        (0.1, "0.1"),
        (date(2026, 2, 3), "2026-02-03"),
        (AT, "2026-11-22T09:30:15.123456+00:00"),
        (Mood.CALM, "calm"),
        ({1: (1, Decimal("2.5"))}, {"1": [1, "2.5"]}),
        (2**63, 2**63),
        (True, True),
        (None, None),
    ],
)
def test_values_are_kept_without_loss(value: Any, kept: Any) -> None:
    assert events.plain(value) == kept


def test_the_canonical_form_is_fixed() -> None:
    event = Event(
        id=5, at=AT, actor_kind="person", actor_id=7, actor_name="Zoë", action="line.moved",
        subject_type="budgets.budgetline", subject_id="3", subject_label="DACH search",
        team_path="0001/", before={"b": 1, "a": None}, after={"amount": Decimal("1.50")},
        reason="", is_security=False,
    )  # fmt: skip
    assert events.canonical(event).decode() == (
        '{"action":"line.moved","actor_id":7,"actor_kind":"person","actor_name":"Zoë",'
        '"after":{"amount":"1.50"},"at":"0x1.ac0ad89c7e6b4p+30","before":{"a":null,"b":1},'
        '"id":5,"is_security":false,"reason":"","subject_id":"3","subject_label":"DACH search",'
        '"subject_type":"budgets.budgetline","team_path":"0001/"}'
    )


@pytest.mark.parametrize("hours", [-11, 0, 5.75, 14])
def test_the_same_moment_in_another_zone_signs_the_same(hours: float) -> None:
    there = AT.astimezone(timezone(timedelta(hours=hours)))
    assert events.canonical(Event(at=there)) == events.canonical(Event(at=AT))


# What PostgreSQL cannot hold in text: NUL and lone surrogates.
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.dates(), texts
)
contents = st.dictionaries(
    texts, st.recursive(leaves, lambda inner: st.lists(inner, max_size=3), max_leaves=5), max_size=4
)


@pytest.mark.django_db
@given(contents, texts)
@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
def test_what_is_read_back_signs_as_what_was_written(content: dict[str, Any], reason: str) -> None:
    written = rename("Round", live=[], reason=reason)
    event = events.record(
        actor=AUTOMATION, action="x.y", subject=written, at=AT, after=content, reason=reason
    )
    again = Event.objects.get(pk=event.pk)
    assert events.signature(again) == event.signature == again.signature


@pytest.mark.django_db
def test_sealing_adds_every_event_once_and_in_order() -> None:
    made = [rename(f"Name {n}").pk for n in range(7)]
    assert events.seal(at=AT, batch=3) == 7
    assert events.seal(at=AT) == 0
    made += [rename("Late").pk]
    assert events.seal(at=AT) == 1
    seals = list(EventSeal.objects.values_list("position", "event_id"))
    assert seals == list(enumerate(made, 1))
    assert events.verify(events.head()) == []


@pytest.mark.django_db
def test_each_digest_covers_the_one_before() -> None:
    for n in range(3):
        rename(f"Name {n}")
    events.seal(at=AT)
    digests = list(EventSeal.objects.values_list("digest", flat=True))
    previous = events.GENESIS
    for event, digest in zip(Event.objects.order_by("id"), digests, strict=True):
        assert digest == events._digest(previous, event)
        previous = digest
    assert events.head() == events.Head(3, previous)


@pytest.mark.django_db
def test_an_empty_trail_is_whole() -> None:
    assert events.head() == events.Head(0, events.GENESIS)
    assert events.verify() == []


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["core_event", "core_eventseal"])
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {}",
        "UPDATE core_event SET reason = 'other'",
        "UPDATE core_eventseal SET digest = 'other'",
        "TRUNCATE {} CASCADE",
    ],
)
def test_the_database_refuses_to_change_or_delete_the_trail(table: str, statement: str) -> None:
    rename("Kept")
    events.seal(at=AT)
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        run_outside_of_tests(statement.format(table))
    assert Event.objects.get().reason == ""
    assert events.verify() == []


@transaction.atomic
def run_outside_of_tests(statement: str) -> None:
    """Run SQL as in production, where even emptying a whole table is refused."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL adroit.may_truncate = off; SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


@pytest.mark.django_db
def test_the_product_itself_cannot_change_or_delete_an_event() -> None:
    event = rename("Kept")
    event.reason = "other"
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        event.delete()


def test_the_system_and_the_automation_are_no_people() -> None:
    assert (SYSTEM.id, SYSTEM.kind) == (None, "system")
    assert (AUTOMATION.id, AUTOMATION.kind) == (None, "automation")
