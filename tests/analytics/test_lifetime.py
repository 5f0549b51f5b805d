"""Lifetime value of cohorts: what was seen, what is expected, what it cost."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from analytics.lifetime import (
    Customers,
    LifetimeValue,
    cohorts,
    predicted_value,
    won_by_first_purchase,
)
from analytics.lifetime.buying import fit_buying, fit_spending, history
from analytics.results import Reason
from tests.analytics.journeys import holds, width

CUT = date(1997, 9, 30).toordinal()


@pytest.fixture(scope="session")
def cdnow(shared_data: Path) -> Customers:
    """The first quarter's new customers of a shop, followed for a year and a half."""
    with (shared_data / "analytics" / "scoring" / "cdnow_transactions.csv").open() as file:
        rows = [
            (int(row["id"]) - 1, date.fromisoformat(row["date"]).toordinal(), row["spent"])
            for row in csv.DictReader(file)
        ]
    who, day, spent = zip(*rows, strict=True)
    return won_by_first_purchase(
        np.array(who), np.array(day), np.array(spent, dtype=np.float64),
        until=date(1998, 6, 30).toordinal(),
    )  # fmt: skip


def shop(*bought: tuple[int, int, float], since: list[int], until: int) -> Customers:
    """Rows of customer, day, amount."""
    who, day, amount = (np.array(column) for column in zip(*bought, strict=True))
    return Customers(np.array(since), who, day, amount.astype(np.float64), until)


def alike(count: int, *, since: int, until: int, days: tuple[int, ...], amount: float) -> Customers:
    """So many customers won on one day who all buy on the same days after it."""
    rows = [(k, since + day, amount) for k in range(count) for day in days if since + day <= until]
    return shop(*rows, since=[since] * count, until=until)


def number(value: LifetimeValue) -> float:
    assert value.value is not None
    return value.value


def together(first: Customers, second: Customers) -> Customers:
    return Customers(
        since=np.concatenate([first.since, second.since]),
        customer=np.concatenate([first.customer, second.customer + len(first.since)]),
        day=np.concatenate([first.day, second.day]),
        amount=np.concatenate([first.amount, second.amount]),
        until=first.until,
    )


@pytest.mark.feature("6.5")
def test_the_value_is_what_customers_brought_in_their_first_days() -> None:
    found = alike(40, since=1, until=400, days=(0, 89, 90, 200), amount=10)
    (cohort,) = cohorts(found, ["search"] * 40, seed=1)
    assert [(v.horizon, v.value) for v in cohort.values] == [(90, 20), (180, 30), (365, 40)]
    assert all(width(v.interval) == 0 for v in cohort.values)


def test_young_customers_count_for_the_days_they_are_known() -> None:
    old = alike(50, since=1, until=200, days=(0, 100), amount=10)
    young = alike(50, since=150, until=200, days=(0, 100), amount=10)
    (cohort,) = cohorts(together(old, young), ["a"] * 100, seed=1)
    # A plain mean would say 15: half of them have not had their hundredth day yet.
    assert cohort.values[1].value == pytest.approx(20)
    assert (cohort.values[1].n, cohort.values[1].seen) == (100, 50)


def test_customers_who_never_bought_count() -> None:
    buyers = alike(30, since=1, until=100, days=(0,), amount=10)
    everyone = replace(buyers, since=np.full(60, 1))
    assert cohorts(everyone, ["a"] * 60, seed=1)[0].values[0].value == 5


def test_too_few_or_too_young_customers_have_a_reason_for_an_answer() -> None:
    few = alike(29, since=1, until=400, days=(0,), amount=1)
    assert cohorts(few, ["a"] * 29, seed=1)[0].values[0].reason is Reason.TOO_FEW_CUSTOMERS
    young = alike(40, since=1, until=100, days=(0,), amount=1)
    values = cohorts(young, ["a"] * 40, seed=1)[0].values
    assert [v.reason for v in values] == [None, Reason.NOT_OLD_ENOUGH, Reason.NOT_OLD_ENOUGH]


