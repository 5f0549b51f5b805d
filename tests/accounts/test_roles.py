"""Roles: given by administrators, never by oneself, never two that exclude each other."""

from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services
from accounts.choices import EXCLUDED_BESIDE, TWO_PERSON_ROLES, Act, Role
from accounts.models import Membership, User
from accounts.permissions import decision_limit, may
from accounts.services import roles
from core.errors import AdroitError, Conflict, Invalid, NotAllowed
from core.models import Event
from tests.accounts.conftest import NOW, Enter, latest_event
from tests.cast import Cast, create_cast

LOW = [Role.DIRECTOR, Role.MANAGER, Role.ANALYST]
MILLION = 1_000_000


def give(cast: Cast, user: User, role: str, **more: Any) -> Membership:
    chosen = {"team": cast.uk, "by": cast.admin, "at": NOW, **more}
    return services.membership_give(user=user, role=role, **chosen)


def clash(one: str, other: str) -> bool:
    """I11, written out once more: admin excludes EX, MD, CM and AU; auditor excludes all others."""
    pair = {one, other}
    if len(pair) == 1:
        return False
    return "auditor" in pair or ("admin" in pair and pair != {"admin", "analyst"})


@pytest.mark.parametrize("role", LOW)
def test_an_administrator_gives_and_takes_a_role_at_once(cast: Cast, role: str) -> None:
    held = give(cast, cast.nobody, role)
    assert User.objects.get(pk=cast.nobody.pk).roles == {role}
    event = latest_event()
    assert (event.action, event.subject_label, event.team_path) == (
        "role.given",
        "Nils Berg",
        cast.uk.path,
    )
    assert event.after == {"team": "UK", "role": role, "limit_micros": None}
    services.membership_take(membership=held, by=cast.admin, at=NOW, reason="Project is over.")
    assert User.objects.get(pk=cast.nobody.pk).roles == frozenset()
    event = latest_event()
    assert (event.action, event.reason) == ("role.taken", "Project is over.")
    assert event.before == {"team": "UK", "role": role, "limit_micros": None}


