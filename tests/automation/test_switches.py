"""The kill switch stops at once and takes two to release; features go on only with an approval."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import User
from approvals.models import ChangeRequest, Execution
from approvals.services import request_execute
from automation.choices import FEATURE, RELEASE
from core import features, killswitch, outbox
from core.errors import Conflict
from core.models import Event, FeatureSwitch, Organisation, OutboxItem
from tests.budgets.world import AT, DEC, World, create_world, decide, k, move
from tests.cast import Cast

NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)


def post(user: User, path: str, **data: str) -> int:
    client = Client()
    client.force_login(user)
    return client.post(f"/alerts/automation/{path}", data).status_code


def get(user: User, path: str = "/alerts/automation/") -> str:
    client = Client()
    client.force_login(user)
    return client.get(path).content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("executive", 302), ("director", 302), ("admin", 302), ("auditor", 302),
        ("manager", 403), ("analyst", 403), ("nobody", 403),
    ],
)  # fmt: skip
def test_one_click_of_one_person_stops_everything(cast: Cast, who: str, status: int) -> None:
    assert post(getattr(cast, who), "stop/") == status
    stopped = Organisation.objects.get().stopped_at is not None
    assert stopped == (status == 302)
    assert Event.objects.filter(action="kill_switch.on").count() == stopped


def test_every_page_says_that_it_is_stopped_and_by_whom(cast: Cast) -> None:
    post(cast.admin, "stop/", reason="The feed is wrong")
    assert "Priya Nair, “The feed is wrong”" in get(cast.manager, "/")


def test_what_was_approved_is_not_carried_out_while_it_is_on(world: World, cast: Cast) -> None:
    request = decide(move(world, cast.manager, 1), cast.director)
    post(cast.director, "stop/", reason="The feed is wrong")
    done = request_execute(request=request, at=AT)
    assert done.state == "stale"
    assert "Mara Lindqvist stopped everything" in done.outcome_note
    assert not Execution.objects.exists()
    assert world.balance(world.display, DEC, world.winter_display) == k(80)


def test_orders_to_platforms_wait_for_a_person_and_go_out_afterwards(
    world: World, cast: Cast
) -> None:
    request = decide(move(world, cast.manager, 1), cast.director)
    request_execute(request=request, at=AT)
    item = OutboxItem.objects.get(kind="bulk_file")
    killswitch.throw(actor=cast.admin.as_actor(), reason="The feed is wrong", at=AT)
    outbox.deliver(item.pk, now=AT)
    item.refresh_from_db()
    assert (item.state, item.result) == (OutboxItem.State.NEEDS_PERSON, None)
    assert "stopped everything" in item.error
    killswitch.release(actor=cast.director.as_actor(), reason="Mended", at=AT)
    outbox.retry(item.pk, now=AT)
    assert outbox.deliver(item.pk, now=AT)


@pytest.mark.parametrize(("second", "state"), [("executive", "executed"), ("manager", "open")])
def test_starting_again_takes_a_second_leader(cast: Cast, second: str, state: str) -> None:
    post(cast.admin, "stop/")
    assert post(cast.admin, "release/", reason="Safe again") == 403
    assert post(cast.director, "release/", reason="Safe again") == 302
    asked = ChangeRequest.objects.get(kind=RELEASE)
    with pytest.raises(Exception, match="took part"):
        decide(asked, cast.director)
    if state == "executed":
        decide(asked, getattr(cast, second))
        request_execute(request=asked, at=AT)
    else:
        with pytest.raises(Exception, match="decided by"):
            decide(asked, getattr(cast, second))
    asked.refresh_from_db()
    assert asked.state == state
    assert killswitch.is_on() == (state == "open")


def test_thrown_again_in_between_the_release_does_not_count(cast: Cast) -> None:
    post(cast.admin, "stop/")
    post(cast.director, "release/", reason="Safe again")
    killswitch.release(actor=cast.director.as_actor(), reason="By another way", at=AT)
    killswitch.throw(actor=cast.admin.as_actor(), reason="Worse", at=NOW)
    asked = ChangeRequest.objects.get(kind=RELEASE)
    with pytest.raises(Conflict, match="has moved"):
        decide(asked, cast.executive)
    assert killswitch.is_on()


@pytest.mark.feature("9.4")
def test_a_feature_goes_on_only_when_somebody_else_approves(cast: Cast) -> None:
    assert post(cast.director, "advice/off/", reason="Too noisy") == 302
    assert not features.is_on("advice")
    assert post(cast.analyst, "advice/on/", reason="Please") == 403
    assert post(cast.manager, "advice/on/", reason="We need it") == 302
    asked = ChangeRequest.objects.get(kind=FEATURE)
    assert asked.reference in get(cast.director)
    with pytest.raises(Exception, match="took part"):
        decide(asked, cast.manager)
    assert not features.is_on("advice")
    decide(asked, cast.executive)
    request_execute(request=asked, at=AT)
    assert features.is_on("advice")
    assert FeatureSwitch.objects.get(key="advice").request_id == asked.pk
    assert Event.objects.filter(action="feature.on", subject_id="advice").exists()


@pytest.mark.feature("9.4")
def test_over_the_api_on_is_a_request_and_off_is_at_once(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.director)
    address = "/api/v1/automation/features/platform-files/"
    body = {"do": "off", "reason": "Not yet"}
    assert client.post(address, body, "application/json").json() == {"request": None}
    listed = client.get("/api/v1/automation/").json()
    assert {row["key"]: row["is_on"] for row in listed["features"]}["platform-files"] is False
    asked = client.post(address, {"do": "on", "reason": "Now"}, "application/json").json()
    assert ChangeRequest.objects.get(pk=asked["request"]).kind == FEATURE


def test_a_feature_that_is_off_does_not_act(world: World, cast: Cast) -> None:
    features.switch("platform-files", False, actor=cast.director.as_actor(), reason="x", at=AT)
    request_execute(request=decide(move(world, cast.manager, 1), cast.director), at=AT)
    item = OutboxItem.objects.get(kind="bulk_file")
    outbox.deliver(item.pk, now=AT)
    item.refresh_from_db()
    assert item.result == {"files": 0, "orders": 0, "skipped": "The feature is off."}
