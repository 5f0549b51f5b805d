"""Whatever people do in whatever order: nobody decides what they touched, and only what was approved happens.

A model beside the product keeps who touched what and who may decide; the product must
agree with it after every step.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.choices import Role
from accounts.models import Membership, Team, User
from approvals import services
from approvals.choices import FINAL_STATES, Outcome, RequestState
from approvals.models import ChangeRequest, Contributor, Decision
from core.errors import Conflict, Invalid, NotAllowed
from core.invariants import check_all
from tests.approvals.actions import ADDING, AT, RENAME
from tests.cast import Cast

# More with ADROIT_STORIES=10000.
SEQUENCES, STEPS = int(os.environ.get("ADROIT_STORIES", "40")), 22
ROLES = (Role.DIRECTOR, Role.MANAGER, Role.EXECUTIVE, Role.ANALYST, Role.AUDITOR)


class Story:
    """One random history of one request, and what the model knows of it."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.dice = random.Random(seed)
        self.cast = cast
        self.people = [u for u in cast.all() if u.pk != cast.nobody.pk]
        self.touched: set[int] = set()
        self.request: ChangeRequest | None = None
        self.clock = AT

    def play(self) -> None:
        """Create, then do anything anybody might try."""
        while self.request is None:
            self.attempt(self.create)
        acts: list[Callable[[], object]] = [
            self.edit, self.submit, self.decide, self.decide, self.decide, self.withdraw,
            self.comment, self.change_role, self.rename_person, self.rename_team, self.execute,
            self.raise_by_hand,
        ]  # fmt: skip
        for _ in range(STEPS):
            self.clock += timedelta(hours=self.dice.choice((1, 5, 40)))
            self.attempt(self.dice.choice(acts))
            self.agree()

    def attempt(self, act: Callable[[], object]) -> None:
        """Do it; a refusal is fine, anything else is a fault."""
        with contextlib.suppress(Conflict, Invalid, NotAllowed):
            act()

    def someone(self) -> User:
        return User.objects.get(pk=self.dice.choice(self.people).pk)

    def now(self) -> ChangeRequest:
        assert self.request is not None
        return ChangeRequest.objects.get(pk=self.request.pk)

    def payload(self) -> dict[str, object]:
        team = self.dice.choice((self.cast.dach, self.cast.europe))
        units = self.dice.choice((10, 4_000, 6_000, 70_000))
        return {"team": team.pk, "name": f"Name {self.dice.random()}", "units": units}

    def create(self) -> None:
        user = self.someone()
        helper = self.dice.choice([None, self.someone()])
        self.request = services.request_create(
            user=user, kind=self.dice.choice((RENAME, ADDING)), payload=self.payload(),
            title="A story", reason="To see", evidence={}, at=self.clock,
            submit=self.dice.random() < 0.5,
            touched_by=[(helper, "imported for")] if helper else [],
        )  # fmt: skip
        self.touched = {user.pk} | ({helper.pk} if helper else set())

    def edit(self) -> None:
        user = self.someone()
        services.request_edit(
            request=self.now(), user=user, payload=self.payload(), reason="Better", at=self.clock
        )
        self.touched.add(user.pk)

    def submit(self) -> None:
        user = self.someone()
        services.request_submit(request=self.now(), user=user, at=self.clock)
        self.touched.add(user.pk)

    def decide(self) -> None:
        user, asked = self.someone(), self.now()
        outcome = self.dice.choice((Outcome.APPROVE, Outcome.APPROVE, *Outcome))
        services.request_decide(
            request=asked, user=user, outcome=outcome, reason="Because", at=self.clock,
            content_hash=asked.content_hash,
        )  # fmt: skip
        assert user.pk not in self.touched, f"{user} decided what they touched"

    def withdraw(self) -> None:
        if self.dice.random() < 0.1:
            services.request_withdraw(
                request=self.now(), user=self.someone(), reason="", at=self.clock
            )

    def comment(self) -> None:
        services.request_comment(request=self.now(), user=self.someone(), text="Hm", at=self.clock)

    def change_role(self) -> None:
        user = self.someone()
        Membership.objects.filter(user=user).delete()
        team = self.dice.choice((self.cast.company, self.cast.europe, self.cast.dach))
        Membership.objects.create(user=user, team=team, role=self.dice.choice(ROLES))

    def rename_person(self) -> None:
        User.objects.filter(pk=self.someone().pk).update(name=f"Somebody {self.dice.random()}")

    def rename_team(self) -> None:
        if self.dice.random() < 0.2:
            Team.objects.filter(pk=self.cast.dach.pk).update(name=f"DACH {self.dice.random()}")

    def raise_by_hand(self) -> None:
        """Somebody with the database in hand makes the request larger."""
        if self.dice.random() < 0.2 and self.now().state == RequestState.APPROVED:
            rows = ChangeRequest.objects.filter(pk=self.now().pk)
            rows.update(payload={**self.now().payload, "units": 999_999})

    def execute(self) -> None:
        before = self.now()
        names = dict(Team.objects.values_list("pk", "name"))
        done = services.request_execute(request=before, at=self.clock)
        if done.state == RequestState.EXECUTED and before.state != RequestState.EXECUTED:
            changed = {
                pk for pk, name in Team.objects.values_list("pk", "name") if names[pk] != name
            }
            assert changed == {before.payload["team"]}
            assert before.payload["units"] != 999_999
            deciders = set(Decision.objects.filter(
                step__request=done, step__revision=done.revision, outcome=Outcome.APPROVE
            ).values_list("user", flat=True))  # fmt: skip
            assert deciders
            assert not deciders & self.touched

    def agree(self) -> None:
        """What is stored says the same as the model."""
        stored = Contributor.objects.filter(request=self.request).values_list("user", flat=True)
        assert set(stored) == self.touched
        own = Decision.objects.filter(step__request=self.request, user__in=self.touched)
        assert not own.filter(step__revision=self.now().revision).exists()


def test_no_history_lets_a_contributor_decide(cast: Cast) -> None:
    ends: dict[str, int] = {}
    decided = 0
    for seed in range(SEQUENCES):
        with transaction.atomic():
            story = Story(cast, seed)
            story.play()
            state = story.now().state
            ends[state] = ends.get(state, 0) + 1
            decided += Decision.objects.filter(step__request=story.request).exists()
            assert [held for held in check_all() if not held.is_kept] == []
            transaction.set_rollback(True)
    assert decided > SEQUENCES / 4, f"too few stories reach a decision: {ends}"
    assert set(ends) & set(FINAL_STATES)


def test_the_model_would_notice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the guards against own decisions off, the same stories fail."""
    monkeypatch.setattr("approvals.services.decisions.contributors", lambda request: set())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE approvals_decision DISABLE TRIGGER approvals_decision_is_proper"
        )

    def play_all() -> None:
        for seed in range(SEQUENCES):
            with transaction.atomic():
                Story(cast, seed).play()
                transaction.set_rollback(True)

    with pytest.raises(AssertionError, match="decided what they touched"):
        play_all()
