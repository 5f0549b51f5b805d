"""Whoever delegates to whom and loses what: no contributor decides through a delegate, no word counts twice.

A model beside the product says who may decide for whom; every decision must be one the model allows.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.choices import Role
from accounts.models import Membership, User
from approvals import services
from approvals.choices import Outcome, RequestState
from approvals.models import ChangeRequest, Decision, Delegation, Step
from core.errors import Conflict, Invalid, NotAllowed
from core.money import MICROS
from tests.approvals.actions import AT, RENAME
from tests.cast import Cast
from tests.drills.sheet import counted, keep, size

SEQUENCES, STEPS = size(12, 2_000), 16
HIGH = {Role.EXECUTIVE, Role.DIRECTOR}
LONGEST = timedelta(days=14)


class Story:
    """One random history of delegations around requests that need one, two or three words."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.dice = random.Random(seed)
        self.cast = cast
        self.people = [
            cast.executive, cast.executive2, cast.director, cast.other_director, cast.manager,
            cast.auditor,
        ]  # fmt: skip
        self.clock = AT
        self.touched: set[int] = set()
        self.delegated = 0
        self.create()

    def play(self) -> None:
        acts: list[Callable[[], object]] = [
            self.delegate, self.delegate, self.decide, self.decide, self.decide, self.decide,
            self.end, self.change_role, self.leave, self.execute, self.edit,
        ]  # fmt: skip
        if self.dice.random() < 0.8:
            self.mara_to_dana()
        for _ in range(STEPS):
            self.clock += timedelta(hours=self.dice.choice((0, 3, 30)))
            with contextlib.suppress(Conflict, Invalid, NotAllowed):
                self.dice.choice(acts)()
            self.agree()

    def someone(self) -> User:
        return User.objects.get(pk=self.dice.choice(self.people).pk)

    def now(self) -> ChangeRequest:
        return ChangeRequest.objects.get(pk=self.request.pk)

    def create(self) -> None:
        asker = self.dice.choice((self.cast.manager, self.cast.manager, self.cast.director))
        helper = self.dice.choice((None, None, None, self.cast.other_director, self.cast.executive))
        self.request = services.request_create(
            user=asker, kind=RENAME, title="x", reason="x", evidence={}, at=self.clock,
            payload={"team": self.cast.dach.pk, "name": "x",
                     "units": self.dice.choice((10, 10, 10, 4_000, 4_000, 6_000))},
            touched_by=[(helper, "imported for")] if helper else [],
        )  # fmt: skip
        self.touched = {asker.pk} | ({helper.pk} if helper else set())
        Step.objects.filter(request=self.request, order=1).update(
            needed=self.dice.choice((1, 1, 2, 3))
        )

    def edit(self) -> None:
        user = self.someone()
        services.request_edit(
            request=self.now(), user=user, payload=self.now().payload, reason="x", at=self.clock
        )
        self.touched.add(user.pk)

    def delegate(self) -> None:
        starts = self.clock + timedelta(hours=self.dice.choice((-30, 0, 0, 0, 0, 0, 40)))
        # Mostly to Dana, whose own right ends at her division.
        to = self.cast.other_director if self.dice.random() < 0.6 else self.someone()
        made = services.delegation_create(
            user=self.someone(), delegate=to, starts_at=starts,
            ends_at=starts + timedelta(days=self.dice.choice((1, 7, 14, 15))), reason="x",
            cap_micros=self.dice.choice((None, None, 5_000 * MICROS)), at=self.clock,
        )  # fmt: skip
        assert made.delegator.roles & HIGH
        assert made.delegate.roles & HIGH
        assert made.starts_at >= self.clock
        assert made.ends_at - made.starts_at <= LONGEST
        self.delegated += 1

    def mara_to_dana(self) -> None:
        """Most stories begin with a delegation that can be used."""
        services.delegation_create(
            user=self.cast.director, delegate=self.cast.other_director, starts_at=self.clock,
            ends_at=self.clock + LONGEST, reason="x", at=self.clock,
        )  # fmt: skip
        self.delegated += 1

    def end(self) -> None:
        held = Delegation.objects.filter(ended_at__isnull=True).first()
        if held and self.dice.random() < 0.3:
            services.delegation_end(delegation=held, user=self.someone(), at=self.clock)

    def change_role(self) -> None:
        if self.dice.random() < 0.3:
            user = self.decider()
            Membership.objects.filter(user=user).delete()
            role = self.dice.choice((Role.DIRECTOR, Role.EXECUTIVE, Role.MANAGER))
            team = self.dice.choice((self.cast.company, self.cast.europe, self.cast.americas))
            Membership.objects.create(user=user, team=team, role=role)

    def leave(self) -> None:
        if self.dice.random() < 0.2:
            User.objects.filter(pk=self.decider().pk).update(is_active=self.dice.random() < 0.5)

    def decider(self) -> User:
        """Delegates try more often than others."""
        held = Delegation.objects.filter(ended_at__isnull=True).order_by("pk").last()
        if held and self.dice.random() < 0.6:
            return User.objects.get(pk=self.dice.choice((held.delegate_id, held.delegator_id)))
        return self.someone()

    def decide(self) -> None:
        user, asked = self.decider(), self.now()
        before = set(Decision.objects.values_list("pk", flat=True))
        services.request_decide(
            request=asked, user=user, reason="x", content_hash=asked.content_hash, at=self.clock,
            outcome=self.dice.choice((*[Outcome.APPROVE] * 6, Outcome.CHANGES)),
        )  # fmt: skip
        for decision in Decision.objects.exclude(pk__in=before):
            self.check(decision)

    def check(self, decision: Decision) -> None:
        """What I5, I6 and I7 say of one decision, in the model's own words."""
        voices = {decision.user_id} | ({decision.on_behalf_of_id} - {None})
        assert not voices & self.touched, "decided by or for a contributor"
        held = decision.delegation
        if held is None:
            assert decision.on_behalf_of is None
            return
        assert (held.delegator, held.delegate) == (decision.on_behalf_of, decision.user)
        assert held.ended_at is None
        assert held.starts_at <= self.clock < held.ends_at, "outside of its time"
        for person in (held.delegator, held.delegate):
            fresh = User.objects.get(pk=person.pk)
            assert fresh.is_active, "somebody shut out"
            assert fresh.roles & HIGH, "a role below a director"
        assert set(User.objects.get(pk=held.delegator_id).roles) & set(decision.step.roles)
        cap = held.cap_micros
        assert cap is None or self.now().amount_micros <= cap, "above the cap"

    def execute(self) -> None:
        before = self.now()
        done = services.request_execute(request=before, at=self.clock)
        if done.state == RequestState.EXECUTED and before.state != RequestState.EXECUTED:
            rows = Decision.objects.filter(
                step__request=done, step__revision=done.revision, outcome=Outcome.APPROVE
            )
            for decision in rows:
                assert decision.user_id not in self.touched
                for person in filter(None, (decision.user, decision.on_behalf_of)):
                    assert User.objects.get(pk=person.pk).is_active, "somebody shut out"

    def agree(self) -> None:
        """No word counts twice, and no delegation is two deep or beside another."""
        request = self.now()
        rows = Decision.objects.filter(step__request=request, step__revision=request.revision)
        voices = [
            voice for d in rows for voice in {d.user_id, d.on_behalf_of_id} - {None}
            if d.outcome != Outcome.RECOMMEND
        ]  # fmt: skip
        assert len(voices) == len(set(voices)), "one word twice"
        held = list(Delegation.objects.filter(ended_at__isnull=True))
        for one in held:
            for other in held:
                if one.pk == other.pk or one.ends_at <= other.starts_at:
                    continue
                if other.ends_at <= one.starts_at:
                    continue
                assert one.delegate_id != other.delegator_id, "handed on"
                assert one.delegator_id != other.delegator_id, "two at once"


