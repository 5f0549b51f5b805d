"""A logged change gets a verdict against untouched lines once its data has matured, and not before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from campaigns.models import CampaignLine, Optimisation
from core.models import Event
from insights.models import Verdict
from insights.services import measure_verdicts
from tests.cast import Cast
from tests.world import load_rows, make_line

MADE = date(2026, 9, 1)
READY = datetime(2026, 10, 10, 6, tzinfo=UTC)
FIRST, LAST = MADE - timedelta(days=60), MADE + timedelta(days=45)


def _load(lines: list[CampaignLine], *, factor: float = 1.0, last: date = LAST) -> None:
    """Noisy returns of 4 on a shared season; the first line is multiplied from the change on."""
    rows = []
    for place, line in enumerate(lines):
        noise = np.random.default_rng((7, place)).normal(1, 0.06, size=200)
        for number in range((last - FIRST).days + 1):
            day = FIRST + timedelta(days=number)
            season = 1 + 0.3 * number / 100
            own = factor if place == 0 and day >= MADE else 1.0
            spend = 100 + 10 * (day.weekday() - 3)
            revenue = spend * 4 * season * own * float(noise[number])
            rows.append(
                {"line": line, "day": day, "spend": str(spend), "revenue": f"{revenue:.2f}"}
            )
    load_rows(rows, known_at=READY - timedelta(hours=2))


def _lines(cast: Cast, count: int = 7) -> list[CampaignLine]:
    return [make_line(cast) for _ in range(count)]


def _change(cast: Cast, line: CampaignLine, **fields: object) -> Optimisation:
    return Optimisation.objects.create(
        campaign=line.campaign, line=line, kind="bid", what="Raised bids", by=cast.manager,
        by_name=cast.manager.name, made_on=MADE, recorded_at=READY, expected_metric="roas", **fields,
    )  # fmt: skip


@pytest.mark.feature("8.6")
@pytest.mark.parametrize(
    ("factor", "outcome"), [(1.3, "helped"), (0.7, "hurt"), (1.0, "cannot_tell")]
)
def test_the_verdict_finds_what_was_planted(cast: Cast, factor: float, outcome: str) -> None:
    lines = _lines(cast)
    _load(lines, factor=factor)
    change = _change(cast, lines[0])
    assert measure_verdicts(now=READY)[outcome] == 1
    verdict = Verdict.objects.get(optimisation=change)
    low, high = verdict.low_micros, verdict.high_micros
    assert low is not None
    assert high is not None
    assert low <= (factor - 1) * 1_000_000 <= high
    assert verdict.evidence["n_controls"] == len(lines) - 1
    before, after = (Decimal(verdict.evidence[side]) for side in ("before", "after"))
    # The season lifts every line, so before and after alone would credit the change with it.
    assert after / before > Decimal(factor) * Decimal("1.05")
    assert f"{len(lines) - 1} untouched lines" in verdict.reason


def test_before_both_windows_have_matured_nothing_is_claimed(cast: Cast) -> None:
    lines = _lines(cast)
    _load(lines, factor=1.5)
    change = _change(cast, lines[0])
    for days in (2, 3, 9):
        measure_verdicts(now=READY - timedelta(days=days))
    verdict = Verdict.objects.get(optimisation=change)
    assert verdict.outcome == Verdict.Outcome.MEASURING
    assert verdict.effect_micros is None
    assert verdict.ready_on == date(2026, 10, 9)
    assert Event.objects.filter(action="verdict.measured").count() == 1
    measure_verdicts(now=READY)
    verdict.refresh_from_db()
    assert verdict.outcome == Verdict.Outcome.HELPED
    assert Event.objects.filter(action="verdict.measured").count() == 2


def test_a_verdict_that_was_given_stays(cast: Cast) -> None:
    lines = _lines(cast)
    _load(lines, factor=1.5)
    _change(cast, lines[0])
    measure_verdicts(now=READY)
    _load(lines, factor=0.5)
    assert not any(measure_verdicts(now=READY + timedelta(days=3)).values())
    assert Verdict.objects.get().outcome == Verdict.Outcome.HELPED


def test_lines_that_were_changed_themselves_are_no_controls(cast: Cast) -> None:
    lines = _lines(cast)
    _load(lines, factor=1.5)
    change = _change(cast, lines[0])
    for line in lines[1:5]:
        _change(cast, line)
    measure_verdicts(now=READY)
    verdict = Verdict.objects.get(optimisation=change)
    assert verdict.outcome == Verdict.Outcome.CANNOT_TELL
    assert verdict.reason == "Too few comparable lines were left untouched."
    assert sorted(verdict.evidence["controls"]) == [line.pk for line in lines[5:]]


def test_lines_of_another_channel_and_team_are_no_controls(cast: Cast) -> None:
    line = make_line(cast)
    others = [
        make_line(cast, team=cast.us, owner=cast.other_manager, channel="social") for _ in range(4)
    ]
    _load([line, *others], factor=1.5)
    _change(cast, line)
    measure_verdicts(now=READY)
    assert Verdict.objects.get().evidence["controls"] == []


def test_days_that_do_not_arrive_are_waited_for_and_then_given_up(cast: Cast) -> None:
    lines = _lines(cast)
    _load(lines, last=MADE + timedelta(days=8))
    _change(cast, lines[0])
    measure_verdicts(now=READY)
    assert Verdict.objects.get().outcome == Verdict.Outcome.MEASURING
    measure_verdicts(now=READY + timedelta(days=60))
    verdict = Verdict.objects.get()
    assert verdict.outcome == Verdict.Outcome.CANNOT_TELL
    assert verdict.reason == "There are too few days with data."


def test_what_was_taken_back_early_is_never_credited(cast: Cast) -> None:
    lines = _lines(cast)
    _load(lines, factor=1.5)
    _change(cast, lines[0], undone_at=datetime(2026, 9, 10, tzinfo=UTC))
    measure_verdicts(now=READY)
    assert Verdict.objects.get().reason == "It was taken back before it could be measured."


def test_a_change_of_a_whole_campaign_sums_its_lines(cast: Cast) -> None:
    lines = _lines(cast, 6)
    second = make_line(cast, lines[0].campaign)
    _load([lines[0], *lines[1:]], factor=1.5)
    load_rows([
        {"line": second, "day": FIRST + timedelta(days=n), "spend": "10", "revenue": "40"} for n in range(106)
    ], label="second.csv")  # fmt: skip
    change = _change(cast, lines[0])
    Optimisation.objects.filter(pk=change.pk).update(line=None)
    measure_verdicts(now=READY)
    verdict = Verdict.objects.get()
    assert verdict.outcome == Verdict.Outcome.HELPED
    assert second.pk not in verdict.evidence["controls"]
