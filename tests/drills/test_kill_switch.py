"""The kill switch in the middle of a batch: after it was thrown, nothing is carried out any more.

The control asks the switch before it begins and not where it acts, and so goes on a little.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from accounts.models import Team
from approvals.models import ChangeRequest, Execution
from approvals.services import register_action, request_execute
from core import killswitch
from core.invariants import check_all
from core.models import Organisation
from tests.approvals.actions import AT, Rename, ask, decide
from tests.cast import Cast
from tests.drills.sheet import counted, keep, size

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]
QUEUED, PRESSED_AT, WORKERS = size(60, 1_000), size(20, 300), 4
MOMENT = 0.02

Work = Callable[[ChangeRequest], object]


def approved(cast: Cast, how_many: int) -> list[ChangeRequest]:
    """Approved requests, each for a team of its own: all of them could be carried out."""
    register_action(Rename())
    Organisation.objects.get_or_create(pk=1)
    teams = [Team.plant(f"Team {n}", cast.dach) for n in range(how_many)]
    return [
        decide(ask(cast.manager, team, name=f"New {team}"), cast.director)
        for team in counted(teams, how_many, "requests approved")
    ]


def run(queue: Iterator[ChangeRequest], work: Work, lock: threading.Lock) -> None:
    """A worker: the next request, until there is none."""
    try:
        while True:
            with lock:
                request = next(queue, None)
            if request is None:
                return
            work(request)
    finally:
        connection.close()


def batch(requests: list[ChangeRequest], work: Work, done: Callable[[], int]) -> tuple[int, int]:
    """Let workers do all of it and throw the switch in the middle: (done by then, done in the end)."""
    lock, queue = threading.Lock(), iter(requests)
    workers = [threading.Thread(target=run, args=(queue, work, lock)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    while done() < PRESSED_AT:
        time.sleep(0.002)
    assert killswitch.throw(actor=requests[0].requested_by.as_actor(), reason="Drill", at=AT)
    then = done()
    for worker in workers:
        worker.join()
    return then, done()


def test_nothing_is_carried_out_after_the_switch(cast: Cast) -> None:
    requests = approved(cast, QUEUED)
    then, finally_ = batch(
        requests, lambda asked: request_execute(request=asked, at=AT), Execution.objects.count
    )
    assert PRESSED_AT <= then == finally_ < QUEUED
    states = list(ChangeRequest.objects.values_list("state", flat=True))
    assert (states.count("executed"), states.count("stale")) == (then, QUEUED - then)
    noted = ChangeRequest.objects.filter(outcome_note__contains="stopped everything").count()
    assert noted == QUEUED - then
    assert [held for held in check_all() if not held.is_kept] == []
    keep(
        "Kill switch in mid-batch",
        did=f"{QUEUED:,} actions queued, pressed after {then}",
        found=f"0 after the press, {QUEUED - then} cancelled by the switch",
        control="asking before instead of while acting goes on",
    )


def test_the_control_that_asks_before_it_acts_goes_on(cast: Cast) -> None:
    requests = approved(cast, QUEUED)
    asked: list[int] = []

    def naive(request: ChangeRequest) -> None:
        if Organisation.objects.get().stopped_at is not None:
            return
        time.sleep(MOMENT)
        asked.append(request.pk)

    then, finally_ = batch(requests, naive, lambda: len(asked))
    assert finally_ > then, "the drill shows nothing: the control did not break"
