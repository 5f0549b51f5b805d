"""Monitors on data where nothing is wrong, and on the same data with one fault planted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.rules.monitors import (
    SPECS,
    Link,
    NewLine,
    Observed,
    Signal,
    Statement,
    frame_of,
    score,
)
from integrations.rules.naming import compile_pattern
from tests.integrations.clean_market import TODAY, clean_market, with_days

# Which rows of a frame are meant: a mask, as pandas takes it.
Rows = Any
MARKETS = 200
# At most two clean sources in a hundred may raise anything in four weeks.
MOST_FALSE = 4


def signals(seen: Observed, monitor: str, threshold: float | None = None) -> list[Signal]:
    spec = SPECS[monitor]
    return list(spec.look(seen, spec.threshold if threshold is None else threshold))


def signals_of_all(seen: Observed) -> dict[str, list[Signal]]:
    return {key: found for key in SPECS if (found := signals(seen, key))}


@pytest.mark.feature("3.4")
def test_clean_sources_raise_next_to_nothing() -> None:
    found = Counter(key for seed in range(MARKETS) for key in signals_of_all(clean_market(seed)))
    days = MARKETS * 28
    print(f"{found.total()} false signals in {MARKETS} clean markets, {days:,} days: {dict(found)}")
    assert found.total() <= MOST_FALSE, dict(found)


def on(market: Observed, back: int) -> Rows:
    """Rows of the day that lies ``back`` days before the newest one."""
    return market.days["day"] == market.days["day"].max() - pd.Timedelta(days=back)


def changed(market: Observed, rows: Rows, **values: Any) -> Observed:
    days = market.days.copy()
    for name, value in values.items():
        days.loc[rows, name] = value
    return with_days(market, days)


def busiest(market: Observed) -> Rows:
    """The row of the newest day with most impressions."""
    rows = market.days[on(market, 1)]
    return market.days.index == rows["impressions"].astype("int64").idxmax()


def without_day(market: Observed) -> Observed:
    return with_days(market, market.days[~on(market, 9)])


def silent(market: Observed) -> Observed:
    return replace(
        market, arrivals=[day for day in market.arrivals if day < TODAY - timedelta(days=8)]
    )


def scrap_of_a_day(market: Observed) -> Observed:
    rows = on(market, 2)
    days = market.days.copy()
    for name in ("impressions", "clicks", "spend"):
        days[name] = days[name].mask(rows, days[name] // 20)
    return with_days(market, days)


def doubled_line(market: Observed) -> Observed:
    line = market.days[busiest(market)]["line_id"].iloc[0]
    copy = market.days[market.days["line_id"] == line].assign(line_id=999)
    copy["line_id"] = copy["line_id"].astype("Int64")
    return replace(
        with_days(market, pd.concat([market.days, copy])), lines={**market.lines, 999: "Again"}
    )


def copied_day(market: Observed) -> Observed:
    days = market.days[~on(market, 3)]
    copy = market.days[on(market, 4)].copy()
    copy["day"] = copy["day"] + pd.Timedelta(days=1)
    return with_days(market, pd.concat([days, copy]))


def dearer(market: Observed) -> Observed:
    """Spend of the last three days in another currency, without a word."""
    rows = on(market, 0) | on(market, 1) | on(market, 2)
    return changed(market, rows, spend=market.days.loc[rows, "spend"] * 11)


PLANTED: dict[str, Callable[[Observed], Observed]] = {
    "late": silent,
    "gap": without_day,
    "volume": scrap_of_a_day,
    "duplicate": doubled_line,
    "negative": lambda m: changed(m, busiest(m), clicks=-5),
    "clicks": lambda m: changed(m, busiest(m), clicks=10_000_000),
    "spend": lambda m: changed(m, busiest(m), impressions=0, clicks=0),
    "conversions": lambda m: changed(m, busiest(m), clicks=0, conversions=9_000_000),
    "currency": lambda m: replace(
        m, statements=[*m.statements, Statement("new.csv", TODAY, ("USD",))]
    ),
    "shift": dearer,
    "unknown": lambda m: replace(m, new_lines=[NewLine(7, "Surprise", TODAY, 5_000_000)]),
    "naming": lambda m: replace(
        m,
        pattern=compile_pattern("{market}_{channel}_{campaign}"),
        lines={**m.lines, 500: "brand new"},
    ),
    "landing": lambda m: replace(m, links=[Link("Ad", "https://shop.test/", "404")]),
    "utm": lambda m: replace(m, links=[Link("Ad", "https://shop.test/?utm_source=google")]),
}


def daily_market(seed: int) -> Observed:
    """A clean market that also delivers at weekends, so that every day may be missed."""
    tries = (clean_market(n) for n in range(1_000 + 50 * seed, 1_050 + 50 * seed))
    return next(market for market in tries if market.days["day"].nunique() == 91)


@pytest.mark.feature("3.4")
@pytest.mark.parametrize("monitor", list(SPECS))
def test_each_planted_fault_is_found_and_shown(monitor: str) -> None:
    assert set(PLANTED) == set(SPECS)
    for seed in range(10):
        market = daily_market(seed)
        assert not signals(market, monitor)
        (found,) = signals(PLANTED[monitor](market), monitor)
        assert found.title
        assert found.detail
        assert found.facts


def test_a_day_sent_again_under_a_new_date_is_found() -> None:
    (found,) = signals(copied_day(daily_market(1)), "duplicate")
    assert found.cause == "duplicate:day"


def test_a_doubled_campaign_names_the_copy_and_what_counts_twice() -> None:
    (found,) = signals(doubled_line(daily_market(2)), "duplicate")
    assert {line for line, _ in found.keys} == {999}
    assert found.amount_micros
    assert found.amount_micros > 0


def test_a_source_that_rests_on_weekends_has_no_gap_there() -> None:
    market = daily_market(3)
    weekdays = market.days[market.days["day"].dt.dayofweek < 5]
    assert not signals(with_days(market, weekdays), "gap")


def test_blank_impressions_are_no_zero() -> None:
    market = daily_market(4)
    assert not signals(changed(market, busiest(market), impressions=pd.NA), "spend")


def test_a_higher_threshold_finds_less() -> None:
    broken = PLANTED["negative"](daily_market(5))
    assert signals(broken, "negative", 1)
    assert not signals(broken, "negative", 2)


def test_days_before_the_judged_ones_are_not_judged() -> None:
    market = daily_market(6)
    old = market.days["day"] == market.days["day"].min()
    assert not signals(changed(market, old, clicks=-5), "negative")


def test_one_upload_has_no_rhythm_to_be_late_for() -> None:
    market = replace(daily_market(7), arrivals=[date(2026, 8, 1)])
    assert not signals(market, "late")


def test_work_that_has_ended_is_not_waited_for() -> None:
    assert not signals(replace(silent(daily_market(8)), is_expected=False), "late")


def test_another_time_zone_is_another_day() -> None:
    market = daily_market(9)
    moved = [*market.statements, Statement("moved.csv", TODAY, ("EUR",), "America/New_York")]
    (found,) = signals(replace(market, statements=moved), "currency")
    assert found.cause == "currency:zone"


@pytest.mark.parametrize("monitor", list(SPECS))
def test_nothing_at_all_raises_nothing(monitor: str) -> None:
    empty = Observed(name="New", currency="EUR", today=TODAY, since=TODAY)
    assert not signals(empty, monitor)


VALUES = st.one_of(st.none(), st.integers(-(10**6), 10**12))
ROWS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.dates(date(2026, 9, 1), TODAY),
        VALUES, VALUES, VALUES, VALUES, VALUES,
    ),
    max_size=60,
    unique_by=lambda row: row[:2],
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, threshold=st.floats(0, 100))
def test_whatever_the_numbers_every_monitor_answers(
    rows: list[tuple[object, ...]], threshold: float
) -> None:
    seen = Observed(
        name="Any", currency="EUR", today=TODAY, since=date(2026, 9, 1), days=frame_of(rows),
        others=frame_of(rows),
    )  # fmt: skip
    for spec in SPECS.values():
        for found in spec.look(seen, threshold):
            assert (
                found.first_day is None
                or found.last_day is None
                or found.first_day <= found.last_day
            )
            known = {
                (int(line), stamp.date())
                for line, stamp in zip(seen.days["line_id"], seen.days["day"], strict=True)
            }
            assert set(found.keys) <= known
            assert len(found.cause) <= 200


@given(errors=st.integers(0, 50), warnings=st.integers(0, 50))
def test_the_score_stays_between_0_and_100_and_falls_with_every_issue(
    errors: int, warnings: int
) -> None:
    now = score(errors, warnings)
    assert 0 <= now <= 100
    assert score(errors + 1, warnings) <= now
    assert score(errors, warnings + 1) <= now