@pytest.mark.parametrize(
    "who", ["executive", "director", "manager", "analyst", "auditor", "nobody"]
)
def test_nobody_else_gives_or_takes_roles(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    with pytest.raises(NotAllowed):
        give(cast, cast.uk_manager, Role.ANALYST, by=user)
    other = cast.uk_manager.memberships.get()
    with pytest.raises(NotAllowed):
        services.membership_take(membership=other, by=user, at=NOW)
    with pytest.raises(NotAllowed):
        services.membership_limit(membership=other, limit_micros=1, by=user, at=NOW, reason="x")


@pytest.mark.parametrize("role", Role.values)
def test_nobody_changes_their_own_roles_or_limits(cast: Cast, role: str) -> None:
    """I10, administrators included."""
    with pytest.raises(NotAllowed) as refused:
        give(cast, cast.admin, role)
    assert refused.value.code == "own_role"
    own = Membership.objects.create(user=cast.admin, team=cast.uk, role=Role.ANALYST)
    with pytest.raises(NotAllowed, match="own roles"):
        services.membership_take(membership=own, by=cast.admin, at=NOW)
    with pytest.raises(NotAllowed, match="own roles"):
        services.membership_limit(
            membership=own, limit_micros=9, by=cast.admin, at=NOW, reason="More."
        )


@pytest.mark.parametrize("role", sorted(TWO_PERSON_ROLES))
def test_a_role_of_weight_is_not_given_or_taken_by_one_person(
    cast: Cast, otto: User, role: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        give(cast, cast.nobody, role)
    assert refused.value.code == "needs_two_people"
    holder = {"executive": cast.executive, "auditor": cast.auditor, "admin": cast.admin}[role]
    with pytest.raises(NotAllowed) as refused:
        services.membership_take(membership=holder.memberships.get(), by=otto, at=NOW)
    assert refused.value.code == "needs_two_people"


@pytest.mark.parametrize(("held", "new"), list(product(Role.values, Role.values)))
def test_roles_that_exclude_each_other_are_refused_by_service_and_database(
    cast: Cast, held: str, new: str
) -> None:
    """I11 for every pair, by the service and by SQL that goes around it."""
    Membership.objects.create(user=cast.nobody, team=cast.uk, role=held)
    excluded = clash(held, new)
    rule = new in EXCLUDED_BESIDE.get(Role(held), ()) or held in EXCLUDED_BESIDE.get(Role(new), ())
    assert rule is excluded
    if not excluded:
        Membership.objects.create(user=cast.nobody, team=cast.us, role=new)
        return
    with pytest.raises(Conflict) as refused:
        roles.give(user=cast.nobody, team=cast.us, role=new, by=cast.admin, at=NOW)
    assert refused.value.code == "roles_exclude"
    with pytest.raises(IntegrityError, match="at once"), transaction.atomic():
        Membership.objects.create(user=cast.nobody, team=cast.us, role=new)
    other = Membership.objects.filter(user=cast.nobody)
    assert other.count() == 1


def test_the_database_refuses_a_role_that_is_edited_into_an_excluded_one(cast: Cast) -> None:
    Membership.objects.create(user=cast.nobody, team=cast.uk, role=Role.MANAGER)
    second = Membership.objects.create(user=cast.nobody, team=cast.us, role=Role.ANALYST)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=second.pk).update(role=Role.ADMIN)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.bulk_create(
            [Membership(user=cast.nobody, team=cast.dach, role=Role.AUDITOR)]
        )


@pytest.mark.django_db
@given(st.lists(st.tuples(st.sampled_from(Role.values), st.booleans()), max_size=12))
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
def test_no_sequence_of_changes_joins_excluded_roles(steps: list[tuple[str, bool]]) -> None:
    with transaction.atomic():
        cast = create_cast()
        for role, gives in steps:
            try:
                if gives:
                    roles.give(user=cast.nobody, team=cast.uk, role=role, by=cast.admin, at=NOW)
                elif held := cast.nobody.memberships.filter(role=role).first():
                    roles.take(membership=held, by=cast.admin, at=NOW, reason="")
            except AdroitError:
                pass
            now = list(cast.nobody.memberships.values_list("role", flat=True))
            assert not any(clash(one, other) for one, other in product(now, now))
        transaction.set_rollback(True)


def test_the_same_role_twice_and_roles_that_cannot_be(cast: Cast) -> None:
    give(cast, cast.nobody, Role.ANALYST)
    with pytest.raises(Conflict, match="already"):
        give(cast, cast.nobody, Role.ANALYST)
    with pytest.raises(Invalid):
        give(cast, cast.nobody, "owner")
    with pytest.raises(Invalid, match="not negative"):
        give(cast, cast.nobody, Role.MANAGER, limit_micros=-1)
    cast.us.is_archived = True
    with pytest.raises(Conflict, match="archived"):
        give(cast, cast.nobody, Role.ANALYST, team=cast.us)
    User.objects.filter(pk=cast.nobody.pk).update(is_active=False)
    with pytest.raises(Conflict, match="deactivated"):
        give(cast, cast.nobody, Role.MANAGER)
    assert Event.objects.count() == 1


@pytest.mark.feature("2.5")
def test_a_limit_holds_for_decisions_through_that_role(cast: Cast) -> None:
    held = cast.director.memberships.get()
    assert decision_limit(cast.director, Act.DECIDE_SMALL, cast.dach) is None
    services.membership_limit(
        membership=held, limit_micros=2000 * MILLION, by=cast.admin, at=NOW, reason="New here."
    )
    director = User.objects.get(pk=cast.director.pk)
    assert decision_limit(director, Act.DECIDE_SMALL, cast.dach) == 2000 * MILLION
    assert decision_limit(director, Act.DECIDE_SMALL, cast.us) == 0
    assert decision_limit(director, Act.DECIDE_LARGE, cast.dach) == 0
    event = latest_event()
    assert (event.action, event.reason) == ("role.limited", "New here.")
    assert event.before == {"limit_micros": None}


def test_the_role_without_a_limit_counts_when_somebody_holds_two(cast: Cast) -> None:
    held = cast.director.memberships.get()
    held.limit_micros = 5
    held.save()
    Membership.objects.create(
        user=cast.director, team=cast.dach, role=Role.DIRECTOR, limit_micros=9
    )
    director = User.objects.get(pk=cast.director.pk)
    assert decision_limit(director, Act.DECIDE_SMALL, cast.dach) == 9
    assert decision_limit(director, Act.DECIDE_SMALL, cast.uk) == 5
    Membership.objects.filter(team=cast.dach, user=director).update(limit_micros=None)
    director = User.objects.get(pk=director.pk)
    assert decision_limit(director, Act.DECIDE_SMALL, cast.dach) is None


def test_a_limit_is_not_negative_in_the_database_either(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="accounts_limit_not_negative"), transaction.atomic():
        cast.director.memberships.update(limit_micros=-1)


def test_a_right_that_is_taken_is_gone_at_the_next_request(cast: Cast, enter: Enter) -> None:
    """I12, for a session and for a token."""
    browser = enter(cast.analyst)
    _, secret = services.token_create(
        user=cast.analyst, name="Sheet", access="write", days=30, at=NOW
    )
    bearer = {"authorization": f"Bearer {secret}"}
    assert browser.get("/people/").status_code == 200
    assert browser.get("/api/v1/people/", headers=bearer).status_code == 200
    services.membership_take(membership=cast.analyst.memberships.get(), by=cast.admin, at=NOW)
    assert browser.get("/people/").status_code == 403
    assert browser.get("/api/v1/people/", headers=bearer).status_code == 403
    assert not may(User.objects.get(pk=cast.analyst.pk), Act.VIEW_CAMPAIGNS)


def test_the_pages_give_limit_and_take(cast: Cast, enter: Enter) -> None:
    client, page = enter(cast.admin), f"/people/{cast.nobody.pk}/"
    form = {"team": cast.dach.pk, "role": "manager", "limit": "1,500.50", "reason": ""}
    assert client.post(page + "roles/", form).status_code == 302
    held = cast.nobody.memberships.get()
    assert (held.team, held.role, held.limit_micros) == (cast.dach, "manager", 1_500_500_000)
    assert "€1,500.50" in client.get(page).content.decode()
    again = client.post(page + "roles/", form)
    assert again.status_code == 422
    assert "holds the role" in again.content.decode()
    wrong = client.post(page + "roles/", {**form, "limit": "lots"})
    assert "is not an amount" in wrong.content.decode()
    limit = f"/people/roles/{held.pk}/limit/"
    assert 'value="1500.5"' in client.get(limit).content.decode()
    assert client.post(limit, {"limit": "", "reason": "Settled in."}).status_code == 302
    held.refresh_from_db()
    assert held.limit_micros is None
    assert client.post(f"/people/roles/{held.pk}/take/").status_code == 302
    assert not cast.nobody.memberships.exists()


def test_a_role_of_weight_becomes_a_proposal_on_the_page(cast: Cast, enter: Enter) -> None:
    client, page = enter(cast.admin), f"/people/{cast.nobody.pk}/"
    form = {"team": cast.company.pk, "role": "auditor", "limit": "", "reason": ""}
    assert "Say why" in client.post(page + "roles/", form).content.decode()
    assert client.post(page + "roles/", {**form, "reason": "Year end."}).status_code == 302
    assert not cast.nobody.memberships.exists()
    assert "Waiting for a second person" in client.get(page).content.decode()
    take = f"/people/roles/{cast.executive2.memberships.get().pk}/take/"
    assert client.post(take, {"reason": "Left the board."}).status_code == 302
    assert cast.executive2.memberships.exists()
