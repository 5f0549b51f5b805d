"""A person's own limit, below what the role may decide."""

from __future__ import annotations

import pytest

from accounts.models import Membership
from approvals.choices import Outcome, RequestState
from approvals.rules.routing import default_rules
from approvals.selectors import policy_in_force, waiting_for, who_must_approve
from core.errors import NotAllowed
from core.money import MICROS
from tests.approvals.actions import AT, RENAME, ask, decide, execute
from tests.cast import Cast


def limit(cast: Cast, who: str, units: int | None) -> None:
    micros = None if units is None else units * MICROS
    Membership.objects.filter(user=getattr(cast, who)).update(limit_micros=micros)


@pytest.mark.feature("2.5")
def test_nobody_decides_above_their_own_limit(cast: Cast) -> None:
    limit(cast, "director", 1_000)
    small, large = (
        ask(cast.manager, cast.dach, units=1_000),
        ask(cast.manager, cast.dach, units=1_001),
    )
    with pytest.raises(NotAllowed, match="above what you may decide alone"):
        decide(large, cast.director)
    decide(large, cast.director, Outcome.RECOMMEND)
    assert decide(small, cast.director).state == RequestState.APPROVED
    assert decide(large, cast.executive).state == RequestState.APPROVED


@pytest.mark.feature("2.5")
def test_the_limit_counts_at_execution_too(cast: Cast) -> None:
    request = decide(ask(cast.manager, cast.dach, units=2_000), cast.director)
    limit(cast, "director", 1_000)
    assert execute(request).state == RequestState.OPEN


def test_a_limit_keeps_a_request_out_of_the_inbox_and_out_of_who_would_approve(cast: Cast) -> None:
    limit(cast, "director", 1_000)
    limit(cast, "executive2", 0)
    request = ask(cast.manager, cast.dach, units=2_000)
    assert waiting_for(cast.director, now=AT) == []
    assert waiting_for(cast.executive, now=AT) == [request]
    (step,) = who_must_approve(
        policy=policy_in_force(), kind=RENAME, micros=2_000 * MICROS, team=cast.dach
    )
    assert [person.name for person in step.people] == ["Greta Holm"]


def test_without_a_policy_the_first_one_is_shown_and_nothing_is_written(cast: Cast) -> None:
    policy = policy_in_force()
    assert not policy.pk
    assert policy.rules == default_rules()
