"""Rules of a policy: what they can ask for, and what makes a set of them impossible to follow."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.choices import Role
from approvals.rules.checking import Known, check_rules
from approvals.rules.matching import can_all_be_filled
from approvals.rules.routing import (
    THRESHOLD_1,
    THRESHOLD_2,
    Traits,
    default_rules,
    matching,
    placed,
    steps_of,
    thresholds,
    with_thresholds,
)
from core.money import MICROS

ABLE = frozenset(
    [
        ("executive", "decide_small"), ("executive", "decide_medium"), ("executive", "decide_large"),
        ("director", "decide_small"), ("auditor", "decide_large"),
    ]
)  # fmt: skip
KNOWN = Known(
    kinds={"budget.reallocation": "Budget move", "campaign.launch": "Launch"},
    teams={"0001/": "Company", "0001/0002/": "Europe", "0001/0003/": "Americas"},
    channels={"search": "Search", "social": "Social"},
    able=ABLE,
    holders={
        Role.EXECUTIVE: frozenset({1, 2}),
        Role.DIRECTOR: frozenset({3, 4}),
        Role.AUDITOR: frozenset({5}),
    },
)
EXECUTIVE = {"roles": ["executive"], "act": "decide_large"}


def rule(*steps: dict[str, Any], **conditions: Any) -> dict[str, Any]:
    return {"steps": list(steps) or [dict(EXECUTIVE)], **conditions}


def messages(rules: Any) -> str:
    return " | ".join(problem.message for problem in check_rules(rules, KNOWN))


@pytest.mark.feature("9.1")
def test_the_rules_an_installation_starts_with_are_right() -> None:
    assert check_rules(default_rules(), KNOWN) == []
    assert thresholds(default_rules()) == (THRESHOLD_1, THRESHOLD_2)


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ([], "at least one rule"),
        ([rule(max_micros=5 * MICROS)], "No rule covers above €5"),
        ([rule(kinds=["campaign.launch"])], "No rule covers “Budget move”"),
        ([rule(teams=["0001/0002/"])], "No rule covers in Company"),
        ([rule(channels=["search"])], "No rule covers in no channel"),
        ([rule(risks=["low", "normal"])], "No rule covers of high risk"),
        ([rule(above_percent="30")], "without a plan to compare with"),
        ([rule(), rule(max_micros=5)], "Rule 2 is never reached"),
        ([rule(above_micros=9, max_micros=9), rule()], "not above its start"),
        ([rule(kinds=["nonsense"]), rule()], "not a known kind of change"),
        ([rule(color="red")], "“color” is not a part of a rule"),
        ([rule({"roles": ["boss"], "act": "decide_large"})], "“boss” is not a known role"),
        ([rule({"roles": ["executive"], "act": "reign"})], "not a right to decide amounts"),
        ([rule({"roles": ["director"], "act": "decide_large"})], "by the permission table"),
        ([rule({**EXECUTIVE, "needed": 3})], "Rule 1 needs 3 different people"),
        ([rule({**EXECUTIVE, "needed": 1.5})], "how many must approve"),
        ([rule({**EXECUTIVE, "with_previous": True})], "the first step has none before it"),
        ([rule({**EXECUTIVE, "decides": False, "hours": 8})], "ends with advice"),
        ([rule({**EXECUTIVE, "decides": False}, EXECUTIVE)], "how many hours advice may take"),
        ([rule({**EXECUTIVE, "needed": 0}, EXECUTIVE)], "takes another of its steps too"),
        ([{"steps": []}], "nothing approves itself"),
        ([rule(above_micros="5000")], "whole micros"),
        ([rule(above_percent="many")], "number from 0"),
        ("text", "at least one rule"),
        ([7], "cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_said(rules: Any, says: str) -> None:
    assert says in messages(rules)


def test_two_steps_of_one_role_need_two_people_of_it() -> None:
    assert messages([rule(EXECUTIVE, EXECUTIVE)]) == ""
    assert "needs 3 different people" in messages([rule(EXECUTIVE, EXECUTIVE, EXECUTIVE)])


@pytest.mark.feature("9.1")
def test_percent_channel_and_risk_route_where_a_rule_asks_for_them() -> None:
    rules = [
        rule(channels=["search"], above_percent="30"),
        rule(risks=["high"]),
        *default_rules(),
    ]
    assert check_rules(rules, KNOWN) == []

    def place(**traits: Any) -> int | None:
        return matching(
            rules, kind="campaign.launch", micros=5, team_path="0001/", traits=Traits(**traits)
        )

    assert place(percent=Decimal("30.01"), channels=("search", "social")) == 0
    assert place(percent=Decimal(30), channels=("search",)) == 2
    assert place(percent=Decimal(99), channels=("social",)) == 2
    assert place(channels=("search",)) == 2
    assert place(risk="high") == 1


def test_steps_beside_each_other_share_their_place() -> None:
    beside = {**EXECUTIVE, "with_previous": True}
    steps = steps_of(rule(EXECUTIVE, beside, EXECUTIVE))
    assert [(order, lane) for order, lane, _ in placed(steps)] == [(1, 1), (1, 2), (2, 1)]


def test_thresholds_change_wherever_a_rule_names_them() -> None:
    changed = with_thresholds(default_rules(), 10 * MICROS, 20 * MICROS)
    assert thresholds(changed) == (10 * MICROS, 20 * MICROS)
    assert check_rules(changed, KNOWN) == []


ends = st.lists(st.integers(min_value=1, max_value=50), unique=True, max_size=3).map(sorted)
conditions = st.fixed_dictionaries(
    {},
    optional={
        "kinds": st.lists(st.sampled_from(["budget.reallocation", "campaign.launch"]), max_size=2),
        "teams": st.lists(st.sampled_from(["0001/", "0001/0002/"]), max_size=1),
        "channels": st.lists(st.sampled_from(["search", "social"]), max_size=1),
        "risks": st.lists(st.sampled_from(["low", "high"]), max_size=2),
        "above_percent": st.sampled_from(["10", "50"]),
        "max_micros": st.integers(min_value=10, max_value=20),
    },
)


@given(
    st.lists(conditions, max_size=4),
    st.sampled_from(["budget.reallocation", "campaign.launch", "new.kind"]),
    st.integers(min_value=0, max_value=60),
    st.sampled_from(list(KNOWN.teams)),
    st.sampled_from([None, Decimal(5), Decimal(40), Decimal(80)]),
    st.sampled_from([(), ("search",), ("search", "social")]),
    st.sampled_from(["low", "normal", "high"]),
)
def test_what_passes_the_check_covers_every_change(
    parts: Any, kind: str, micros: int, team: str, percent: Any, channels: Any, risk: str
) -> None:
    rules = [rule(**part) for part in parts]
    has_gap = any("No rule covers" in p.message for p in check_rules(rules, KNOWN)) or not rules
    traits = Traits(percent, channels, risk)
    found = matching(rules, kind=kind, micros=micros, team_path=team, traits=traits)
    assert found is not None or has_gap


def test_different_people_are_found_when_there_are_any() -> None:
    assert can_all_be_filled([{1, 2}, {1}, {2, 3}])
    assert not can_all_be_filled([{1}, {1}])
    assert not can_all_be_filled([set()])
    assert can_all_be_filled([])