@pytest.mark.drill
def test_no_history_of_delegations_breaks_a_limit(cast: Cast) -> None:
    for_others = delegated = 0
    for seed in counted(range(SEQUENCES), SEQUENCES, "histories of delegations"):
        with transaction.atomic():
            story = Story(cast, seed)
            story.play()
            delegated += story.delegated
            for_others += Decision.objects.filter(delegation__isnull=False).count()
            transaction.set_rollback(True)
    assert delegated > SEQUENCES / 2, "too few delegations"
    assert for_others > SEQUENCES / 10, "too few decisions for others"
    keep(
        "Random histories of delegations",
        did=f"{SEQUENCES:,} of {STEPS} steps, {delegated:,} delegations, {for_others:,} decisions for others",
        found="0 beyond a limit",
        control="without the guards the same histories break",
    )


@pytest.mark.parametrize(
    ("guard", "broken", "trigger", "noticed"),
    [
        ("approvals.services.decisions.contributors", lambda request: set(),
         "approvals_decision_is_proper approvals_decision_for_another", "contributor"),
        ("approvals.services.decisions.spoken", lambda steps: set(),
         "approvals_decision_is_proper approvals_one_voice", "one word twice"),
    ],
)  # fmt: skip
def test_the_model_would_notice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch,
    guard: str, broken: Callable[..., object], trigger: str, noticed: str,
) -> None:  # fmt: skip
    """The controls: with one guard off, the same stories fail, and for that reason."""
    monkeypatch.setattr(guard, broken)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in trigger.split():
            cursor.execute(f"ALTER TABLE approvals_decision DISABLE TRIGGER {name}")

    def play_all() -> None:
        for seed in range(60):
            with transaction.atomic():
                Story(cast, seed).play()
                transaction.set_rollback(True)

    with pytest.raises(AssertionError, match=noticed):
        play_all()
