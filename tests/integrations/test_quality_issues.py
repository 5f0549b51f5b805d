"""Issues from the moment something is wrong until it is put right: one for each cause, all on record."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from campaigns.choices import Platform
from campaigns.models import CampaignLine, Creative
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event, OutboxItem
from core.needs import needs_of
from core.outbox import deliver
from core.periods import Period
from integrations.choices import QUALITY, IssueState
from integrations.models import Hold, QualityIssue, QualityScore, Source
from integrations.services import quality
from integrations.services.holds import hold_make, hold_release
from metrics.models import LineDay
from metrics.selectors import query
from tests.cast import Cast
from tests.world import AT, TODAY, load_rows, make_line

DAYS = 70
OCTOBER = Period("days", TODAY - timedelta(days=DAYS), TODAY)


def make_source(cast: Cast, key: str = "google-dach") -> Source:
    return Source.objects.create(
        key=key, name="Google Ads, DACH", platform=Platform.GOOGLE_ADS, team=cast.dach,
        currency="EUR",
    )  # fmt: skip


@pytest.fixture
def source(cast: Cast) -> Source:
    return make_source(cast)


@pytest.fixture
def lines(cast: Cast) -> list[CampaignLine]:
    return [make_line(cast, name=f"DE_search_Part {n}") for n in (1, 2)]


def day_of(line: CampaignLine, number: int) -> dict[str, object]:
    """A day's row that differs from every other day's."""
    return {
        "line": line,
        "day": TODAY - timedelta(days=number),
        "impressions": 10_000 + 37 * number + 7 * line.pk,
        "clicks": 300 + number,
        "spend": f"{100 + number % 9}.{number % 90 + 10}",
        "conversions": "4",
    }


def load(source: Source, rows: list[dict[str, object]], at: datetime = AT) -> None:
    load_rows(rows, known_at=at, source=source.pk)


def clean(source: Source, lines: list[CampaignLine]) -> None:
    load(source, [day_of(line, n) for line in lines for n in range(1, DAYS)])


def check(source: Source, at: datetime = AT) -> list[QualityIssue]:
    quality.source_check(source, at=at)
    return list(source.issues.exclude(state=IssueState.RECOVERED).order_by("cause"))


def broken(line: CampaignLine, **values: object) -> dict[str, object]:
    return {**day_of(line, 3), **values}


def spend_of(line: CampaignLine) -> int:
    answer = query(metrics=["spend"], period=OCTOBER, where={"line": line.pk}, viewer=None)
    return int(answer.rows[0]["spend"] or 0) if answer.rows else 0


def actions() -> list[str]:
    return list(
        Event.objects.filter(action__startswith="quality.")
        .order_by("pk")
        .values_list("action", flat=True)
    )


def test_clean_data_has_no_issue_and_a_full_score(
    source: Source, lines: list[CampaignLine]
) -> None:
    clean(source, lines)
    assert check(source) == []
    assert QualityScore.objects.get(source=source).score == 100


@pytest.mark.feature("3.4")
def test_one_cause_makes_one_issue_that_ends_by_itself(
    source: Source, lines: list[CampaignLine]
) -> None:
    clean(source, lines)
    load(source, [broken(lines[0], clicks=99_999)], AT + timedelta(minutes=1))
    (issue,) = check(source, AT + timedelta(minutes=2))
    assert (issue.monitor, issue.severity, issue.rows) == ("clicks", "error", 1)
    assert issue.amount_micros
    assert QualityScore.objects.get(source=source).score == 80
    (again,) = check(source, AT + timedelta(hours=2))
    assert again.pk == issue.pk
    assert again.first_seen_at < again.last_seen_at
    load(source, [day_of(lines[0], 3)], AT + timedelta(hours=3))
    assert check(source, AT + timedelta(hours=4)) == []
    issue.refresh_from_db()
    assert issue.state == IssueState.RECOVERED
    assert issue.recovered_at == AT + timedelta(hours=4)
    assert actions() == ["quality.opened", "quality.recovered"]


def test_what_is_accepted_stays_so_until_something_new_is_wrong(
    cast: Cast, source: Source, lines: list[CampaignLine]
) -> None:
    clean(source, lines)
    load(source, [broken(lines[0], clicks=99_999)], AT + timedelta(minutes=1))
    (issue,) = check(source, AT + timedelta(minutes=2))
    with pytest.raises(Invalid):
        quality.issue_accept(issue, user=cast.manager, reason=" ", at=AT)
    quality.issue_accept(issue, user=cast.manager, reason="Bots, known", at=AT)
    (same,) = check(source, AT + timedelta(minutes=3))
    assert same.state == IssueState.ACCEPTED
    assert QualityScore.objects.get(source=source).score == 100
    load(source, [{**day_of(lines[1], 5), "clicks": 88_888}], AT + timedelta(minutes=4))
    found = check(source, AT + timedelta(minutes=5))
    grown = next(one for one in found if one.cause == "clicks")
    assert (grown.pk, grown.state, grown.rows) == (issue.pk, IssueState.OPEN, 2)
    assert "quality.reopened" in actions()


@pytest.mark.feature("3.4")
def test_excluded_rows_count_nowhere_until_they_are_released(
    cast: Cast, source: Source, lines: list[CampaignLine]
) -> None:
    clean(source, lines)
    load(source, [broken(lines[0], clicks=99_999)], AT + timedelta(minutes=1))
    (issue,) = check(source, AT + timedelta(minutes=2))
    before = spend_of(lines[0])
    done = quality.issue_exclude(
        issue, user=cast.manager, reason="Columns exchanged", at=AT + timedelta(minutes=3)
    )
    assert done.state == IssueState.RECOVERED
    assert spend_of(lines[0]) < before
    hold = Hold.objects.get()
    assert (hold.reason, hold.held_by) == ("Columns exchanged", cast.manager)
    hold_release(hold, user=cast.manager, reason="Right after all", at=AT + timedelta(hours=1))
    assert spend_of(lines[0]) == before
    assert {"quality.held", "quality.exclude", "quality.released"} <= set(actions())
    with pytest.raises(Conflict):
        hold_release(hold, user=cast.manager, reason="Again", at=AT + timedelta(hours=2))


def test_the_past_still_answers_as_it_did_before_the_exclusion(
    cast: Cast, source: Source, lines: list[CampaignLine]
) -> None:
    clean(source, lines)
    before = spend_of(lines[0])
    hold_make(
        source=source, keys=[(lines[0].pk, TODAY - timedelta(days=3))], reason="Test",
        actor=cast.manager.as_actor(), user=cast.manager, at=AT + timedelta(hours=1),
    )  # fmt: skip
    then = query(
        metrics=["spend"], period=OCTOBER, where={"line": lines[0].pk}, viewer=None, as_of=AT
    )
    assert then.rows[0]["spend"] == before
    assert spend_of(lines[0]) < before


def test_a_monitor_set_to_hold_takes_the_rows_out_by_itself(
    cast: Cast, source: Source, lines: list[CampaignLine]
) -> None:
    quality.monitor_set(
        source, monitor="clicks", severity="error", threshold=Decimal(1), holds=True,
        user=cast.manager, at=AT,
    )  # fmt: skip
    clean(source, lines)
    load(source, [broken(lines[0], clicks=99_999)], AT + timedelta(minutes=1))
    (issue,) = check(source, AT + timedelta(minutes=2))
    assert issue.action == "held"
    assert not LineDay.objects.filter(line=lines[0], day=TODAY - timedelta(days=3)).exists()
    assert Hold.objects.get().issue == issue


def test_thresholds_and_severities_are_a_source_s_own(
    cast: Cast, source: Source, lines: list[CampaignLine]
) -> None:
    clean(source, lines)
    load(source, [broken(lines[0], clicks=99_999)], AT + timedelta(minutes=1))
    quality.monitor_set(
        source, monitor="clicks", severity="off", threshold=Decimal(1), holds=False,
        user=cast.manager, at=AT,
    )  # fmt: skip
    assert check(source, AT + timedelta(minutes=2)) == []
    event = Event.objects.get(action="monitor.set")
    before, after = event.before or {}, event.after or {}
    assert (before["severity"], after["severity"]) == ("error", "off")
    with pytest.raises(Invalid):
        quality.monitor_set(
            source, monitor="gap", severity="error", threshold=Decimal(1), holds=True,
            user=cast.manager, at=AT,
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        quality.monitor_set(
            source, monitor="gap", severity="off", threshold=Decimal(1), holds=False,
            user=cast.auditor, at=AT,
        )  # fmt: skip


def test_an_issue_keeps_being_seen_after_its_days_are_old(
    source: Source, lines: list[CampaignLine]
) -> None:
    clean(source, lines)
    load(source, [broken(lines[0], clicks=99_999)], AT + timedelta(minutes=1))
    check(source, AT + timedelta(minutes=2))
    later = AT + timedelta(days=45)
    causes = {issue.cause for issue in check(source, later)}
    assert "clicks" in causes


def test_an_error_waits_for_those_who_look_after_the_files(
    cast: Cast, source: Source, lines: list[CampaignLine]
) -> None:
    clean(source, lines)
    load(source, [broken(lines[0], clicks=99_999)], AT + timedelta(minutes=1))
    (issue,) = check(source, AT + timedelta(minutes=2))
    titles = [waiting.need.title for waiting in needs_of(cast.manager, AT)]
    assert issue.title in titles
    assert issue.title not in [w.need.title for w in needs_of(cast.other_manager, AT)]


def test_an_unknown_campaign_is_put_under_the_planned_one(
    cast: Cast, source: Source, lines: list[CampaignLine]
) -> None:
    issue = QualityIssue.objects.create(
        source=source, monitor="unknown", severity="warning", cause=f"unknown:{lines[1].pk}",
        title="Nobody planned it", detail="", evidence={"line": lines[1].pk}, first_seen_at=AT,
        last_seen_at=AT,
    )  # fmt: skip
    clean(source, lines)
    quality.issue_remap(issue, user=cast.manager, campaign=lines[0].campaign, at=AT)
    lines[1].refresh_from_db()
    assert lines[1].campaign == lines[0].campaign
    assert Event.objects.filter(action="line.moved").exists()
    issue.refresh_from_db()
    assert issue.state == IssueState.RECOVERED


def test_a_source_of_files_cannot_be_fetched_again(cast: Cast, source: Source) -> None:
    issue = QualityIssue.objects.create(
        source=source, monitor="gap", severity="error", cause="gap", title="A gap", detail="",
        first_seen_at=AT, last_seen_at=AT, first_day=date(2026, 11, 1), last_day=date(2026, 11, 2),
    )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        quality.issue_refetch(issue, user=cast.manager, at=AT)
    assert "upload" in refused.value.remedy


def test_dead_landing_pages_are_found_by_the_clock(
    source: Source, lines: list[CampaignLine]
) -> None:
    clean(source, lines)
    Creative.objects.create(
        campaign=lines[0].campaign, name="Ad",
        link="https://shop.test/?utm_source=a&utm_medium=b&utm_campaign=c",
    )  # fmt: skip
    asked: list[str] = []

    def gone(url: str) -> str:
        asked.append(url)
        return "It answers 404."

    assert check(source) == []
    quality.quality_daily(now=AT + timedelta(hours=1), ask=gone)
    assert source.issues.get().monitor == "landing"
    assert len(asked) == 1
    assert check(source, AT + timedelta(hours=2))[0].monitor == "landing"


def test_the_work_after_a_load_looks_at_its_source(
    source: Source, lines: list[CampaignLine]
) -> None:
    clean(source, lines)
    load(source, [broken(lines[0], clicks=99_999)], AT + timedelta(minutes=1))
    batch = LineDay.objects.filter(source=source.pk).count()
    assert batch
    item = OutboxItem.objects.create(
        kind=QUALITY, key="quality:test", payload={"source": source.pk, "batch": 0},
        created_at=AT, not_before=AT,
    )  # fmt: skip
    assert deliver(item.pk, now=AT + timedelta(minutes=2))
    assert source.issues.get().cause == "clicks"
