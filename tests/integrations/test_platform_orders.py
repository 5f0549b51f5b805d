"""Approved changes that go out to a platform: once, read back, and handed to a person when stuck."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from approvals.models import ChangeRequest
from campaigns.choices import Status
from campaigns.models import CampaignLine
from campaigns.services import campaign_move
from core import features, killswitch, outbox
from core.errors import Conflict, Invalid
from core.events import SYSTEM
from core.models import Event, OutboxItem
from integrations.choices import PLATFORM_ORDERS, OrderKind, OrderState
from integrations.models import Connection, PlatformOrder
from integrations.selectors import orders_in_need
from integrations.services import connections
from tests.approvals.actions import decide
from tests.cast import Cast
from tests.integrations.connected import AT, Clock, connect, platform, talker
from tests.integrations.fake_platform import FakePlatform
from tests.world import make_line

__all__ = ["platform"]
pytestmark = [pytest.mark.feature("3.9"), pytest.mark.django_db]


@pytest.fixture
def held(cast: Cast, platform: FakePlatform) -> Connection:
    """A Google Ads account that may be written to, orders switched on."""
    features.switch(PLATFORM_ORDERS, True, actor=SYSTEM, reason="Test", at=AT)
    return connect(cast, may_write=True)


@pytest.fixture
def line(cast: Cast, held: Connection) -> CampaignLine:
    made = make_line(cast)
    made.ad_account, made.external_id = held.source.ad_account, "9"
    made.save()
    return made


def order(
    line: CampaignLine, kind: str = "pause", wanted: str = "", key: str = "one"
) -> PlatformOrder:
    made = connections.order_ask(
        connections.Change(line, kind, wanted), key=key, actor=SYSTEM, at=AT
    )
    assert made is not None
    return made


def work(made: PlatformOrder, clock: Clock | None = None) -> PlatformOrder:
    found = PlatformOrder.objects.select_related("connection__source", "line").get(pk=made.pk)
    return connections.order_work(found, platform=talker(found.connection, clock))


def writes(platform: FakePlatform) -> int:
    return len(platform.asked(":mutate"))


def test_a_pause_is_sent_once_and_read_back(line: CampaignLine, platform: FakePlatform) -> None:
    made = work(order(line))
    assert (made.state, made.before, platform.values["status"]) == ("done", "live", "paused")
    assert work(made).state == OrderState.DONE
    assert writes(platform) == 1
    done = Event.objects.get(action="platform_order.done")
    assert done.after == {"before": "live", "now": "paused", "tries": 1}


def test_a_budget_arrives_in_the_platforms_own_unit(
    line: CampaignLine, platform: FakePlatform
) -> None:
    assert work(order(line, "budget", "120.509")).state == OrderState.DONE
    assert platform.values["budget"] == "120.5"
    update = platform.asked("campaignBudgets:mutate")[0].json["operations"][0]["update"]
    assert update["amountMicros"] == "120500000"


def test_what_is_so_already_is_not_sent(line: CampaignLine, platform: FakePlatform) -> None:
    platform.values["status"] = "paused"
    assert work(order(line)).state == OrderState.DONE
    assert writes(platform) == 0


def test_an_unknown_outcome_is_read_back_before_anything_is_sent_again(
    line: CampaignLine, platform: FakePlatform
) -> None:
    platform.trouble(drop=True, after_work=True, on=":mutate")
    clock = Clock()
    made = work(order(line), clock)
    assert (made.state, made.tries) == (OrderState.SENT, 1)
    again = OutboxItem.objects.filter(kind="platform_order").latest("pk")
    assert again.not_before > clock()
    assert work(made, clock).state == OrderState.DONE
    assert writes(platform) == 1


def test_an_order_that_was_lost_on_the_way_is_sent_again(
    line: CampaignLine, platform: FakePlatform
) -> None:
    platform.trouble(drop=True, on=":mutate")
    made = work(order(line))
    assert made.state == OrderState.SENT
    assert work(made).state == OrderState.DONE
    assert writes(platform) == 2


def test_a_value_that_somebody_changed_meanwhile_needs_a_person(
    line: CampaignLine, platform: FakePlatform
) -> None:
    platform.trouble(drop=True, on=":mutate")
    made = work(order(line, "budget", "80"))
    platform.values["budget"] = "65"
    made = work(made)
    assert made.state == OrderState.NEEDS_PERSON
    assert "65" in made.error
    assert "neither what it was (50.00) nor what was ordered (80.00)" in made.error
    assert writes(platform) == 1


def test_after_four_tries_a_person_is_asked_on_the_home_page(
    line: CampaignLine, platform: FakePlatform, cast: Cast
) -> None:
    platform.trouble(times=20, status=503, on=":mutate")
    made = order(line)
    for _ in range(6):
        made = work(made)
    assert (made.state, made.tries, writes(platform)) == (OrderState.NEEDS_PERSON, 4, 4)
    assert "did not arrive" in orders_in_need(cast.manager, AT)[0].need.title
    assert orders_in_need(cast.other_manager, AT) == []
    platform.troubles.clear()
    again = connections.order_retry(made, user=cast.manager, at=AT)
    assert work(again).state == OrderState.DONE


def test_a_refusal_of_the_platform_is_not_tried_again(
    line: CampaignLine, platform: FakePlatform, cast: Cast
) -> None:
    platform.trouble(status=400, body=b'{"error": {"message": "Budget too low."}}', on=":mutate")
    made = work(order(line, "budget", "1"))
    assert made.state == OrderState.NEEDS_PERSON
    assert "Budget too low." in made.error
    settled = connections.order_settle(
        made, user=cast.manager, at=AT, done=False, reason="Not needed"
    )
    assert settled.state == OrderState.CANCELLED


def test_the_kill_switch_holds_an_order_back(
    line: CampaignLine, platform: FakePlatform, cast: Cast
) -> None:
    made = order(line)
    killswitch.throw(actor=cast.director.as_actor(), reason="Stop", at=AT)
    made = work(made)
    assert made.state == OrderState.NEEDS_PERSON
    assert "stopped everything" in made.error
    assert writes(platform) == 0


def test_a_limit_puts_an_order_off(line: CampaignLine, platform: FakePlatform) -> None:
    platform.trouble(status=429, headers={"Retry-After": "600"}, on=":search")
    made = work(order(line))
    assert made.state == OrderState.WAITING
    later = OutboxItem.objects.filter(kind="platform_order").latest("pk")
    assert later.not_before == AT + timedelta(seconds=600)


def test_one_key_asks_once(line: CampaignLine) -> None:
    assert order(line).pk == order(line).pk


@pytest.mark.parametrize("wanted", ["", "0", "-5", "much", "NaN", "1e99"])
def test_an_amount_that_is_none_is_refused(line: CampaignLine, wanted: str) -> None:
    with pytest.raises(Invalid):
        order(line, "budget", wanted)


def test_pausing_a_campaign_here_pauses_it_there(
    line: CampaignLine, platform: FakePlatform, cast: Cast
) -> None:
    campaign_move(
        campaign=line.campaign, to=Status.PAUSED, at=AT, by=cast.manager, reason="Too dear"
    )
    made = PlatformOrder.objects.get()
    assert (made.kind, made.asked_by_name) == (OrderKind.PAUSE, cast.manager.name)
    assert work(made).state == OrderState.DONE
    campaign_move(campaign=line.campaign, to=Status.LIVE, at=AT, by=cast.manager)
    assert work(PlatformOrder.objects.latest("pk")).state == OrderState.DONE
    assert platform.values["status"] == "live"


def test_without_a_connection_that_may_write_nothing_goes_out(
    line: CampaignLine, held: Connection, cast: Cast
) -> None:
    Connection.objects.update(may_write=False)
    campaign_move(
        campaign=line.campaign, to=Status.PAUSED, at=AT, by=cast.manager, reason="Too dear"
    )
    assert not PlatformOrder.objects.exists()
    with pytest.raises(Conflict, match="No connection"):
        ask(cast.manager, line)


def ask(user: User, line: CampaignLine, change: str = "bid", **more: str) -> ChangeRequest:
    given = {"wanted": "3.20", "reason": "Too few impressions.", **more}
    return connections.change_request(user=user, line=line, change=change, at=AT, **given)


def test_a_bid_goes_out_when_somebody_else_has_approved_it(
    line: CampaignLine, cast: Cast, platform: FakePlatform
) -> None:
    asked = ask(cast.manager, line)
    assert not PlatformOrder.objects.exists()
    decide(asked, cast.director, at=AT)
    item = OutboxItem.objects.get(key=f"execute:{asked.pk}:1")
    outbox.deliver(item.pk, now=AT)
    made = PlatformOrder.objects.get()
    assert (made.wanted, made.request_id) == ("3.20", asked.pk)


def test_what_the_platform_sets_for_each_ad_group_asks_for_its_number(
    line: CampaignLine, cast: Cast
) -> None:
    with pytest.raises(Invalid, match="for each ad group"):
        ask(cast.manager, line, "rotation", wanted="rotate")
    assert ask(cast.manager, line, "rotation", wanted="rotate", target="777").pk


def test_a_lasting_token_is_enough_for_meta(cast: Cast, platform: FakePlatform) -> None:
    features.switch(PLATFORM_ORDERS, True, actor=SYSTEM, reason="Test", at=AT)
    meta = connect(cast, "meta_ads", may_write=True)
    made = make_line(cast)
    made.ad_account, made.external_id = meta.source.ad_account, "23854"
    made.save()
    assert work(order(made)).state == OrderState.DONE
    sent = [call for call in platform.calls if call.method == "POST"]
    assert [call.form for call in sent] == [{"status": "PAUSED"}]
