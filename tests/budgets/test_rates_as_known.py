"""A rate that was entered later changes no answer about what was known before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from budgets.selectors.rates import rates_for
from budgets.services import rate_enter
from core.known import as_known
from core.periods import Period
from metrics.selectors import query
from tests.cast import Cast
from tests.world import KNOWN, load_days, make_line

pytestmark = [pytest.mark.feature("2.9"), pytest.mark.django_db]
OCTOBER = Period("october", date(2026, 10, 1), date(2026, 10, 31))
BEFORE, LATER = KNOWN - timedelta(days=60), KNOWN + timedelta(days=1)


def _enter(value: str, day: date, at: datetime) -> None:
    rate_enter(
        user=None, kind="budget", base="USD", quote="EUR", valid_from=day, rate=Decimal(value),
        source="Treasury", at=at,
    )  # fmt: skip


@pytest.fixture
def spent(cast: Cast) -> None:
    line = make_line(cast, channel="search", currency="USD")
    load_days(line, {"2026-10-05": {"spend": "100"}, "2026-10-20": {"spend": "100"}})
    _enter("0.9", date(2026, 1, 1), BEFORE)
    _enter("0.5", date(2026, 10, 15), LATER)


def _spend(**moment: object) -> int:
    found = query(metrics=["spend"], period=OCTOBER, viewer=None, currency="EUR", **moment)  # type: ignore[arg-type]
    return int(found.totals["spend"])


@pytest.mark.usefixtures("spent")
def test_a_later_rate_holds_now_and_not_as_of_a_moment_before_it() -> None:
    assert _spend() == 140_000_000
    assert _spend(as_of=KNOWN) == 180_000_000
    assert _spend(as_of=LATER) == 140_000_000


@pytest.mark.usefixtures("spent")
def test_the_moment_of_the_page_counts_as_well() -> None:
    with as_known(KNOWN):
        assert _spend() == 180_000_000
        assert len(rates_for(["USD"], "EUR", OCTOBER.start, OCTOBER.end)) == 1
    assert len(rates_for(["USD"], "EUR", OCTOBER.start, OCTOBER.end)) == 2


@pytest.mark.usefixtures("spent")
def test_before_any_rate_the_answer_says_what_is_missing() -> None:
    found = query(
        metrics=["spend"], period=OCTOBER, viewer=None, currency="EUR",
        as_of=BEFORE - timedelta(days=1),
    )  # fmt: skip
    assert found.totals["spend"] is None
