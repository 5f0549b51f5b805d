"""Single events become facts: each once, on its own day, whatever way they come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import CampaignLine
from core import personal
from core.errors import Conflict, Invalid, NotAllowed
from core.invariants import check_all
from core.models import Event, OutboxItem
from customers.models import Payment, Suppression, Touchpoint
from integrations.models import EventStream, ImportRun, StreamEvent, StreamFlush
from integrations.rules.stream import StreamLimits
from integrations.services.stream import Busy, stream_open, stream_withdraw
from metrics.models import Fact, Observation
from tests.cast import Cast
from tests.integrations.streams import NOW, Ticking, count, event, facts, make_stream, send

MILLION = 1_000_000


def breaches() -> list[object]:
    return [held for held in check_all() if not held.is_kept]


@pytest.mark.feature("3.3")
def test_events_of_a_day_add_up_to_one_fact(cast: Cast) -> None:
    stream = make_stream(cast)
    receipt = send(
        cast,
        stream,
        [
            event(1, amount="1.25"),
            event(2, amount=0.5),
            event(3, "impressions", count=1000),
            event(4, "clicks"),
            event(5, "clicks", count=2),
            event(6, "conversion", count="0.5", value="80"),
        ],
    )
    assert (receipt.accepted, receipt.known, list(receipt.rejected)) == (6, 0, [])
    assert facts(stream) == {}
    assert count() == 6
    assert facts(stream) == {
        ("Winter", "2026-11-22"): {
            "impressions": 1000,
            "clicks": 3,
            "spend": 1_750_000,
            "conversions": 500_000,
            "revenue": 80 * MILLION,
        }
    }
    send(cast, stream, [event(7, amount="2")])
    count(Ticking(NOW + timedelta(minutes=1)))
    assert facts(stream)["Winter", "2026-11-22"]["spend"] == 3_750_000
    assert breaches() == []


def test_the_same_id_again_changes_nothing(cast: Cast) -> None:
    stream = make_stream(cast)
    lines = [event(1), event(2), event(1)]
    first = send(cast, stream, lines)
    again = send(cast, stream, lines)
    assert (first.accepted, first.known) == (2, 1)
    assert (again.accepted, again.known) == (0, 3)
    count()
    send(cast, stream, lines)
    assert count(Ticking(NOW + timedelta(minutes=1))) == 0
    assert facts(stream)["Winter", "2026-11-22"] == {"spend": 2 * MILLION}


def test_an_id_with_another_content_is_refused_and_kept_apart(cast: Cast) -> None:
    stream = make_stream(cast)
    send(cast, stream, [event(1)])
    receipt = send(cast, stream, [event(2), event(1, amount="9")])
    [bad] = receipt.rejected
    assert (bad.line, bad.code, receipt.accepted, receipt.known) == (2, "OTHER_CONTENT", 1, 0)
    count()
    assert facts(stream)["Winter", "2026-11-22"] == {"spend": 2 * MILLION}
    assert ImportRun.objects.get().quarantine.get().code == "OTHER_CONTENT"


def test_days_are_those_of_the_streams_time_zone(cast: Cast) -> None:
    stream = make_stream(cast, time_zone="America/New_York")
    send(
        cast,
        stream,
        [event(1, at="2026-11-22T04:59:59Z"), event(2, at="2026-11-22T10:00:00+05:00")],
    )
    send(cast, stream, [event(3, at="2026-11-22T05:30:00Z")])
    count()
    days = {day: row["spend"] for (_, day), row in facts(stream).items()}
    assert days == {"2026-11-21": MILLION, "2026-11-22": 2 * MILLION}


def test_a_late_event_lands_on_its_own_day(cast: Cast) -> None:
    stream = make_stream(cast)
    send(cast, stream, [event(1), event(2, at="2026-11-20T10:00:00Z")])
    count()
    send(cast, stream, [event(3, at="2026-11-20T23:30:00Z")])
    send(cast, stream, [event(4, at="2026-11-20T11:00:00Z", amount="5")])
    count(Ticking(NOW + timedelta(minutes=1)))
    days = {day: row["spend"] // MILLION for (_, day), row in facts(stream).items()}
    assert days == {"2026-11-22": 1, "2026-11-20": 6, "2026-11-21": 1}


def test_bad_lines_are_told_and_quarantined_once_and_good_ones_taken(cast: Cast) -> None:
    stream = make_stream(cast)
    lines = [event(1), event(2, amount="a lot"), event(3, currency="USD"), event(4, "refund")]
    receipt = send(cast, stream, lines)
    told = [(bad.line, bad.field, bad.code) for bad in receipt.rejected]
    assert told == [
        (2, "amount", "NOT_A_NUMBER"),
        (3, "currency", "OTHER_CURRENCY"),
        (4, "kind", "UNKNOWN_KIND"),
    ]
    send(cast, stream, lines)
    count()
    run = ImportRun.objects.get()
    assert run.quarantine.count() == 3
    assert (run.data_rows, run.accepted, run.skipped, run.rejected) == (8, 1, 1, 6)
    assert (run.origin, run.verdict, run.state) == ("stream", "PARTIAL", "imported")
    assert facts(stream)["Winter", "2026-11-22"] == {"spend": MILLION}


def test_who_an_event_is_about_is_never_kept(cast: Cast) -> None:
    stream = make_stream(cast)
    jane = {"email": " Jane@Example.com "}
    send(
        cast,
        stream,
        [
            event(1, "touch", name="newsletter", person=jane),
            event(2, "product", name="signup", person={"email": "jane@example.com"}),
            event(3, "touch", name="newsletter", person=jane, at="yesterday"),
            event(4, "touch", name="jane@example.com"),
            {"broken": "jane@example.com"},
        ],
    )
    people = set(StreamEvent.objects.values_list("person", flat=True))
    assert len(people) == 1
    assert "jane" not in str(people).lower()
    kept = list(ImportRun.objects.get().quarantine.values_list("cells", "value", "message"))
    assert len(kept) == 3
    assert "jane" not in str(kept).lower()


def test_what_is_no_delivery_becomes_observations(cast: Cast) -> None:
    stream = make_stream(cast)
    send(
        cast,
        stream,
        [
            event(1, "touch", name="newsletter"),
            event(2, "touch", name="newsletter", campaign="Winter"),
            event(3, "product", name="signup"),
            event(4, "payment", amount="49.90"),
            event(5, "payment", amount="10", status="failed"),
        ],
    )
    count()
    send(cast, stream, [event(6, "payment", amount="0.10")])
    count(Ticking(NOW + timedelta(minutes=1)))
    found = {
        (o.subject, o.metric.partition(".")[2]): o.value_micros / MILLION
        for o in Observation.objects.filter(ended_by=None)
    }
    assert found == {
        ("shop touch:newsletter", "event_count"): 2,
        ("shop product:signup", "event_count"): 1,
        ("shop payment:succeeded", "event_count"): 2,
        ("shop payment:succeeded", "revenue"): 50,
        ("shop payment:failed", "event_count"): 1,
        ("shop payment:failed", "revenue"): 10,
    }
    assert not Fact.objects.exists()
    assert breaches() == []


def test_a_campaign_may_be_named_in_several_ways(cast: Cast) -> None:
    stream = make_stream(cast)
    send(
        cast, stream, [event(1, campaign_id="7"), event(2, campaign="Winter 2026", campaign_id="7")]
    )
    count()
    [row] = facts(stream).values()
    assert row == {"spend": 2 * MILLION}
    assert breaches() == []


def test_too_large_a_backlog_refuses_before_anything_is_taken(cast: Cast) -> None:
    stream = make_stream(cast)
    limits = StreamLimits(backlog=3)
    send(cast, stream, [event(1), event(2), event(3)], limits=limits)
    with pytest.raises(Busy) as refused:
        send(cast, stream, [event(4)], limits=limits)
    assert refused.value.retry_after >= 1
    assert StreamEvent.objects.count() == 3
    count()
    assert send(cast, stream, [event(4)], limits=limits).accepted == 1


def test_a_quiet_stream_is_woken_once_and_sleeps_again(cast: Cast) -> None:
    stream = make_stream(cast)
    send(cast, stream, [event(1)])
    send(cast, stream, [event(2)])
    assert OutboxItem.objects.filter(kind="stream.flush").count() == 1
    count()
    assert not EventStream.objects.get().is_awake
    send(cast, stream, [event(3)], at=NOW + timedelta(minutes=1))
    assert OutboxItem.objects.filter(kind="stream.flush").count() == 2


def test_events_wake_another_worker_when_the_first_went_silent(cast: Cast) -> None:
    stream = make_stream(cast)
    send(cast, stream, [event(1)])
    OutboxItem.objects.update(state="running")
    send(cast, stream, [event(2)], at=NOW + timedelta(seconds=30))
    assert not OutboxItem.objects.filter(state="pending").exists()
    send(cast, stream, [event(3)], at=NOW + timedelta(seconds=60))
    assert OutboxItem.objects.filter(state="pending").count() == 1
    assert count() == 3


def test_lags_are_measured_from_arrival_to_visible(cast: Cast) -> None:
    stream = make_stream(cast)
    for number in range(20):
        send(cast, stream, [event(number)], at=NOW - timedelta(seconds=number))
    count(Ticking(NOW, timedelta(0)))
    flush = StreamFlush.objects.get()
    assert (flush.events, flush.lag_p50, flush.lag_p95, flush.lag_max) == (20, 9000, 18000, 19000)
    assert Event.objects.filter(action="stream.counted").count() == 1


def test_a_day_taken_back_counts_no_more_and_later_days_stay(cast: Cast) -> None:
    stream = make_stream(cast)
    send(cast, stream, [event(1), event(2, "product", name="signup")])
    count()
    tomorrow = NOW + timedelta(days=1)
    send(cast, stream, [event(3, amount="5"), event(4, at="2026-11-23T10:00:00Z")], at=tomorrow)
    count(Ticking(tomorrow))
    first, _ = ImportRun.objects.order_by("pk")
    stream_withdraw(first, user=cast.director, reason="A test run", at=tomorrow)
    assert facts(stream) == {
        ("Winter", "2026-11-22"): {"spend": 5 * MILLION},
        ("Winter", "2026-11-23"): {"spend": MILLION},
    }
    assert Observation.objects.get(ended_by=None).value_micros == 0
    assert send(cast, stream, [event(1)], at=tomorrow).known == 1
    assert send(cast, stream, [event(9, at="2026-11-21T10:00:00Z")]).accepted == 1
    assert ImportRun.objects.count() == 3
    count(Ticking(tomorrow + timedelta(minutes=1)))
    assert facts(stream)["Winter", "2026-11-22"] == {"spend": 5 * MILLION}
    assert breaches() == []
    with pytest.raises(Conflict):
        stream_withdraw(first, user=cast.director, reason="Again", at=tomorrow)


def test_a_stream_is_opened_for_ones_own_team(cast: Cast) -> None:
    make_stream(cast)
    for wrong in ({"name": "Shop"}, {"currency": "euro"}, {"time_zone": "Berlin"}, {"name": "…"}):
        with pytest.raises((Conflict, Invalid)):
            make_stream(cast, **{"name": "Other", **wrong})
    with pytest.raises(NotAllowed):
        stream_open(
            user=cast.manager, team=cast.us, name="US", currency="USD", time_zone="UTC", at=NOW
        )
    stream = EventStream.objects.get()
    assert [
        stream in EventStream.objects.for_user(u) for u in (cast.manager, cast.other_manager)
    ] == [
        True,
        False,
    ]


KINDS = st.sampled_from(["spend", "impressions", "clicks", "conversion", "product", "payment"])
EVENTS = st.lists(
    st.tuples(
        KINDS, st.integers(1, 9), st.integers(0, 50), st.sampled_from(["Winter", "Sale", "Brand"])
    ),
    min_size=1,
    max_size=25,
)


def written(number: int, kind: str, size: int, hours: int, campaign: str) -> dict[str, Any]:
    at = (NOW - timedelta(hours=hours)).isoformat()
    fields: dict[str, Any] = {"at": at}
    if kind in ("impressions", "clicks", "conversion"):
        fields["count"] = size
    if kind in ("spend", "payment"):
        fields["amount"] = f"{size}.37"
    fields["name" if kind == "product" else "campaign"] = (
        campaign.lower() if kind == "product" else campaign
    )
    return event(number, kind, **fields)


@pytest.mark.feature("3.3")
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(found=EVENTS, data=st.data())
def test_any_order_repetition_and_split_gives_the_same_facts(
    cast: Cast, found: list[tuple[str, int, int, str]], data: st.DataObject
) -> None:
    lines = [written(number, *one) for number, one in enumerate(found)]
    names = iter(range(EventStream.objects.count(), 10**6))
    straight, mixed = (make_stream(cast, f"Stream {next(names)}") for _ in range(2))
    send(cast, straight, lines)
    count()
    repeated = lines + data.draw(st.lists(st.sampled_from(lines), max_size=20))
    pieces = data.draw(st.permutations(repeated))
    cut = data.draw(st.integers(1, max(len(pieces), 1)))
    clock = Ticking(NOW + timedelta(hours=1))
    for start in range(0, len(pieces), cut):
        send(cast, mixed, pieces[start : start + cut], at=clock())
        if data.draw(st.booleans()):
            count(clock)
    count(clock)
    assert facts(mixed) == facts(straight)
    totals = [
        sorted(
            s.totals.values_list("topic", "day", "events", "spend", "revenue", "clicks"), key=str
        )
        for s in (straight, mixed)
    ]
    assert totals[0] == totals[1]
    assert breaches() == []


def test_touches_and_payments_stand_in_journeys_until_they_are_taken_back(cast: Cast) -> None:
    stream = make_stream(cast)
    jane = {"id": "4711"}
    lines = [
        event(1, "touch", name="newsletter", campaign="Winter", person=jane),
        event(2, "payment", amount="49.90", person=jane),
        event(3, "payment", amount="10", status="refunded", person=jane),
    ]
    send(cast, stream, lines)
    count()
    send(cast, stream, lines)
    count(Ticking(NOW + timedelta(minutes=1)))
    touch = Touchpoint.objects.get()
    assert (touch.kind, touch.campaign_name, touch.line) == (
        "newsletter",
        "Winter",
        CampaignLine.objects.get(name="Winter"),
    )
    amounts = Payment.objects.order_by("pk").values_list("amount_micros", flat=True)
    assert list(amounts) == [49_900_000, -10 * MILLION]
    people = {touch.contact_ref, *Payment.objects.values_list("contact_ref", flat=True)}
    assert people == {personal.token(personal.Kind.NUMBER, "4711")}
    stream_withdraw(ImportRun.objects.get(), user=cast.director, reason="A test", at=NOW)
    assert not Touchpoint.objects.exists()
    assert not Payment.objects.exists()


def test_who_was_erased_does_not_come_in_again(cast: Cast) -> None:
    mark = personal.mark(personal.token(personal.Kind.EMAIL, "jane@example.com"))
    Suppression.objects.create(mark=mark)
    stream = make_stream(cast)
    send(cast, stream, [event(1, "touch", name="mail", person={"email": "Jane@example.com"})])
    assert StreamEvent.objects.get().person == personal.ERASED
