"""Out of office: shown beside the name, with who decides meanwhile; it ends by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from approvals import services
from approvals.models import Absence, Delegation, Substitute
from approvals.selectors import away, presence
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from tests.approvals.actions import AT, ask, decide
from tests.cast import Cast

DAY = timedelta(days=1)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def absent(user: User, *, days: int = 5, **more: Any) -> Absence:
    return services.absence_create(
        user=user, starts_at=AT, ends_at=AT + days * DAY, note="At a fair", at=AT, **more
    )


@pytest.mark.feature("9.1")
def test_an_absence_is_declared_with_the_substitute_proposed(cast: Cast) -> None:
    page = browser(cast.director)
    named = {"substitute": cast.other_director.pk}
    assert page.post(reverse("approvals:substitute"), named).status_code == 302
    with time_machine.travel(AT, tick=False):
        form = page.get(reverse("approvals:absent")).context["form"]
        assert form.initial["delegate"] == cast.other_director
        days = {"starts_on": "2026-11-21", "ends_on": "2026-12-03", "note": "Holiday"}
        sent = days | {"delegate": cast.other_director.pk}
        assert page.post(reverse("approvals:absent"), sent).status_code == 302
        held = Absence.objects.get()
        assert held.delegation
        assert held.delegation.delegate == cast.other_director
        assert held.starts_at == AT
        away_page = page.get(reverse("approvals:away")).content.decode()
        assert "Dana Cole decides for you until 3 Dec" in away_page
        request = ask(cast.manager, cast.dach)
        shown = browser(cast.executive).get(request.get_absolute_url()).content.decode()
        assert "Mara Lindqvist is away until 3 Dec, Dana Cole decides" in shown
        people = browser(cast.executive).get(reverse("accounts:people")).content.decode()
        assert "away until 3 Dec, Dana Cole decides" in people
        again = page.post(reverse("approvals:absent"), sent)
        assert (again.status_code, "away already" in again.content.decode()) == (422, True)


def test_the_mail_to_who_is_away_goes_to_the_delegate_too(
    cast: Cast, told: list[tuple[str, str]]
) -> None:
    absent(cast.director, delegate=cast.other_director)
    ask(cast.manager, cast.dach)
    assert {("Mara Lindqvist", "decide"), ("Dana Cole", "decide")} <= set(told)


def test_an_absence_ends_by_itself_or_early_with_its_delegation(cast: Cast) -> None:
    held = absent(cast.director, delegate=cast.other_director)
    assert (
        presence([cast.director.pk], AT)
        == {cast.director.pk: "away until Thu 26 Nov, 16:00, Dana Cole decides"}
        or "Dana Cole decides" in presence([cast.director.pk], AT)[cast.director.pk]
    )
    assert away([cast.director.pk], AT + 6 * DAY) == {}
    with pytest.raises(NotAllowed):
        services.absence_end(absence=held, user=cast.executive, at=AT + DAY)
    services.absence_end(absence=held, user=cast.director, at=AT + DAY)
    delegation = Delegation.objects.get()
    assert delegation.ended_because == "Mara Lindqvist is back."
    request = ask(cast.manager, cast.dach)
    with pytest.raises(NotAllowed):
        decide(request, cast.other_director, at=AT + DAY)
    with pytest.raises(Conflict, match="over already"):
        services.absence_end(absence=held, user=cast.director, at=AT + DAY)


def test_anybody_may_be_away_but_only_who_decides_names_a_delegate(cast: Cast) -> None:
    assert absent(cast.manager).delegation is None
    with pytest.raises(NotAllowed):
        absent(cast.uk_manager, delegate=cast.director)
    with pytest.raises(Invalid, match="14 days"):
        absent(cast.director, days=15, delegate=cast.executive)
    assert not Absence.objects.filter(user=cast.director).exists()
    assert absent(cast.director, days=40).delegation is None
    form = browser(cast.manager).get(reverse("approvals:absent")).context["form"]
    assert "delegate" not in form.fields


def test_a_substitute_has_the_limits_of_a_delegate(cast: Cast) -> None:
    for who in (cast.manager, cast.auditor, cast.director):
        with pytest.raises(Invalid):
            services.substitute_set(user=cast.director, substitute=who, at=AT)
    with pytest.raises(NotAllowed):
        services.substitute_set(user=cast.manager, substitute=cast.director, at=AT)
    services.substitute_set(user=cast.director, substitute=cast.executive, at=AT)
    services.substitute_set(user=cast.director, substitute=None, at=AT)
    assert not Substitute.objects.exists()
    assert Event.objects.filter(action="substitute.named").count() == 2


def test_being_away_over_the_api(cast: Cast) -> None:
    api, now = browser(cast.director), datetime.now(UTC)
    body = {
        "starts_at": (now + DAY).isoformat(), "ends_at": (now + 2 * DAY).isoformat(),
        "note": "Fair", "delegate": cast.executive.pk,
    }  # fmt: skip
    made = api.post("/api/v1/absences/", body, "application/json").json()
    assert made["delegation"] == Delegation.objects.get().pk
    ended = api.post(f"/api/v1/absences/{made['id']}/end/", {}, "application/json")
    assert ended.json()["ended_at"]
    put = api.put("/api/v1/substitute/", {"substitute": cast.executive.pk}, "application/json")
    assert put.json() == api.get("/api/v1/substitute/").json() == {"substitute": cast.executive.pk}
    low = api.put("/api/v1/substitute/", {"substitute": cast.manager.pk}, "application/json")
    assert low.status_code == 400
