"""The same write sent over and over, and again after a crash: one effect, the same answer to the byte."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import Client

from campaigns.models import Campaign
from core.idempotency import IdempotencyKeys
from core.models import Event, IdempotencyKey
from tests.cast import Cast
from tests.drills.crowd import race
from tests.drills.sheet import counted, keep, size

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]
THREADS, ROUNDS = 16, size(4, 125)
URL = "/api/v1/campaigns/"


def send(cast: Cast, **headers: str) -> tuple[int, bytes]:
    client = Client()
    client.force_login(cast.manager)
    body = {"name": "Winter layers", "team": cast.dach.pk, "owner": cast.manager.pk}
    answer: Any = client.post(URL, body, content_type="application/json", headers=headers)
    return answer.status_code, answer.content


def test_replays_by_16_threads_have_one_effect_and_one_answer(cast: Cast) -> None:
    key = {"Idempotency-Key": "one"}
    # At the first moment only one of them may run; the others hear that it still does.
    first = [got for got in race([lambda: send(cast, **key)] * THREADS) if isinstance(got, tuple)]
    assert {status for status, _ in first} <= {201, 409}
    answers: set[Any] = set()
    for _ in counted(range(ROUNDS), ROUNDS, "rounds of 16 replays"):
        answers |= set(race([lambda: send(cast, **key)] * THREADS))
    assert {status for status, _ in answers} == {201}
    assert len(answers) == 1
    made = Campaign.objects.get(name="Winter layers")
    assert Event.objects.filter(action="campaign.created", subject_id=made.pk).count() == 1
    keep(
        "One API write sent again and again",
        did=f"{THREADS * ROUNDS:,} replays by {THREADS} threads",
        found="1 effect, answers equal to the byte",
        control="without a key the second answer is another",
    )


def test_the_control_without_a_key_answers_differently(cast: Cast) -> None:
    """The name exists already the second time: who lost the first answer never learns of it."""
    first, again = send(cast), send(cast)
    assert first[0] == 201
    assert again != first


def dies_before_answering(
    self: IdempotencyKeys, request: HttpRequest, get: Callable[[HttpRequest], HttpResponse]
) -> HttpResponse:
    """The process ends after the change and its answer were committed, before anything is sent."""
    get(request)
    os._exit(9)


def test_after_a_crash_between_commit_and_answer_the_answer_is_replayed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"Idempotency-Key": "crashed"}
    connections.close_all()
    child = os.fork()
    if child == 0:
        # Whatever happens, nothing of the parent's clean-up may run here.
        try:
            monkeypatch.setattr(
                IdempotencyKeys,
                "__call__",
                lambda self, request: dies_before_answering(self, request, self.get_response),
            )
            send(cast, **key)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WEXITSTATUS(status) == 9
    assert Campaign.objects.count() == 1
    status_again, _ = send(cast, **key)
    assert (status_again, Campaign.objects.count()) == (201, 1)
    assert IdempotencyKey.objects.get().status == 201