@pytest.mark.feature("6.7")
def test_cost_to_win_and_payback() -> None:
    found = alike(40, since=1, until=400, days=(0, 50, 100), amount=10)
    costs = {"a": 40 * 12.0}
    payback = cohorts(found, ["a"] * 40, seed=1, costs=costs)[0].payback
    assert (payback.cac, payback.days, payback.chance, payback.reason) == (12, 51, 1, None)
    assert payback.ratio == pytest.approx(30 / 12)
    thin = cohorts(found, ["a"] * 40, seed=1, costs=costs, margin=0.3)[0].payback
    assert (thin.days, thin.chance, thin.reason) == (None, 0, Reason.NOT_PAID_BACK)
    unknown = cohorts(found, ["a"] * 40, seed=1)[0].payback
    assert unknown.reason is Reason.NO_ACQUISITION_COST


def test_amounts_in_another_unit_change_nothing_else(cdnow: Customers) -> None:
    half = ["odd" if k % 2 else "even" for k in range(len(cdnow.since))]
    cents = replace(cdnow, amount=cdnow.amount * 100)
    first = cohorts(cdnow, half, seed=1, costs={"odd": 3e4, "even": 3e4})
    second = cohorts(cents, half, seed=1, costs={"odd": 3e6, "even": 3e6})
    for euros, in_cents in zip(first, second, strict=True):
        assert euros.payback.days == in_cents.payback.days
        for value, scaled in zip(euros.values, in_cents.values, strict=True):
            assert number(value) * 100 == pytest.approx(scaled.value)
            assert holds(value.interval, number(value))
    assert cohorts(cdnow, half, seed=1, costs={"odd": 3e4, "even": 3e4}) == first


def test_the_fits_are_the_published_ones(cdnow: Customers) -> None:
    """Fader, Hardie and Lee (2005), Fader and Hardie (2013): the same data."""
    seen = history(cdnow.before(CUT))
    assert fit_buying(seen).best == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=1e-3)
    assert fit_spending(seen).best == pytest.approx([6.25, 3.74, 15.44], abs=0.01)


@pytest.mark.feature("6.5")
def test_a_prediction_holds_what_the_shop_saw_later(cdnow: Customers) -> None:
    said = predicted_value(cdnow.before(CUT), horizon=365, seed=1)
    (truth,) = cohorts(cdnow, ["all"] * len(cdnow.since), seed=1)
    assert said.seen == 0
    assert holds(said.interval, number(truth.values[2]))
    assert said.value == pytest.approx(truth.values[2].value, rel=0.05)
    assert predicted_value(cdnow.before(CUT), horizon=365, seed=1) == said


def test_a_prediction_of_days_that_all_have_had_is_what_was_seen(cdnow: Customers) -> None:
    said = predicted_value(cdnow, horizon=90, seed=1)
    (truth,) = cohorts(cdnow, ["all"] * len(cdnow.since), seed=1)
    assert said.value == pytest.approx(truth.values[0].value)


def test_too_few_buyers_are_not_predicted(cdnow: Customers) -> None:
    few = cdnow.only(np.arange(len(cdnow.since)) < 99)
    assert predicted_value(few, horizon=365, seed=1).reason is Reason.TOO_FEW_CUSTOMERS


def test_impossible_customers_are_refused() -> None:
    with pytest.raises(ValueError, match="before its customer was won"):
        shop((0, 4, 1.0), since=[5], until=9)
    with pytest.raises(ValueError, match="after the last day"):
        shop((0, 9, 1.0), since=[5, 12], until=10)
    with pytest.raises(ValueError, match="begin with a purchase"):
        history(shop((0, 6, 1.0), since=[5], until=9))


def test_ranges_of_uneven_amounts_hold_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(23)
    held = 0
    for seed in range(40):
        spent = rng.lognormal(3, 1, 150)
        found = Customers(np.full(150, 1), np.arange(150), np.full(150, 1), spent, 120)
        value = cohorts(found, ["a"] * 150, seed=seed, horizons=(90,))[0].values[0]
        held += holds(value.interval, float(np.exp(3.5)))
    assert 30 <= held <= 40
