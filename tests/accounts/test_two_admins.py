"""A company that has one administrator is told to name a second, and can."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from accounts import services
from accounts.choices import Role
from accounts.models import Membership, User
from accounts.selectors import active_admins, admins_missing, needs_of_admin
from core.errors import Conflict
from tests.accounts.conftest import NOW, Enter
from tests.cast import Cast


@pytest.fixture
def alone(cast: Cast) -> User:
    """The only administrator of a company that was just set up."""
    Membership.objects.filter(user=cast.admin2).delete()
    return User.objects.get(pk=cast.admin.pk)


def test_with_two_nothing_is_said(cast: Cast, enter: Enter) -> None:
    assert admins_missing() == 0
    assert needs_of_admin(cast.admin, NOW) == []
    assert "Name a second administrator" not in enter(cast.admin).get("/people/").content.decode()


def test_who_may_propose_one_is_told_at_home_and_among_the_people(
    cast: Cast, alone: User, enter: Enter
) -> None:
    for user in (alone, cast.executive):
        assert "Name a second administrator" in enter(user).get("/people/").content.decode()
        assert [one.need.title for one in needs_of_admin(user, NOW)] == [
            "Name a second administrator"
        ]
    assert needs_of_admin(cast.manager, NOW) == []
    assert "Name a second" not in enter(cast.manager).get("/people/").content.decode()


def test_the_only_one_stays_until_two_others_are_there(cast: Cast, alone: User) -> None:
    for who, keep in ((cast.nobody, 1), (cast.admin2, 2)):
        proposed = services.role_propose(
            user=User.objects.get(pk=who.pk), team=cast.company, role=Role.ADMIN, by=alone,
            at=NOW, reason="We need more than one.",
        )  # fmt: skip
        services.proposal_confirm(proposal=proposed, by=cast.executive, at=NOW)
        assert active_admins().count() == keep + 1
        if keep == 1:
            with pytest.raises(Conflict, match="only 1 would be left"):
                services.person_deactivate(user=alone, by=cast.nobody, at=NOW, reason="Left.")
    services.person_deactivate(
        user=alone, by=User.objects.get(pk=cast.nobody.pk), at=NOW, reason="Left."
    )
    assert active_admins().count() == 2


def test_the_same_role_for_another_team_may_always_be_taken(cast: Cast) -> None:
    Membership.objects.create(user=cast.admin2, team=cast.uk, role=Role.ADMIN)
    proposed = services.role_propose(
        user=cast.admin2, team=cast.uk, role=Role.ADMIN, by=cast.admin, at=NOW,
        reason="The whole company is enough.", take=True,
    )  # fmt: skip
    services.proposal_confirm(proposal=proposed, by=cast.executive, at=NOW)
    assert active_admins().count() == 2


@pytest.mark.django_db
def test_the_first_command_warns_of_one_alone(capsys: pytest.CaptureFixture[str]) -> None:
    call_command(
        "first_people", "--company", "X", "--admin", "A <a@x.test>", "--executive", "B <b@x.test>"
    )
    assert "Name a second administrator soon" in capsys.readouterr().out


def test_who_has_not_followed_the_invitation_does_not_count(cast: Cast) -> None:
    cast.admin2.set_unusable_password()
    cast.admin2.save(update_fields=["password"])
    assert [one.name for one in active_admins()] == [cast.admin.name]
    assert admins_missing() == 1
