"""Administrators who remove each other at once: two stay, whoever is first; without the lock too few do."""

from __future__ import annotations

import time
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from accounts import services
from accounts.choices import Role
from accounts.models import Membership, Proposal, Team, User
from accounts.selectors import LEAST_ADMINS, active_admins
from accounts.services import proposals
from core.errors import Conflict
from tests.budgets.world import AT
from tests.cast import PASSWORD
from tests.drills.crowd import race
from tests.drills.sheet import counted, keep, size

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]
ROUNDS = size(3, 50)
MOMENT = 0.05


def admins(count: int, number: int) -> list[User]:
    team = Team.plant(f"Company {number}")
    made = []
    for place in range(count):
        user = User.objects.create_user(
            f"a{number}.{place}@tarnfell.test", f"Admin {place}", PASSWORD
        )
        Membership.objects.create(user=user, team=team, role=Role.ADMIN)
        made.append(user)
    return made


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def deactivate(user: User, by: User) -> None:
    services.person_deactivate(user=again(user), by=again(by), at=AT, reason="Left.")


def demote(proposal: Proposal, by: User) -> None:
    services.proposal_confirm(proposal=proposal, by=again(by), at=AT)


def removals(made: list[User], by: User) -> list[Proposal]:
    """The role of each of them is to be taken, as an executive proposes."""
    return [
        services.role_propose(
            user=one, team=one.memberships.get().team, role=Role.ADMIN, by=by, at=AT,
            reason="Too many.", take=True,
        )
        for one in made
    ]  # fmt: skip


def executive(number: int) -> User:
    user = User.objects.create_user(f"e{number}@tarnfell.test", "Executive")
    Membership.objects.create(user=user, team=Team.plant(f"Board {number}"), role=Role.EXECUTIVE)
    return user


def forget(made: list[User]) -> None:
    Membership.objects.filter(user__in=made).delete()


def codes(results: list[Any]) -> list[str]:
    return sorted(r.code for r in results if isinstance(r, Conflict))


def test_of_four_who_shut_each_other_out_in_a_ring_two_stay() -> None:
    for number in counted(range(ROUNDS), ROUNDS, "rings of administrators"):
        made = admins(4, number)
        ring = [*made, made[0]]
        results = race([partial(deactivate, one, by) for by, one in pairwise(ring)])
        unforeseen = [r for r in results if isinstance(r, Exception) and not _is_refusal(r)]
        assert unforeseen == []
        assert active_admins().count() >= LEAST_ADMINS
        forget(made)
    keep(
        "administrators shut each other out at once",
        did=f"{ROUNDS} rings of 4",
        found="never fewer than 2 left",
        control="counting without the lock leaves fewer",
    )


def _is_refusal(result: Exception) -> bool:
    # Who was shut out a moment before has no right left to shut others out.
    return getattr(result, "code", "") in {"too_few_admins", "not_allowed"}


def test_of_three_whose_roles_are_taken_at_once_one_is_taken() -> None:
    for number in counted(range(ROUNDS), ROUNDS, "roles taken at once"):
        made, board = admins(3, number), executive(number)
        second = executive(number + 10_000)
        taken = removals(made, board)
        results = race([partial(demote, one, second) for one in taken])
        assert codes(results) == ["too_few_admins"] * 2
        assert active_admins().count() == LEAST_ADMINS
        forget(made)


def test_the_control_that_counts_without_the_lock_leaves_too_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unlocked(user: User, **_: Any) -> None:
        left = active_admins().exclude(pk=user.pk).count()
        time.sleep(MOMENT)
        if left < LEAST_ADMINS:
            raise Conflict("Too few.", code="too_few_admins")

    monkeypatch.setattr(proposals, "refuse_if_needed", unlocked)
    made, board, second = admins(3, 1), executive(1), executive(2)
    taken = removals(made, board)
    race([partial(demote, one, second) for one in taken])
    assert active_admins().count() < LEAST_ADMINS, "the control did not break"
