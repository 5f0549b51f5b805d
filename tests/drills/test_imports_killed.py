"""Kill -9, cut connections and a full disk at every step of an import: all of it or nothing.

A step is a statement or a commit. Beside each disturbed import the same file goes, undisturbed,
to another team: facts, history, differences and roll-ups of the two must be the same in the end,
and in between those of before or after. The control writes row by row, as a script does.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections

from accounts.models import Team
from core.errors import AdroitError
from core.invariants import check_all
from integrations import services
from integrations.choices import RunState
from integrations.models import ImportRun
from metrics.models import Batch
from tests.cast import Cast
from tests.drills.crowd import killed_after
from tests.drills.sheet import bar, keep, size
from tests.integrations.files import HEADER, TODAY, line

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]
SEED = 20_261_122
IMPORTS = size(5, 200)
CAMPAIGNS, DAYS = 4, 10
FIRST_AT = datetime(2026, 11, 22, 6, tzinfo=UTC)
FULL_DISK = "DO $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"
Fault = Callable[[], None]


def content(number: int) -> bytes:
    """Two files in turn: campaigns never seen before, then the same restated, with days more."""
    rows = [
        line(day=f"2026-{10 + day // 28:02d}-{day % 28 + 1:02d}", campaign=f"Campaign {number // 2}-{n}",
             id=str(7000 + number // 2 * CAMPAIGNS + n), cost=f"{day + number}.{n:02d}", clicks=str(n + day + number))
        for n in range(CAMPAIGNS)
        for day in range(DAYS + number % 2)
    ]  # fmt: skip
    return (HEADER + "".join(rows)).encode()


@contextmanager
def struck(at: int, fault: Fault) -> Iterator[list[int]]:
    """Let ``fault`` happen before step ``at`` of what the block does; the steps are counted."""
    steps, wrapper = [0], _wrapper()
    commit = wrapper._commit

    def step() -> None:
        steps[0] += 1
        if steps[0] == at:
            fault()

    def executed(execute: Any, *statement: Any) -> Any:
        step()
        return execute(*statement)

    def committed() -> None:
        step()
        commit()

    wrapper._commit = committed
    try:
        with connection.execute_wrapper(executed):
            yield steps
    finally:
        del wrapper._commit


def _wrapper() -> Any:
    """The connection itself, whose way of committing has no hook."""
    return connections["default"]


def nothing() -> None:
    pass


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def full() -> None:
    """The server finds no room, as for a row or page it cannot place."""
    connection.connection.execute(FULL_DISK)


def cut(address: str) -> None:
    own = connection.connection.info.backend_pid
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [own])


class Disturber:
    """Does work until it is through, with one fault after the other on the way."""

    def __init__(self, address: str) -> None:
        self.dice = random.Random(SEED)
        self.address = address
        self.struck = {"kill": 0, "cut": 0, "full": 0, "moment": 0}

    def disturb(self, kind: str, work: Callable[[], object], at: int) -> None:
        """One attempt at ``work``, which a fault of ``kind`` meets at step ``at``."""
        if kind == "moment":
            self.struck[kind] += not killed_after(work, self.dice.uniform(0.005, 0.15))
        elif kind == "kill":
            self.struck[kind] += not killed_after(partial(under, work, at, kill), None)
        else:
            fault = full if kind == "full" else partial(cut, self.address)
            try:
                under(work, at, fault)
            except (DatabaseError, psycopg.Error, AdroitError):
                self.struck[kind] += 1
            connection.close()


def under(work: Callable[[], object], at: int, fault: Fault) -> int:
    """Work with a fault at a step; how many steps there were."""
    with struck(at, fault) as steps:
        work()
    return steps[0]


class Importer:
    """A team's way of bringing in its files: go on with what is open, else begin anew."""

    def __init__(self, team: Team, cast: Cast, folder: Path) -> None:
        self.team, self.actor = team, cast.manager.as_actor()
        self.folder = folder

    def bring(self, number: int) -> None:
        at = FIRST_AT + timedelta(minutes=number)
        run = self._open() or self._upload(number, at)
        reading = services.run_check(run, today=TODAY)
        services.run_import(run, actor=self.actor, at=at, today=TODAY, reading=reading)

    def _open(self) -> ImportRun | None:
        states = [RunState.UPLOADED, RunState.CHECKED]
        return ImportRun.objects.filter(team=self.team, state__in=states).first()

    def _upload(self, number: int, at: datetime) -> ImportRun:
        file = self.folder / "export.csv"
        file.write_bytes(content(number))
        return services.run_upload(
            team=self.team, file=file, name=file.name, actor=self.actor, at=at
        )

    def known(self) -> list[Any]:
        """Facts, history, differences and roll-ups, without the numbers of rows and teams."""
        with connection.cursor() as cursor:
            cursor.execute(KNOWN, {"team": self.team.pk})
            return list(cursor.fetchall())


