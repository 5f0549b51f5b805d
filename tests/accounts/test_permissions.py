"""The permission matrix as it is read: levels, scope, own things, somebody else's only."""

from itertools import product

import pytest

from accounts.choices import ROLE_COLUMNS, Act, Role
from accounts.models import Membership, Team, User
from accounts.permissions import (
    can,
    gate,
    has_role,
    levels,
    matrix,
    may,
    may_confirm,
    require,
    scope_for,
    sees_money,
    teams_with,
)
from core.errors import NotAllowed
from core.routes import UNDECLARED, public, routes
from tests.cast import Cast

CELLS = [(act, role) for act, role in product(Act, Role)]


def holder(cast: Cast, role: Role) -> User:
    people = {
        Role.EXECUTIVE: cast.executive, Role.DIRECTOR: cast.director, Role.MANAGER: cast.manager,
        Role.ANALYST: cast.analyst, Role.ADMIN: cast.admin, Role.AUDITOR: cast.auditor,
    }  # fmt: skip
    return people[role]


@pytest.mark.feature("9.6")
@pytest.mark.parametrize(("act", "role"), CELLS, ids=lambda value: value.name)
def test_every_cell_of_the_matrix_holds(cast: Cast, act: Act, role: Role) -> None:
    """What a level means, said once more in words of the matrix's legend."""
    user, level = holder(cast, role), matrix()[act][role]
    own_team = user.current_memberships()[0].team
    elsewhere = cast.us if own_team != cast.company else Team.plant("Another company")
    assert can(user, act) is (level != "-")
    if level == "-":
        assert not may(user, act, team=own_team, owner_id=user.pk)
        return
    other = cast.nobody.pk
    seen = {
        "own": may(user, act, team=own_team, owner_id=user.pk),
        "others": may(user, act, team=own_team, owner_id=other),
        "elsewhere": may(user, act, team=elsewhere, owner_id=other),
        "contributed": may(user, act, team=own_team, owner_id=0, contributors=[user.pk]),
    }
    assert seen == {
        "own": level != "NS",
        "others": level not in ("O", "OP"),
        "elsewhere": level not in ("O", "OP", "S", "SN"),
        "contributed": "O" not in level and not (level != "NS" and "N" in level),
    }


@pytest.mark.feature("9.3")
def test_a_director_sees_all_campaigns_of_the_teams_and_an_executive_all(cast: Cast) -> None:
    director, executive = (
        scope_for(user, Act.VIEW_CAMPAIGNS) for user in (cast.director, cast.executive)
    )
    assert [team for team in Team.objects.all() if director.holds(team.path)] == [
        cast.europe,
        cast.dach,
        cast.uk,
    ]
    assert executive.everything
    assert Team.objects.filter(executive.where("path")).count() == 6


def test_the_matrix_has_every_act_and_role() -> None:
    assert set(matrix()) == set(Act)
    assert all(set(row) == set(ROLE_COLUMNS.values()) for row in matrix().values())


def test_nobody_decides_their_own_edits_the_ledger_or_is_somebody_else(cast: Cast) -> None:
    never = (Act.DECIDE_OWN, Act.EDIT_LEDGER, Act.INCREASE_BUDGET, Act.IMPERSONATE, Act.RAW_ADMIN)
    boss = User.objects.create_superuser("root@tarnfell.test", "Root")
    for user, act in product([*cast.all(), boss], never):
        assert not can(user, act)


def test_superusers_and_staff_may_nothing_without_a_role(cast: Cast) -> None:
    boss = User.objects.create_superuser("root@tarnfell.test", "Root")
    assert not any(can(boss, act) for act in Act)


def test_roles_of_different_teams_do_not_mix(cast: Cast) -> None:
    """A manager of DACH who is analyst of US pauses nothing in US."""
    Membership.objects.create(user=cast.manager, team=cast.us, role=Role.ANALYST)
    user = User.objects.get(pk=cast.manager.pk)
    for owner in (user.pk, cast.other_manager.pk):
        assert not may(user, Act.PAUSE_CAMPAIGN, team=cast.us, owner_id=owner)
    assert may(user, Act.PAUSE_CAMPAIGN, team=cast.dach, owner_id=user.pk)
    assert may(user, Act.VIEW_CAMPAIGNS, team=cast.us)
    assert {team for _, team in levels(user, Act.VIEW_CAMPAIGNS)} == {cast.dach, cast.us}


def test_who_took_part_hears_why_they_cannot_decide(cast: Cast) -> None:
    with pytest.raises(NotAllowed) as refused:
        require(cast.director, Act.DECIDE_SMALL, team=cast.dach, contributors=[cast.director.pk])
    assert refused.value.code == "own_request"
    with pytest.raises(NotAllowed) as refused:
        require(cast.analyst, Act.DECIDE_SMALL, team=cast.dach)
    assert refused.value.code == "not_allowed"
    require(cast.director, Act.DECIDE_SMALL, team=cast.dach, contributors=[cast.manager.pk])


def test_only_a_level_with_an_n_confirms(cast: Cast) -> None:
    assert may_confirm(cast.executive, Act.CHANGE_POLICY, contributors=[])
    assert not may_confirm(cast.admin, Act.CHANGE_POLICY, contributors=[])
    assert not may_confirm(cast.executive, Act.CHANGE_POLICY, contributors=[cast.executive.pk])


def test_small_questions(cast: Cast) -> None:
    assert [sees_money(user) for user in (cast.manager, cast.admin, cast.nobody)] == [
        True,
        False,
        False,
    ]
    cast.uk.is_archived = True
    cast.uk.save()
    assert list(teams_with(cast.director, Act.DRAFT_REQUEST)) == [cast.europe, cast.dach]
    assert has_role(cast.director, Role.DIRECTOR, cast.dach)
    assert not has_role(cast.director, Role.DIRECTOR, cast.us)
    assert not has_role(cast.director, Role.ADMIN)


def test_a_view_says_its_right_through_every_wrapper() -> None:
    assert gate(Act.EXPORT)(lambda request: None).permission_acts == (Act.EXPORT,)  # type: ignore[attr-defined,arg-type,return-value]
    assert public("a reason")(lambda request: None).permission_public == "a reason"
    rights = {route.name: route.rights for route in routes()}
    assert rights["accounts:person-invite"] == {
        "GET": (Act.INVITE_USER.value,),
        "POST": (Act.INVITE_USER.value,),
    }
    assert rights["accounts:person-deactivate"] == {"POST": (Act.INVITE_USER.value,)}
    assert rights["api-role"]["DELETE"] == (Act.GIVE_ROLE.value, Act.GIVE_HIGH_ROLE.value)
    assert rights["accounts:me"]["GET"] == ("signed in",)
    assert not any((UNDECLARED,) in right.values() for right in rights.values())
