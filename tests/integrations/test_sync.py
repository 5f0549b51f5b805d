"""Accounts read through their platforms' APIs: pages, limits, tokens, days, and being cut short."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from campaigns.models import CampaignLine
from core.errors import Conflict, Invalid
from core.models import Event
from customers.models import Opportunity, StageEntry
from integrations.choices import ConnectionState, SyncKind, SyncState
from integrations.models import Connection, ImportRun, SyncPage, SyncPart, SyncRun
from integrations.services import connections, stored_path
from metrics.models import Fact, Observation
from tests.cast import Cast
from tests.integrations.connected import AT, Clock, connect, platform, sync, talker
from tests.integrations.fake_platform import FakePlatform, delivery

__all__ = ["platform"]
pytestmark = pytest.mark.feature("3.4")
ADS = ["google_ads", "meta_ads", "linkedin_ads", "microsoft_ads", "tiktok_ads"]


def totals() -> Mapping[str, int | None]:
    facts = Fact.objects.all()
    names = ("impressions", "clicks", "spend", "conversions", "revenue")
    return {name: sum(getattr(fact, name) or 0 for fact in facts) for name in names}


def three_days(platform: FakePlatform) -> None:
    platform.rows = [
        delivery("2026-11-19", spend="10.01"),
        delivery("2026-11-20", spend="12.50"),
        delivery("2026-11-20", "10", spend="0.005", conversions="0", value="0"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ADS)
@pytest.mark.parametrize("page_size", [1_000, 1])
def test_every_ad_platform_gives_the_same_facts_whatever_its_pages(
    cast: Cast, platform: FakePlatform, key: str, page_size: int
) -> None:
    three_days(platform)
    platform.page_size = page_size
    run = sync(connect(cast, key))
    assert (run.state, run.error) == (SyncState.DONE, "")
    assert totals() == {
        "impressions": 3_000, "clicks": 60, "spend": 22_515_000, "conversions": 4_000_000,
        "revenue": 168_000_000,
    }  # fmt: skip
    lines = CampaignLine.objects.all()
    assert set(lines.values_list("name", flat=True)) == {"Fetched 9", "Fetched 10"}
    assert set(lines.values_list("external_id", flat=True)) == {"9", "10"}


@pytest.mark.django_db
@pytest.mark.parametrize("page_size", [1_000, 1])
def test_events_of_the_website_become_observations_of_their_day(
    cast: Cast, platform: FakePlatform, page_size: int
) -> None:
    platform.page_size = page_size
    platform.rows = [
        delivery("2026-11-20", name="purchase", clicks="7", value="100.50"),
        delivery("2026-11-20", name="sign_up", clicks="3", value="20"),
        delivery("2026-11-21", name="purchase", clicks="1", value="5"),
    ]
    held = connect(cast, "ga4")
    assert sync(held).state == SyncState.DONE
    known = Observation.objects.filter(metric="events.revenue", ended_by=None)
    assert {(o.subject.split(" · ")[0], o.first_day.day): o.value_micros for o in known} == {
        ("purchase", 20): 100_500_000, ("sign_up", 20): 20_000_000, ("purchase", 21): 5_000_000,
    }  # fmt: skip
    assert {o.currency for o in known} == {"EUR"}
    platform.rows[1]["name"] = "purchase"
    sync(held)
    assert {o.subject.split(" · ")[0] for o in known.all()} == {"purchase"}


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["hubspot", "salesforce"])
@pytest.mark.parametrize("page_size", [1_000, 1])
def test_deals_become_opportunities_and_a_new_stage_is_a_move(
    cast: Cast, platform: FakePlatform, key: str, page_size: int
) -> None:
    platform.page_size = page_size
    platform.rows = [
        delivery("2026-11-20", "71", name="closedwon", value="100.50"),
        delivery("2026-11-21", "72", name="contract", value="5"),
        delivery("2026-11-21", "73", name="closedlost", value="7"),
    ]
    held = connect(cast, key)
    first = sync(held)
    assert (first.state, first.error) == (SyncState.DONE, "")
    deals = {deal.number: deal for deal in Opportunity.objects.all()}
    assert {number: deal.outcome for number, deal in deals.items()} == {
        "71": "won", "72": "open", "73": "lost",
    }  # fmt: skip
    assert (deals["71"].amount_micros, deals["71"].currency) == (100_500_000, "EUR")
    platform.rows[1]["name"] = "closedwon"
    sync(held, Clock(AT + timedelta(hours=6)))
    assert Opportunity.objects.get(number="72").outcome == "won"
    stages = StageEntry.objects.filter(opportunity_ref="72").order_by("entered_at")
    assert len(stages) == 2
    assert sync(held, Clock(AT + timedelta(hours=12))).changed == 0


@pytest.mark.django_db
def test_the_second_sync_changes_nothing_and_a_restated_day_is_a_new_version(
    cast: Cast, platform: FakePlatform
) -> None:
    three_days(platform)
    held = connect(cast)
    first = sync(held)
    again = sync(held, Clock(AT + timedelta(hours=6)))
    assert (first.changed, again.changed) == (3, 0)
    platform.rows[1]["conversions"] = "5"
    restated = sync(held, Clock(AT + timedelta(hours=12)))
    assert restated.changed == 1
    assert totals()["conversions"] == 7_000_000


@pytest.mark.django_db
def test_today_is_not_taken_and_yesterday_is_the_accounts_own(
    cast: Cast, platform: FakePlatform
) -> None:
    platform.rows = [delivery("2026-11-21"), delivery("2026-11-22")]
    # In Berlin it is the 22nd already, in UTC still the 21st.
    run = sync(connect(cast), Clock(datetime(2026, 11, 21, 23, 30, tzinfo=UTC)))
    assert run.last_day == date(2026, 11, 21)
    assert [fact.day for fact in Fact.objects.all()] == [date(2026, 11, 21)]


@pytest.mark.django_db
@pytest.mark.parametrize(("lookback", "first"), [(1, "2026-11-21"), (60, "2026-09-23")])
def test_the_lookback_says_how_many_days_are_read_anew(
    cast: Cast, platform: FakePlatform, lookback: int, first: str
) -> None:
    run = sync(connect(cast, lookback_days=lookback))
    assert str(run.first_day) == first


@pytest.mark.django_db
def test_days_missed_during_an_outage_are_read_though_the_lookback_is_shorter(
    cast: Cast, platform: FakePlatform
) -> None:
    held = connect(cast, lookback_days=2, complete_until=date(2026, 11, 1))
    assert sync(held).first_day == date(2026, 11, 2)


@pytest.mark.django_db
def test_every_part_is_an_import_with_its_pages_as_its_file(
    cast: Cast, platform: FakePlatform
) -> None:
    three_days(platform)
    platform.page_size = 2
    sync(connect(cast))
    run = ImportRun.objects.get()
    assert (run.origin, run.state, run.batch is not None) == ("connection", "imported", True)
    lines = gzip.decompress(stored_path(run.stored_as).read_bytes()).splitlines()
    pages = [json.loads(line) for line in lines]
    assert [len(page["answer"]["results"]) for page in pages] == [2, 1]
    assert not SyncPage.objects.exists()
    actions = set(Event.objects.values_list("action", flat=True))
    assert {"sync.asked", "import.imported", "sync.done"} <= actions


@pytest.mark.django_db
def test_a_limit_with_a_short_wait_is_waited_for(cast: Cast, platform: FakePlatform) -> None:
    three_days(platform)
    platform.trouble(status=429, headers={"Retry-After": "7"}, on=":search")
    clock = Clock()
    assert sync(connect(cast), clock).state == SyncState.DONE
    assert clock.waited == [7.0]


@pytest.mark.django_db
def test_a_limit_with_a_long_wait_puts_the_sync_off_and_it_goes_on_there(
    cast: Cast, platform: FakePlatform
) -> None:
    three_days(platform)
    platform.page_size = 1
    held = connect(cast)
    run = connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)
    clock = Clock()
    talk = talker(held, clock)
    seen: list[str] = []

    def progress(_done: int, _total: int, note: str) -> None:
        seen.append(note)
        if note.endswith("page 3"):
            platform.trouble(status=429, headers={"Retry-After": "1800"})

    run = connections.sync_work(run, platform=talk, progress=progress)
    assert (run.state, run.resume_at) == (SyncState.WAITING, AT + timedelta(minutes=30))
    before = len(platform.asked(":search"))
    clock.now = AT + timedelta(minutes=31)
    assert sync(held, clock, run).state == SyncState.DONE
    # The account is asked anew, and the third page; not the first two.
    assert len(platform.asked(":search")) - before == 2
    assert totals()["impressions"] == 3_000


@pytest.mark.django_db
def test_waits_grow_and_have_an_end(cast: Cast, platform: FakePlatform) -> None:
    three_days(platform)
    platform.trouble(times=4, status=500, on=":search")
    clock = Clock()
    held = connect(cast)
    assert sync(held, clock).state == SyncState.DONE
    assert clock.waited == [1.0, 2.0, 4.0, 8.0]
    platform.trouble(times=5, status=503, on=":search")
    failed = sync(held, clock)
    assert failed.state == SyncState.FAILED
    assert "tried again" in failed.remedy


@pytest.mark.django_db
def test_an_expired_token_is_renewed_in_the_middle(cast: Cast, platform: FakePlatform) -> None:
    three_days(platform)
    held = connect(cast)
    sync(held)
    platform.expire_tokens()
    assert sync(held).state == SyncState.DONE
    assert platform.tokens == 2


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["google_ads", "meta_ads", "tiktok_ads"])
def test_credentials_that_were_taken_back_ask_for_a_new_sign_in(
    cast: Cast, platform: FakePlatform, key: str
) -> None:
    platform.expire_tokens()
    platform.refresh_token = "another"
    held = connect(cast, key)
    run = sync(held)
    held.refresh_from_db()
    assert (run.state, held.state) == (SyncState.FAILED, ConnectionState.SIGN_IN)
    assert held.remedy.startswith("Sign in again")
    with pytest.raises(Conflict, match="sign in again"):
        connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ({"body": b"<html>maintenance</html>"}, "documented form"),
        ({"body": b'{"results": "none"}'}, "documented form"),
        ({"body": b"[1, 2"}, "documented form"),
        ({"status": 403, "body": b'{"error": {"message": "No access."}}'}, "No access."),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1/"}}, "refuses"),
    ],
)
def test_what_is_no_answer_writes_nothing_and_says_so(
    cast: Cast, platform: FakePlatform, trouble: dict[str, Any], message: str
) -> None:
    three_days(platform)
    held = connect(cast)
    run = connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)

    def progress(_done: int, _total: int, note: str) -> None:
        if note.endswith("page 1"):
            platform.trouble(**trouble)

    run = connections.sync_work(run, platform=talker(held), progress=progress)
    assert run.state == SyncState.FAILED
    assert message in run.error
    assert not Fact.objects.exists()
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_a_body_that_drips_is_cut_off_and_asked_for_again(
    cast: Cast, platform: FakePlatform
) -> None:
    three_days(platform)
    held = connect(cast)
    platform.trouble(body=b" " * 400, slow=0.01, on=":search")
    clock = Clock()
    talk = connections.Platform(held, connections.Http(whole_seconds=0.2), clock.wait, clock)
    run = connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)
    run = connections.sync_work(run, platform=talk, progress=lambda *_: None)
    assert (run.state, clock.waited) == (SyncState.DONE, [1.0])


@pytest.mark.django_db
def test_an_account_in_another_currency_or_zone_is_refused(
    cast: Cast, platform: FakePlatform
) -> None:
    three_days(platform)
    held = connect(cast)
    platform.account["currency"] = "USD"
    assert "USD at the platform and EUR here" in sync(held).error
    platform.account.update(currency="EUR", time_zone="America/New_York")
    assert "time zone is America/New_York" in sync(held).error
    assert not Fact.objects.exists()


@pytest.mark.django_db
def test_the_conversions_that_count_are_chosen(cast: Cast, platform: FakePlatform) -> None:
    platform.rows = [delivery("2026-11-20", conversions="3", leads="4")]
    held = connect(cast, "meta_ads")
    sync(held)
    assert totals()["conversions"] == 7_000_000
    leads = {"events": ["onsite_conversion.lead_grouped"]}
    held = connections.connection_change(held, user=cast.admin, at=AT, changes=leads)
    sync(held)
    assert totals()["conversions"] == 4_000_000
    with pytest.raises(Invalid):
        connections.connection_change(
            held, user=cast.admin, at=AT, changes={"events": ["omni_purchase"]}
        )


@pytest.mark.django_db
def test_a_backfill_goes_part_by_part_and_can_be_stopped_and_continued(
    cast: Cast, platform: FakePlatform
) -> None:
    platform.rows = [delivery(f"2026-{month:02}-10") for month in range(1, 12)]
    held = connect(cast)
    run = connections.sync_ask(held, kind=SyncKind.BACKFILL, at=AT, since=date(2026, 1, 1))
    assert run.parts == 11
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int, _note: str) -> None:
        told.append((done, total))
        if done == 4:
            SyncRun.objects.filter(pk=run.pk).update(stop_requested=True)

    stopped = connections.sync_work(run, platform=talker(held), progress=progress)
    assert (stopped.state, stopped.part, Fact.objects.count()) == (SyncState.STOPPED, 4, 4)
    going = connections.sync_go_on(stopped, user=cast.manager, at=AT)
    assert sync(held, run=going).state == SyncState.DONE
    assert Fact.objects.count() == 11
    assert SyncPart.objects.filter(run=run).count() == 11
    assert told[0] == (0, 11)


@pytest.mark.django_db
def test_a_page_that_the_platform_forgot_begins_the_part_anew(
    cast: Cast, platform: FakePlatform
) -> None:
    three_days(platform)
    platform.page_size = 1
    held = connect(cast)
    run = connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)

    def progress(_done: int, _total: int, note: str) -> None:
        if note.endswith("page 2") and not platform.troubles and len(platform.calls) < 5:
            platform.trouble(status=400, body=b'{"error": {"message": "Bad page token."}}')

    run = connections.sync_work(run, platform=talker(held), progress=progress)
    assert run.state == SyncState.DONE
    assert totals()["impressions"] == 3_000


@pytest.mark.django_db
def test_a_report_is_ordered_once_though_the_wait_is_cut_short(
    cast: Cast, platform: FakePlatform
) -> None:
    three_days(platform)
    platform.polls = 3
    held = connect(cast, "microsoft_ads")
    run = connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)
    talk = talker(held)
    normal = talk.wait

    def die(_seconds: float) -> None:
        raise KeyboardInterrupt

    talk.wait = die
    with pytest.raises(KeyboardInterrupt):
        connections.sync_work(run, platform=talk, progress=lambda *_: None)
    talk.wait = normal
    assert connections.sync_work(run, platform=talk, progress=lambda *_: None).state == "done"
    assert len(platform.asked("Submit")) == 1
    assert totals()["impressions"] == 3_000


@pytest.mark.django_db
def test_a_second_sync_of_an_account_is_refused_while_one_is_open(
    cast: Cast, platform: FakePlatform
) -> None:
    held = connect(cast)
    connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)
    with pytest.raises(Conflict, match="under way"):
        connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)


@pytest.mark.django_db
def test_the_schedule_asks_for_each_account_once_when_it_is_due(
    cast: Cast, platform: FakePlatform
) -> None:
    held = connect(cast, every_hours=6)
    assert connections.sync_due(now=AT)["asked"] == 1
    assert connections.sync_due(now=AT)["asked"] == 0
    held.refresh_from_db()
    assert held.next_at == AT + timedelta(hours=6)
    sync(held, run=connections.open_sync(held))
    Connection.objects.filter(pk=held.pk).update(state=ConnectionState.PAUSED)
    assert connections.sync_due(now=AT + timedelta(days=1))["asked"] == 0
