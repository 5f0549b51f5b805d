"""Who leaves hands over first: campaigns, initiatives, alerts and unfinished requests."""

from __future__ import annotations

import pytest

from accounts import services
from accounts.models import User
from approvals.services.leaving import needed_as_executive
from automation.models import Alert
from automation.services import alert_raise
from budgets.services.years import books_in_use
from campaigns.models import Campaign
from core.errors import Conflict, Invalid, NotAllowed
from tests.accounts.conftest import NOW, Enter
from tests.campaigns.examples import make_initiative
from tests.cast import Cast
from tests.world import make_campaign


def leave(cast: Cast) -> User:
    return services.person_deactivate(user=cast.manager, by=cast.admin, at=NOW, reason="Left.")


def hand(cast: Cast, kind: str, to: User | None) -> int:
    return services.hand_over(user=cast.manager, kind=kind, by=cast.admin, at=NOW, to=to)


def test_nobody_leaves_work_behind(cast: Cast) -> None:
    make_campaign(cast)
    make_campaign(cast, status="archived")
    make_initiative(cast)
    alert_raise(
        user=cast.manager, team=cast.dach, title="Payment failed", reason="x", severity="warning",
        owner=cast.manager, at=NOW,
    )  # fmt: skip
    with pytest.raises(Conflict, match="1 open campaign, 1 initiative and 1 open alert"):
        leave(cast)
    assert hand(cast, "campaigns", cast.director) == 1
    assert hand(cast, "initiatives", cast.director) == 1
    assert hand(cast, "alerts", cast.director) == 1
    assert not leave(cast).is_active
    assert Campaign.objects.get(status="live").owner == cast.director
    assert Alert.objects.get().owner == cast.director


def test_it_goes_only_to_somebody_who_may_do_the_work(cast: Cast) -> None:
    made = make_campaign(cast)
    for wrong in (cast.auditor, cast.other_director, cast.manager, None):
        with pytest.raises(Invalid):
            hand(cast, "campaigns", wrong)
    with pytest.raises(Invalid):
        hand(cast, "hats", cast.director)
    with pytest.raises(NotAllowed):
        services.hand_over(
            user=cast.manager, kind="campaigns", by=cast.director, at=NOW, to=cast.director
        )
    made.refresh_from_db()
    assert made.owner == cast.manager


def test_the_page_and_the_api_offer_it(cast: Cast, enter: Enter) -> None:
    make_campaign(cast, "Winter Layers")
    client, page = enter(cast.admin), f"/people/{cast.manager.pk}/"
    assert "Hand over and deactivate" in client.get(page).content.decode()
    assert "Winter Layers" in client.get(f"{page}handover/").content.decode()
    held = client.get(f"/api/v1/people/{cast.manager.pk}/handover/").json()
    assert [(one["kind"], one["names"]) for one in held] == [("campaigns", ["Winter Layers"])]
    data = {"kind": "campaigns", "to": cast.director.pk}
    assert client.post(f"{page}handover/", {"kind": "campaigns"}).status_code == 422
    assert client.post(f"{page}handover/", data).status_code == 302
    assert "is free to go" in client.get(f"{page}handover/").content.decode()
    assert enter(cast.director).get(f"{page}handover/").status_code == 403


def test_the_executive_check_is_about_the_last_one(cast: Cast) -> None:
    assert needed_as_executive(cast.executive, ["executive"]) == ""
    assert needed_as_executive(cast.manager, ["manager"]) == ""


def test_the_calendar_is_free_while_nothing_is_booked(cast: Cast) -> None:
    assert books_in_use({"fiscal_start_month": 4}) == ""
    assert books_in_use({"name": "x"}) == ""
