"""What takes two: one proposes, another confirms; neither alone, nor the one who is meant."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import services
from accounts.choices import Role
from accounts.models import Membership, Proposal, User
from accounts.selectors import may_answer, proposals_for, proposals_waiting
from accounts.services import needed, organisation
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event, Organisation
from tests.accounts.conftest import NOW, Enter, latest_event
from tests.cast import Cast, create_cast

State = Proposal.State


def propose(
    cast: Cast, user: User | None = None, role: str = Role.AUDITOR, **more: Any
) -> Proposal:
    given = {"team": cast.company, "by": cast.admin, "at": NOW, "reason": "Year end.", **more}
    return services.role_propose(user=user or cast.nobody, role=role, **given)


def confirm(proposal: Proposal, by: User) -> Proposal:
    return services.proposal_confirm(proposal=proposal, by=by, at=NOW)


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.AUDITOR, Role.ADMIN])
@pytest.mark.parametrize("second", ["Greta Holm", "Otto Berg"])
def test_an_administrator_proposes_and_an_executive_or_another_one_confirms(
    cast: Cast, otto: User, role: str, second: str
) -> None:
    proposal = propose(cast, role=role)
    assert not cast.nobody.memberships.exists()
    confirm(proposal, User.objects.get(name=second))
    assert cast.nobody.memberships.get().role == role
    actions = list(Event.objects.order_by("id").values_list("action", "actor_name"))
    assert actions == [
        ("proposal.proposed", "Priya Nair"),
        ("proposal.confirmed", second),
        ("role.given", second),
    ]


@pytest.mark.parametrize("who", ["director", "manager", "analyst", "auditor", "nobody"])
def test_others_neither_propose_nor_answer(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    with pytest.raises(NotAllowed):
        propose(cast, cast.uk_manager, Role.EXECUTIVE, by=user)
    proposal = propose(cast, cast.uk_manager, Role.EXECUTIVE)
    with pytest.raises(NotAllowed):
        confirm(proposal, user)
    with pytest.raises(NotAllowed):
        services.proposal_reject(proposal=proposal, by=user, at=NOW, reason="No.")
    assert not may_answer(user, proposal)


def test_the_proposer_does_not_confirm(cast: Cast) -> None:
    by_executive = propose(cast, by=cast.executive)
    with pytest.raises(NotAllowed) as refused:
        confirm(by_executive, cast.executive)
    assert refused.value.code == "own_proposal"
    confirm(by_executive, cast.executive2)


def test_an_administrator_alone_never_makes_an_administrator(cast: Cast, otto: User) -> None:
    proposal = propose(cast, role=Role.ADMIN)
    with pytest.raises(NotAllowed):
        confirm(proposal, cast.admin)
    User.objects.filter(pk=otto.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        confirm(proposal, User.objects.get(pk=otto.pk))


def test_who_is_meant_neither_proposes_nor_answers(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="own roles"):
        propose(cast, cast.executive, Role.EXECUTIVE, by=cast.executive, take=True)
    removal = propose(cast, cast.executive, Role.EXECUTIVE, take=True)
    with pytest.raises(NotAllowed):
        confirm(removal, cast.executive)
    with pytest.raises(NotAllowed):
        services.proposal_reject(proposal=removal, by=cast.executive, at=NOW, reason="I stay.")
    confirm(removal, cast.executive2)
    assert not cast.executive.memberships.exists()


def test_the_database_itself_wants_two_people_and_not_oneself(cast: Cast) -> None:
    proposal = propose(cast, by=cast.executive)
    rows = Proposal.objects.filter(pk=proposal.pk)
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        rows.update(state=State.CONFIRMED, decided_by=cast.executive, decided_at=NOW)
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        rows.update(state=State.CONFIRMED)
    with pytest.raises(IntegrityError, match="not_oneself"), transaction.atomic():
        rows.update(state=State.CONFIRMED, decided_by=cast.nobody)
    with pytest.raises(IntegrityError, match="not_oneself"), transaction.atomic():
        rows.update(user=cast.executive)


def test_a_proposal_is_answered_once(cast: Cast) -> None:
    proposal = propose(cast)
    services.proposal_reject(
        proposal=proposal, by=cast.executive, at=NOW, reason="Not a finance person."
    )
    assert latest_event().reason == "Not a finance person."
    with pytest.raises(Conflict, match="rejected"):
        confirm(proposal, cast.executive2)
    with pytest.raises(Conflict):
        services.proposal_withdraw(proposal=proposal, by=cast.admin, at=NOW)
    assert not cast.nobody.memberships.exists()


def test_reasons_are_needed(cast: Cast) -> None:
    with pytest.raises(Invalid, match="Say why"):
        propose(cast, reason=" ")
    with pytest.raises(Invalid, match="Say why"):
        services.proposal_reject(proposal=propose(cast), by=cast.executive, at=NOW, reason="")


def test_only_the_proposer_withdraws(cast: Cast) -> None:
    proposal = propose(cast)
    with pytest.raises(NotAllowed):
        services.proposal_withdraw(proposal=proposal, by=cast.executive, at=NOW)
    services.proposal_withdraw(proposal=proposal, by=cast.admin, at=NOW)
    with pytest.raises(Conflict, match="withdrawn"):
        confirm(proposal, cast.executive)


def test_the_same_is_not_proposed_twice_but_an_expired_one_makes_room(cast: Cast) -> None:
    old = propose(cast)
    with pytest.raises(Conflict, match="proposed already"):
        propose(cast)
    later = NOW + services.proposals.LIFETIME
    with pytest.raises(Conflict, match="older than 14 days"):
        services.proposal_confirm(proposal=old, by=cast.executive, at=later)
    fresh = propose(cast, at=later)
    old.refresh_from_db()
    assert (old.state, fresh.state) == (State.EXPIRED, State.OPEN)


@pytest.mark.parametrize(
    ("user", "role", "more", "error"),
    [
        ("nobody", Role.MANAGER, {}, Invalid),
        ("executive", Role.EXECUTIVE, {}, Conflict),
        ("nobody", Role.EXECUTIVE, {"take": True}, Conflict),
        ("manager", Role.ADMIN, {}, Conflict),
        ("executive", Role.AUDITOR, {}, Conflict),
    ],
)
def test_what_cannot_be_is_not_even_proposed(
    cast: Cast, user: str, role: str, more: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        propose(cast, getattr(cast, user), role, **more)
    assert not Proposal.objects.exists()


def test_what_became_impossible_since_is_refused_when_confirmed(cast: Cast) -> None:
    proposal = propose(cast)
    Membership.objects.create(user=cast.nobody, team=cast.uk, role=Role.MANAGER)
    with pytest.raises(Conflict) as refused:
        confirm(proposal, cast.executive)
    assert refused.value.code == "roles_exclude"
    proposal.refresh_from_db()
    assert proposal.state == State.OPEN


def test_two_administrators_always_stay(cast: Cast, request: pytest.FixtureRequest) -> None:
    removal = propose(cast, cast.admin, Role.ADMIN, by=cast.executive, take=True)
    with pytest.raises(Conflict) as refused:
        confirm(removal, cast.executive2)
    assert refused.value.code == "too_few_admins"
    assert "Name another administrator first" in refused.value.remedy
    request.getfixturevalue("third_admin")
    confirm(removal, cast.executive2)
    assert not cast.admin.memberships.exists()


def test_an_executive_who_is_needed_keeps_the_role(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        needed, "_leaving_checks", [lambda user, _: f"{user.name} is the last one."]
    )
    removal = propose(cast, cast.executive, Role.EXECUTIVE, take=True)
    with pytest.raises(Conflict, match="Greta Holm is the last one"):
        confirm(removal, cast.executive2)


@pytest.mark.django_db(transaction=True)
def test_two_who_answer_at_once_answer_once() -> None:
    cast = create_cast()
    proposal = propose(cast)
    gate, results = threading.Barrier(2, timeout=20), list[str]()

    def answer(by: User) -> None:
        try:
            gate.wait()
            confirm(proposal, by)
            results.append("confirmed")
        except Conflict:
            results.append("conflict")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=answer, args=[by]) for by in (cast.executive, cast.executive2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(results) == ["confirmed", "conflict"]
    assert cast.nobody.memberships.count() == 1


# How the books are kept


def test_what_amounts_mean_is_proposed_by_an_administrator_and_confirmed_by_an_executive(
    cast: Cast,
) -> None:
    proposal = services.books_propose(
        changes={"reporting_currency": "USD"}, by=cast.admin, at=NOW, reason="New owner."
    )
    assert Organisation.current().reporting_currency == "EUR"
    with pytest.raises(NotAllowed):
        confirm(proposal, cast.auditor)
    confirm(proposal, cast.executive)
    assert Organisation.current().reporting_currency == "USD"
    event = latest_event()
    assert (event.action, event.reason) == ("organisation.edited", "New owner.")
    assert (event.before, event.after) == (
        {"reporting_currency": "EUR"},
        {"reporting_currency": "USD"},
    )


@pytest.mark.parametrize(
    "changes",
    [{}, {"name": "X"}, {"reporting_currency": "Euro"}, {"reporting_currency": "usd"}],
)
def test_books_that_cannot_be_are_not_proposed(cast: Cast, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        services.books_propose(changes=changes, by=cast.admin, at=NOW, reason="x")


def test_books_that_are_in_use_stay(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organisation, "_checks", [])
    services.register_organisation_check(
        lambda changes: "FY2026 is open." if "fiscal_start_month" in changes else ""
    )
    with pytest.raises(Conflict, match="FY2026 is open"):
        services.books_propose(changes={"fiscal_start_month": 4}, by=cast.admin, at=NOW, reason="x")


def test_one_administrator_sets_the_rest(cast: Cast) -> None:
    services.organisation_edit(by=cast.admin, at=NOW, name="Tarn & Fell", week_start=6)
    current = Organisation.current()
    assert (current.name, current.week_start) == ("Tarn & Fell", 6)
    with pytest.raises(NotAllowed):
        services.organisation_edit(by=cast.executive, at=NOW, name="X")
    with pytest.raises(Invalid, match="second person"):
        services.organisation_edit(by=cast.admin, at=NOW, reporting_currency="USD")
    with pytest.raises(Invalid, match="not a time zone"):
        services.organisation_edit(by=cast.admin, at=NOW, time_zone="Mars/Base")
    with pytest.raises(Invalid):
        services.organisation_edit(by=cast.admin, at=NOW, name="")
    count = Event.objects.count()
    services.organisation_edit(by=cast.admin, at=NOW, name="Tarn & Fell")
    assert Event.objects.count() == count


# Pages


def test_the_page_shows_what_waits_and_lets_the_second_person_answer(
    cast: Cast, otto: User, enter: Enter
) -> None:
    proposal, removal = propose(cast), propose(cast, cast.executive2, Role.EXECUTIVE, take=True)
    assert proposals_waiting(cast.executive) == 2
    assert proposals_waiting(cast.executive2) == 1
    assert proposals_waiting(cast.admin) == proposals_waiting(cast.manager) == 0
    page = enter(cast.executive).get("/people/proposals/").content.decode()
    assert "2 changes wait for you" in page
    admin = enter(cast.admin)
    assert "2 changes wait for somebody else" in admin.get("/people/proposals/").content.decode()
    url = f"/people/proposals/{proposal.pk}/"
    assert admin.post(url + "confirm/").status_code == 403
    assert enter(cast.executive).post(url + "confirm/").status_code == 302
    assert cast.nobody.memberships.get().role == "auditor"
    other = f"/people/proposals/{removal.pk}/"
    assert enter(otto).post(other + "reject/").status_code == 422
    assert enter(otto).post(other + "reject/", {"reason": "No."}).status_code == 302
    assert enter(cast.manager).get("/people/proposals/").status_code == 403
    last = propose(cast, cast.manager, Role.EXECUTIVE)
    assert admin.post(f"/people/proposals/{last.pk}/withdraw/").status_code == 302


def test_who_has_no_say_sees_only_what_concerns_them(cast: Cast) -> None:
    mine = propose(cast, cast.manager, Role.EXECUTIVE)
    propose(cast, cast.uk_manager, Role.EXECUTIVE)
    assert list(proposals_for(cast.manager)) == [mine]


def test_the_organisation_page_saves_proposes_and_only_shows(cast: Cast, enter: Enter) -> None:
    admin, page = enter(cast.admin), "/people/organisation/"
    form = {
        "name": "Tarn & Fell", "classification": "Confidential", "time_zone": "Europe/Berlin",
        "week_start": "0", "reporting_currency": "EUR", "fiscal_start_month": "4",
        "fiscal_pattern": "calendar", "reason": "",
    }  # fmt: skip
    assert "Say why" in admin.post(page, form).content.decode()
    assert admin.post(page, {**form, "reason": "New owner."}).status_code == 302
    current = Organisation.current()
    assert (current.name, current.time_zone, current.fiscal_start_month) == (
        "Tarn & Fell",
        "Europe/Berlin",
        1,
    )
    assert Proposal.objects.get().changes == {"fiscal_start_month": 4}
    reader = enter(cast.analyst)
    assert "Europe/Berlin" in reader.get(page).content.decode()
    assert reader.post(page, form).status_code == 403
    # An executive may propose the books; what only administrators set stays as it is.
    executive = enter(cast.executive)
    changed = {**form, "name": "Other", "reporting_currency": "USD", "reason": "x"}
    Proposal.objects.all().delete()
    assert executive.post(page, changed).status_code == 302
    assert Organisation.current().name == "Tarn & Fell"


def test_expiry_is_fourteen_days() -> None:
    assert timedelta(days=14) == services.proposals.LIFETIME