# Each table's rows by the names of their lines, as one fingerprint.
KNOWN = " UNION ALL ".join(
    f"SELECT '{table}', count(*), md5(string_agg(said, '|' ORDER BY said)) FROM ("
    "SELECT l.name || (to_jsonb(t) - '{id,line_id,batch_id,ended_by_id,source}'::text[])::text AS said"
    f" FROM {table} t JOIN campaigns_campaignline l ON l.id = t.line_id"
    " JOIN campaigns_campaign c ON c.id = l.campaign_id WHERE c.team_id = %(team)s) rows"
    for table in (
        "metrics_fact", "metrics_factrevision", "metrics_lineday", "metrics_segmentday",
        "metrics_linedaydelta", "metrics_batchline",
    )
) + (
    " UNION ALL SELECT 'channels', count(*), md5(string_agg(said, '|' ORDER BY said)) FROM ("
    "SELECT (to_jsonb(t) - '{id,team_id}'::text[])::text AS said FROM metrics_channelday t"
    " WHERE t.team_id = %(team)s) rows"
)  # fmt: skip


def test_an_import_is_whole_or_not_there_whatever_dies(
    cast: Cast, database_url: str, tmp_path: Path
) -> None:
    calm, hit = (Importer(team, cast, tmp_path) for team in (cast.uk, cast.dach))
    disturber = Disturber(database_url)
    kinds = list(disturber.struck)
    for number in range(IMPORTS):
        bar(number + 1, IMPORTS, f"imports, {sum(disturber.struck.values())} faults")
        before = hit.known()
        steps = under(partial(calm.bring, number), 0, nothing)
        after = calm.known()
        for kind in [*kinds[number % 4 :], *kinds[: number % 4]]:
            disturber.disturb(kind, partial(hit.bring, number), 1 + number * steps // IMPORTS)
            assert hit.known() in (before, after), (number, kind)
        hit.bring(number)
        assert hit.known() == after, number
    assert Batch.objects.count() == 2 * IMPORTS
    assert not ImportRun.objects.exclude(state__in=[RunState.IMPORTED, RunState.UNCHANGED]).exists()
    assert [held for held in check_all() if not held.is_kept] == []
    assert min(disturber.struck.values()) > IMPORTS // 2, disturber.struck
    keep(
        "Imports under kill -9, cut connections and a full disk",
        did=f"{IMPORTS} imports, {_told(disturber.struck)}, seed {SEED}",
        found="0 partial, 0 doubled; facts, history and roll-ups as of undisturbed imports",
        control="see “The same written row by row”",
    )


def _told(struck: dict[str, int]) -> str:
    kills = struck["kill"] + struck["moment"]
    return f"{kills} kills, {struck['cut']} connections cut, {struck['full']} times no space"


@pytest.fixture
def scratch() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE drill_rows (said text)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE drill_rows")


def naive(number: int) -> None:
    """The rows of a file, each written at once."""
    for row in content(number).splitlines()[1:]:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO drill_rows VALUES (%s)", [row.decode()])


@pytest.mark.parametrize("kind", ["kill", "cut", "full"])
def test_the_control_that_writes_row_by_row_is_partial_and_doubles(
    scratch: None, database_url: str, kind: str
) -> None:
    rows = len(content(0).splitlines()) - 1
    Disturber(database_url).disturb(kind, partial(naive, 0), rows // 2)
    in_between = _stored()
    naive(0)
    keep(
        "The same written row by row",
        did="one import, hit in the middle and begun anew",
        found=f"{in_between} of {rows} rows in between, {_stored()} in the end",
        control="this is the control",
    )
    assert 0 < in_between < rows, "the faults show nothing: the control did not break"
    assert _stored() > rows


def _stored() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM drill_rows")
        (count,) = cursor.fetchone()
    return int(count)
