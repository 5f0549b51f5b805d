"""The trail against its own database: what somebody changes with SQL is found and located.

Every mutation is made as the database's owner with all triggers off, looked for, and
rolled back. Controls: an untouched trail raises nothing, and a check of numbers and
order alone misses most of the same mutations, so they are real and the test can fail.
"""

import hashlib
import hmac
import io
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core import anchors, events, tasks
from core.events import Actor, Breach, Head
from core.models import Event, EventSeal, Organisation
from tests.drills.sheet import keep

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
LENGTH = 40
UNSEALED = 6
ROUNDS = 500
Located = set[tuple[str, int]]


@pytest.fixture
def trail(db: None) -> Head:
    """Forty sealed events and six that wait; the head that was kept elsewhere."""
    organisation = Organisation.current()
    for number in range(LENGTH + UNSEALED):
        if number == LENGTH:
            events.seal(at=AT)
        events.record(
            actor=Actor(f"Person {number % 5}", number % 5),
            action="line.moved" if number % 2 else "line.approved",
            subject=organisation,
            at=AT + timedelta(minutes=number),
            before={"amount": number},
            after={"amount": number + 1},
            reason=f"because {number}",
        )
    return events.head()


@contextmanager
def as_owner() -> Iterator[Callable[..., None]]:
    """SQL with triggers and foreign keys off; everything is undone at the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor.execute
        transaction.set_rollback(True)


class Intruder:
    """Changes the trail at random places and says which rows must be named."""

    def __init__(self, execute: Callable[..., None], dice: random.Random) -> None:
        self.execute = execute
        self.dice = dice

    def event(self) -> int:
        return self.dice.choice(list(Event.objects.values_list("pk", flat=True)))

    def seal(self, last: int = LENGTH) -> EventSeal:
        return EventSeal.objects.get(position=self.dice.randint(1, last))

    def change_a_field(self) -> Located:
        event = self.event()
        column, value = self.dice.choice(
            [
                ("reason", "another"), ("actor_name", "Nobody"), ("actor_id", 999),
                ("actor_kind", "system"), ("action", "line.rejected"), ("subject_id", "77"),
                ("subject_label", "Other"), ("subject_type", "a.b"), ("team_path", "0009/"),
                ("is_security", True), ("after", '{"amount": 1000000}'), ("before", None),
                ("at", AT + timedelta(days=3)), ("signature", "0" * 64),
            ]
        )  # fmt: skip
        self.execute(f"UPDATE core_event SET {column} = %s WHERE id = %s", [value, event])
        return {("event", event)}

    def renumber(self) -> Located:
        event = self.event()
        self.execute("UPDATE core_event SET id = id + 100000 WHERE id = %s", [event])
        self.execute(
            "UPDATE core_eventseal SET event_id = event_id + 100000 WHERE event_id = %s", [event]
        )
        return {("event", event + 100_000)}

    def delete_row_and_seal(self) -> Located:
        seal = self.seal(LENGTH - 1)
        self.execute("DELETE FROM core_eventseal WHERE position = %s", [seal.position])
        self.execute("DELETE FROM core_event WHERE id = %s", [seal.event_id])
        return {("position", seal.position)}

    def delete_row(self) -> Located:
        seal = self.seal()
        self.execute("DELETE FROM core_event WHERE id = %s", [seal.event_id])
        return {("event", seal.event_id)}

    def delete_seal(self) -> Located:
        seal = self.seal(LENGTH - 1)
        self.execute("DELETE FROM core_eventseal WHERE position = %s", [seal.position])
        return {("position", seal.position)}

    def delete_and_close_the_gap(self) -> Located:
        seal = self.seal(LENGTH - 1)
        after = EventSeal.objects.get(position=seal.position + 1)
        self.delete_at(seal)
        self.execute(
            "UPDATE core_eventseal SET position = position - 1 WHERE position > %s", [seal.position]
        )
        return {("event", after.event_id)}

    def delete_at(self, seal: EventSeal) -> None:
        self.execute("DELETE FROM core_eventseal WHERE position = %s", [seal.position])
        self.execute("DELETE FROM core_event WHERE id = %s", [seal.event_id])

    def cut_the_tail(self) -> Located:
        keep = self.dice.randint(0, LENGTH - 1)
        ids = EventSeal.objects.filter(position__gt=keep).values_list("event_id", flat=True)
        for event in list(ids):
            self.execute("DELETE FROM core_eventseal WHERE event_id = %s", [event])
            self.execute("DELETE FROM core_event WHERE id = %s", [event])
        return {("position", LENGTH)}

    def swap_rows(self) -> Located:
        one, other = self.dice.sample(list(Event.objects.values_list("pk", flat=True)), 2)
        for old, new in ((one, -1), (other, one), (-1, other)):
            self.execute("UPDATE core_event SET id = %s WHERE id = %s", [new, old])
        return {("event", one), ("event", other)}

    def swap_seals(self) -> Located:
        one, other = self.dice.sample(range(1, LENGTH + 1), 2)
        seals = EventSeal.objects.in_bulk([one, other])
        for old, new in ((one, -1), (other, one), (-1, other)):
            self.execute("UPDATE core_eventseal SET position = %s WHERE position = %s", [new, old])
        return {("event", seals[one].event_id), ("event", seals[other].event_id)}

    def change_a_digest(self) -> Located:
        seal = self.seal()
        self.execute(
            "UPDATE core_eventseal SET digest = %s WHERE position = %s", ["f" * 64, seal.position]
        )
        return {("event", seal.event_id)}

    def insert(self, signature: str = "signature") -> Located:
        new, source = 500_000, self.event()
        self.execute(
            "INSERT INTO core_event (id, at, actor_kind, actor_id, actor_name, action, "
            "subject_type, subject_id, subject_label, team_path, before, after, reason, "
            f"is_security, signature) SELECT %s, at, actor_kind, actor_id, actor_name, action, "
            "subject_type, subject_id, subject_label, team_path, before, after, reason, "
            f"is_security, {signature} FROM core_event WHERE id = %s",
            [new, source],
        )
        return {("event", new)}

    def insert_with_a_made_up_signature(self) -> Located:
        return self.insert(f"'{self.dice.getrandbits(256):064x}'")

    def insert_and_let_it_be_sealed(self) -> Located:
        found = self.insert()
        events.seal(at=AT)
        return found

    def change_and_rewrite_the_chain(self) -> Located:
        """As somebody who knows the method but not the key."""
        seal = self.seal()
        self.execute("UPDATE core_event SET reason = 'x' WHERE id = %s", [seal.event_id])
        self.sign(seal.event_id, b"not the key")
        self.rewrite()
        return {("event", seal.event_id)}

    def rewrite_everything_with_the_key(self) -> Located:
        """As somebody who has the key too: only the head kept elsewhere can tell."""
        seal = self.seal()
        self.execute("UPDATE core_event SET reason = 'x' WHERE id = %s", [seal.event_id])
        self.sign(seal.event_id, None)
        self.rewrite()
        return {("position", LENGTH)}

    def sign(self, event_id: int, key: bytes | None) -> None:
        event = Event.objects.get(pk=event_id)
        text = events.canonical(event)
        signed = hmac.new(key, text, hashlib.sha256).hexdigest() if key else events.signature(event)
        self.execute("UPDATE core_event SET signature = %s WHERE id = %s", [signed, event_id])

    def rewrite(self) -> None:
        digest = events.GENESIS
        for seal in EventSeal.objects.select_related("event"):
            digest = events._digest(digest, seal.event)
            self.execute(
                "UPDATE core_eventseal SET digest = %s WHERE position = %s", [digest, seal.position]
            )


WAYS = [
    "change_a_field", "change_a_field", "change_a_field", "renumber", "delete_row_and_seal",
    "delete_row", "delete_seal", "delete_and_close_the_gap", "cut_the_tail", "swap_rows",
    "swap_seals", "change_a_digest", "insert", "insert_with_a_made_up_signature",
    "insert_and_let_it_be_sealed", "change_and_rewrite_the_chain",
    "rewrite_everything_with_the_key",
]  # fmt: skip


def places(breaches: list[Breach]) -> Located:
    events_named = {("event", one.event_id) for one in breaches if one.event_id is not None}
    return events_named | {("position", one.position) for one in breaches if one.position}


def looks_whole(anchor: Head) -> bool:
    """The control: numbers and order alone, as a trail without signatures could be checked."""
    positions = list(EventSeal.objects.values_list("position", flat=True))
    return positions == list(range(1, anchor.position + 1)) and (
        Event.objects.count() == LENGTH + UNSEALED
    )


@pytest.mark.drill
def test_500_changes_of_the_database_are_found_and_located(trail: Head) -> None:
    dice = random.Random(20_261_122)
    missed: list[str] = []
    missed_by_control = 0
    for number in range(ROUNDS):
        way = WAYS[number % len(WAYS)]
        with as_owner() as execute:
            wanted = getattr(Intruder(execute, dice), way)()
            if not wanted <= places(events.verify(trail)):
                missed.append(f"{number} {way} {wanted}")
            missed_by_control += looks_whole(trail)
        assert looks_whole(trail)
    assert missed == []
    assert missed_by_control > ROUNDS / 3
    assert events.verify(trail) == []
    keep(
        "The trail changed with SQL",
        did=f"{ROUNDS} changes, cuts, swaps, insertions and rewrites",
        found=f"{ROUNDS} found and located",
        control=f"looking at numbers and order alone misses {missed_by_control}",
    )


def test_rows_that_nobody_touched_are_not_accused(trail: Head) -> None:
    dice = random.Random(7)
    for _ in range(60):
        with as_owner() as execute:
            wanted = Intruder(execute, dice).change_a_field()
            named = {one.event_id for one in events.verify(trail)}
        assert {("event", event) for event in named} == wanted


def test_without_the_kept_head_a_cut_tail_passes_and_with_it_not(trail: Head) -> None:
    with as_owner() as execute:
        Intruder(execute, random.Random(1)).cut_the_tail()
        assert events.verify() == []
        assert [one.what for one in events.verify(trail)] == [events.CUT]


def test_without_the_kept_head_a_rewrite_with_the_key_passes_and_with_it_not(trail: Head) -> None:
    with as_owner() as execute:
        Intruder(execute, random.Random(1)).rewrite_everything_with_the_key()
        assert events.verify() == []
        assert [one.what for one in events.verify(trail)] == [events.REWRITTEN]


def test_a_row_written_by_another_installation_is_not_genuine(
    trail: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "AUDIT_KEY", "another key")
    assert len(events.verify(trail)) == LENGTH + UNSEALED


# The commands


def verify_audit(*arguments: str) -> dict[str, object]:
    """What `verify_audit --json` prints; raises CommandError when it exits with 1."""
    out = io.StringIO()
    try:
        call_command("verify_audit", *arguments, "--json", stdout=out)
    finally:
        result: dict[str, object] = json.loads(out.getvalue())
    return result


def test_the_commands_keep_a_head_and_check_against_it(trail: Head, tmp_path: Path) -> None:
    kept, out = tmp_path / "elsewhere" / "anchor.jsonl", io.StringIO()
    call_command("seal_audit", "--anchor", str(kept), "--json", stdout=out)
    assert json.loads(out.getvalue())["sealed"] == UNSEALED
    call_command("seal_audit", "--anchor", str(kept), stdout=out)
    assert [head.position for head in anchors.read(kept)] == [LENGTH + UNSEALED]
    result = verify_audit("--anchor", str(kept))
    assert result["whole"] is True
    assert result["events"] == LENGTH + UNSEALED


def test_verify_audit_fails_and_names_the_row(trail: Head, tmp_path: Path) -> None:
    kept = tmp_path / "anchor.jsonl"
    anchors.keep(kept, trail, at=AT)
    out = io.StringIO()
    with as_owner() as execute:
        ((_, event),) = Intruder(execute, random.Random(3)).change_a_field()
        with pytest.raises(CommandError, match="1 breaches") as failed:
            call_command("verify_audit", "--anchor", str(kept), stdout=out)
    assert failed.value.returncode == 1
    assert f"event {event}: {events.FORGED}" in out.getvalue()
    out = io.StringIO()
    call_command("verify_audit", stdout=out)
    assert "The trail is whole" in out.getvalue()


def test_heads_are_appended_and_every_one_is_checked(trail: Head, tmp_path: Path) -> None:
    kept = tmp_path / "anchor.jsonl"
    assert anchors.keep(kept, trail, at=AT)
    assert not anchors.keep(kept, trail, at=AT)
    events.seal(at=AT)
    assert anchors.keep(kept, events.head(), at=AT)
    assert anchors.read(kept) == [trail, events.head()]
    assert events.verify(*anchors.read(kept)) == []


def test_the_head_goes_by_mail_and_the_saved_mail_is_an_anchor(
    trail: Head, tmp_path: Path, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    settings.AUDIT_ANCHOR = str(tmp_path / "anchor.jsonl")
    settings.AUDIT_ANCHOR_MAIL = ["auditor@elsewhere.example"]
    tasks.seal_events(now=AT)
    tasks.seal_events(now=AT + timedelta(hours=1))
    (sent,) = mailoutbox
    assert sent.to == ["auditor@elsewhere.example"]
    saved = tmp_path / "saved.eml"
    saved.write_bytes(sent.message().as_bytes())
    with as_owner() as execute:
        Intruder(execute, random.Random(1)).rewrite_everything_with_the_key()
        with pytest.raises(CommandError, match="breaches"):
            call_command("verify_audit", "--anchor", str(saved), stdout=io.StringIO())


@pytest.mark.parametrize("text", ["not json", "[]", '{"position": 3}', '{"position": "x"}'])
def test_a_file_that_is_no_anchor_is_refused(db: None, tmp_path: Path, text: str) -> None:
    wrong = tmp_path / "anchor.jsonl"
    wrong.write_text(text)
    with pytest.raises(CommandError, match="not an anchor file") as failed:
        call_command("verify_audit", "--anchor", str(wrong))
    assert failed.value.returncode == 2


def test_an_anchor_file_that_is_missing_is_refused(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_audit", "--anchor", str(tmp_path / "none"))
