"""Which conversions count is chosen for each account, from the events that the platform says it has."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest
from django.urls import reverse

from core.errors import Invalid
from integrations.choices import SyncState
from integrations.models import Connection, ImportRun
from integrations.rules.api import Count, with_counts
from integrations.services import connections
from metrics.models import Fact, Observation
from tests.cast import Cast
from tests.integrations.connected import AT, connect, platform, sync, talker
from tests.integrations.fake_platform import Call, FakePlatform, Trouble, delivery
from tests.integrations.test_connections import browser

__all__ = ["platform"]
pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.4")]
# Of each platform: two events as its API calls them.
EVENTS = {
    "google_ads": ("456", "789"), "linkedin_ads": ("456", "789"), "microsoft_ads": ("456", "789"),
    "tiktok_ads": ("form", "complete_payment"),
}  # fmt: skip
OWN = pytest.mark.parametrize("key", ["google_ads", "linkedin_ads", "microsoft_ads", "ga4"])
ALL = pytest.mark.parametrize("key", list(EVENTS))


def asked_for(cast: Cast, platform: FakePlatform, key: str) -> Connection:
    """A connection that was asked which events its account has."""
    platform.events, platform.polls = {"456": "Leads", "789": "Sales"}, 0
    held = connect(cast, key)
    connections.connection_test(talker(held), user=cast.admin, at=AT)
    held.refresh_from_db()
    return held


def choose(cast: Cast, held: Connection, *events: str) -> Connection:
    return connections.connection_change(
        held, user=cast.admin, at=AT, changes={"events": list(events)}
    )


def totals() -> dict[str, tuple[int, int]]:
    """Conversions and their worth by day."""
    return {
        str(fact.day): (fact.conversions or 0, fact.revenue or 0) for fact in Fact.objects.all()
    }


@OWN
def test_the_account_is_asked_for_its_own_events(
    cast: Cast, platform: FakePlatform, key: str
) -> None:
    held = asked_for(cast, platform, key)
    names = platform.events if key != "ga4" else {"Leads": "Leads", "Sales": "Sales"}
    assert held.event_choices == names
    with pytest.raises(Invalid, match="has no conversion"):
        choose(cast, held, "nonsense")


@ALL
@pytest.mark.parametrize("page_size", [1_000, 1])
def test_only_the_chosen_events_count(
    cast: Cast, platform: FakePlatform, key: str, page_size: int
) -> None:
    first, second = EVENTS[key]
    held = asked_for(cast, platform, key)
    platform.page_size = page_size
    platform.rows = [
        delivery("2026-11-19", event=first, conversions="3", value="30"),
        delivery("2026-11-20", event=second, conversions="5", value="70"),
    ]
    assert sync(held).state == SyncState.DONE
    everything = {"2026-11-19": (3_000_000, 30_000_000), "2026-11-20": (5_000_000, 70_000_000)}
    assert totals() == everything
    held = choose(cast, held, second)
    run = sync(held)
    assert (run.state, run.error) == (SyncState.DONE, "")
    # TikTok says no amounts by event; they stay what they are.
    gone = (0, 30_000_000) if key == "tiktok_ads" else (0, 0)
    assert totals() == {"2026-11-19": gone, "2026-11-20": (5_000_000, 70_000_000)}
    sync(choose(cast, held, first, second))
    assert totals() == everything
    sync(choose(cast, held))
    assert totals() == everything


def test_leads_on_linkedin_are_an_event_of_their_own(cast: Cast, platform: FakePlatform) -> None:
    platform.rows = [delivery("2026-11-20", event="456", conversions="3", leads="4")]
    held = asked_for(cast, platform, "linkedin_ads")
    sync(choose(cast, held, "one_click_leads"))
    assert totals()["2026-11-20"][0] == 4_000_000
    sync(choose(cast, held, "one_click_leads", "456"))
    assert totals()["2026-11-20"][0] == 7_000_000


def test_key_events_of_the_website_are_the_platforms_or_the_chosen_ones(
    cast: Cast, platform: FakePlatform
) -> None:
    platform.rows = [
        delivery("2026-11-20", name="purchase", clicks="7", key="7"),
        delivery("2026-11-20", name="sign_up", clicks="3", key="0"),
    ]
    held = asked_for(cast, platform, "ga4")
    sync(held)
    assert key_events() == {"purchase": 7, "sign_up": 0}
    platform.events = {"x": "sign_up"}
    connections.connection_test(talker(held), user=cast.admin, at=AT)
    sync(choose(cast, held, "sign_up"))
    assert key_events() == {"sign_up": 3}


def key_events() -> dict[str, int]:
    known = Observation.objects.filter(metric="events.key_events", ended_by=None)
    return {o.subject.split(" · ")[0]: o.value_micros // 10**6 for o in known}


@ALL
def test_without_a_choice_nothing_more_is_asked(
    cast: Cast, platform: FakePlatform, key: str
) -> None:
    held = asked_for(cast, platform, key)
    platform.rows = [delivery("2026-11-20", event=EVENTS[key][0])]
    asked = []
    for events in ((), EVENTS[key][:1]):
        held = choose(cast, held, *events)
        platform.calls.clear()
        sync(held)
        asked.append(len(platform.calls))
    # Microsoft's report is ordered, waited for, and fetched.
    assert asked[1] - asked[0] == (3 if key == "microsoft_ads" else 1)


def test_a_count_that_is_no_number_takes_nothing(cast: Cast, platform: FakePlatform) -> None:
    held = choose(cast, asked_for(cast, platform, "tiktok_ads"), "form")
    platform.rows = [delivery("2026-11-20", event="form")]
    trouble = platform.trouble_for
    body = json.dumps({"code": 0, "data": {"list": [{
        "dimensions": {"campaign_id": "9", "stat_time_day": "2026-11-20 00:00:00"},
        "metrics": {"form": "many"},
    }], "page_info": {"total_page": 1}}})  # fmt: skip

    def only_events(call: Call) -> Trouble | None:
        asked = "metrics" in call.query and "spend" not in call.query["metrics"]
        return Trouble(body=body.encode()) if asked else trouble(call)

    platform.trouble_for = only_events  # type: ignore[method-assign]
    run = sync(held)
    assert (run.state, "“many” is no number" in run.error) == (SyncState.FAILED, True)
    assert not ImportRun.objects.exists()


def test_a_day_with_conversions_and_no_delivery_is_not_lost() -> None:
    rows = pd.DataFrame({
        "row": [1, 2], "campaign_external_id": ["9", "9"], "campaign_name": ["Winter", "Winter"],
        "day": pd.to_datetime(["2026-11-19", "2026-11-19"]), "conversions": [5, 6], "spend": [1, 2],
        "period_start": pd.to_datetime(["2026-11-19", "2026-11-19"]), "currency": ["EUR", "EUR"],
        "revenue": [7, 8],
    }).astype({"campaign_name": "category", "currency": "category", "spend": "Int64"})  # fmt: skip
    counts = [
        Count("9", date(2026, 11, 19), 3, 30), Count("9", date(2026, 11, 19), 1, 1),
        Count("9", date(2026, 11, 20), 2, None), Count("8", date(2026, 11, 20), 4, 40),
    ]  # fmt: skip
    found = with_counts(rows, counts, "EUR")
    said = list(zip(found["campaign_name"], found["day"].dt.day, found["conversions"], strict=True))
    assert said == [("Winter", 19, 4), ("Winter", 19, 0), ("8", 20, 4), ("Winter", 20, 2)]
    assert list(found["revenue"]) == [31, 0, 40, 0]
    assert found["spend"].isna().tolist() == [False, False, True, True]


def test_they_are_chosen_on_the_connections_page(cast: Cast, platform: FakePlatform) -> None:
    held = asked_for(cast, platform, "google_ads")
    client = browser(cast.admin)
    edit = reverse("integrations:connection-edit", args=[held.pk])
    assert "Sales" in client.get(edit).content.decode()
    given = {"name": held.name, "lookback_days": 30, "every_hours": 6, "events": ["789"]}
    assert client.post(edit, given).status_code == 302
    held.refresh_from_db()
    assert held.events == ["789"]
    shown = client.get(reverse("integrations:connection", args=[held.pk])).content.decode()
    assert "Sales" in shown
    told = client.get(reverse("api-connection", args=[held.pk])).json()
    assert told["event_choices"] == {"456": "Leads", "789": "Sales"}
