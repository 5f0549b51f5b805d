"""Who must approve what: kind, amount and team to steps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.choices import Act, Role
from approvals.models import Policy
from approvals.rules.routing import (
    THRESHOLD_1,
    THRESHOLD_2,
    band,
    default_rules,
    route,
)
from approvals.selectors import who_must_approve
from approvals.services import policy_ensure
from core.errors import Invalid
from core.models import Event
from core.money import MICROS
from tests.approvals.actions import AT, RENAME
from tests.cast import Cast


def roles(micros: int) -> list[set[str]]:
    steps = route(default_rules(), kind=RENAME, micros=micros, team_path="0001/")
    return [set(step.roles) for step in steps]


@pytest.mark.feature("9.1", "2.5")
@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (0, [{Role.DIRECTOR, Role.EXECUTIVE}]),
        (5_000, [{Role.DIRECTOR, Role.EXECUTIVE}]),
        (50_000, [{Role.EXECUTIVE}]),
        (1_000_000, [{Role.EXECUTIVE}, {Role.AUDITOR}]),
    ],
)
def test_amount_decides_who(units: int, expected: list[set[str]]) -> None:
    assert roles(units * MICROS) == expected


def test_a_micro_above_a_threshold_goes_higher() -> None:
    assert roles(THRESHOLD_1 + 1) == [{Role.EXECUTIVE}]
    assert roles(THRESHOLD_2 + 1) == [{Role.EXECUTIVE}, {Role.AUDITOR}]


@given(st.integers(min_value=-(10**16), max_value=10**16))
def test_every_amount_has_one_rule_and_cuts_count_like_additions(micros: int) -> None:
    covering = [rule for rule in default_rules() if band(rule).holds(abs(micros))]
    assert len(covering) == 1
    assert roles(micros) == roles(-micros)


def test_a_rule_for_a_kind_or_a_team_wins_where_it_stands_first() -> None:
    own = {
        "kinds": ["campaign.approve"],
        "teams": ["0001/0002/"],
        "above_micros": None,
        "max_micros": None,
        "steps": [{"roles": ["director"], "act": "decide_small", "needed": 2}],
    }
    rules = [own, *default_rules()]
    first = route(rules, kind="campaign.approve", micros=10**12, team_path="0001/0002/0003/")
    assert [(step.roles, step.act, step.needed) for step in first] == [
        (("director",), Act.DECIDE_SMALL, 2)
    ]
    for kind, path in (("campaign.approve", "0001/0004/"), ("other", "0001/0002/")):
        assert len(route(rules, kind=kind, micros=10**12, team_path=path)) == 2


def test_what_no_rule_covers_cannot_be_asked() -> None:
    with pytest.raises(Invalid, match="No rule"):
        route(default_rules()[:1], kind=RENAME, micros=THRESHOLD_2, team_path="0001/")


def test_the_first_policy_is_made_once_with_its_event(cast: Cast) -> None:
    first, again = policy_ensure(at=AT), policy_ensure(at=AT)
    assert first == again
    assert Policy.objects.count() == 1
    assert Event.objects.filter(action="policy.created").count() == 1


@pytest.mark.feature("9.1")
def test_who_would_approve_names_the_people(cast: Cast) -> None:
    policy = policy_ensure(at=AT)

    def people(units: int, **also: Any) -> list[set[str]]:
        steps = who_must_approve(
            policy=policy, kind=RENAME, micros=units * MICROS, team=cast.dach, **also
        )
        return [{person.name for person in step.people} for step in steps]

    executives = {cast.executive.name, cast.executive2.name}
    assert people(100) == [{cast.director.name, *executives}]
    assert people(20_000) == [executives]
    assert people(90_000) == [executives, {cast.auditor.name}]
    assert people(100, requester=cast.director) == [executives]
    assert people(20_000, requester=cast.executive) == [{cast.executive2.name}]
