"""Planned spend: what a unit of spend brought lately, times what will be spent.

    result = rate x spend ** elasticity x weekday

with the rate of the latest days with spend. The elasticity is not fitted: several are tried, from
proportional down to the square root (diminishing returns, as in `analytics.marginal`), and averaged
with the forecast that knows no plan, by how far off each was at earlier cut-offs. There, spend is
what was foretold by then, so that ranges hold what a plan that is not kept costs. Who cannot say
what was foretold gets what was spent in its place: ranges then take the plan as kept.
"""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray
from analytics.forecast.backtest import Told, origins_of
from analytics.forecast.combine import POWER_OF_MODELS, averaged_fairly
from analytics.forecast.panel import WEEK, Panel

ELASTICITIES = (1.0, 0.8, 0.5)
# Days that the rate and the weekdays are read from, and how many must have spend.
RATE_DAYS, WEEKDAY_DAYS, FEWEST_DAYS = 21, 56, 14
# Weeks for which "all weekdays alike" stands.
PSEUDO_WEEKS = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Spend:
    """Spend of each row on the D days seen and the H days to come, (S, D) and (S, H); NaN where
    the plan says nothing. `then` (O, S, H) is what was foretold at the earlier cut-offs."""

    seen: FloatArray
    ahead: FloatArray
    then: FloatArray

    @classmethod
    def of(
        cls,
        plan: Panel,
        foretold: FloatArray | None,
        names: tuple[str, ...],
        days: IntArray,
        horizon: int,
    ) -> "Spend":
        """The plan's rows of `names`, over `days` and the `horizon` days after them.

        `foretold` (O, P, H) has the rows of the plan; without it spend is taken as foretold.
        """
        first, length = int(days[0]), len(days) + horizon
        table = np.full((len(names), length), np.nan)
        row_of = {name: i for i, name in enumerate(plan.names)}
        rows = [(i, row_of[name]) for i, name in enumerate(names) if name in row_of]
        columns = plan.days - first
        fits = (columns >= 0) & (columns < length)
        for i, row in rows:
            table[i, columns[fits]] = plan.values[row, fits]
        tested = origins_of(len(days))
        then = np.array([table[:, one + 1 : one + 1 + horizon] for one in tested])
        then = then.reshape(len(tested), len(names), horizon)
        if foretold is not None:
            then = np.full(then.shape, np.nan)
            for i, row in rows:
                then[:, i] = foretold[:, row]
        return cls(table[:, : len(days)], table[:, len(days) :], then)

    def with_totals(self, group: IntArray, groups: int) -> "Spend":
        """With a row more for each group; unknown on a day on which one of its series' is."""
        then = [_with_totals(part, group, groups) for part in self.then]
        return Spend(
            _with_totals(self.seen, group, groups),
            _with_totals(self.ahead, group, groups),
            np.array(then).reshape(len(then), len(group) + groups, -1),
        )

    @property
    def usable(self) -> BoolArray:
        """Which rows have a plan for the days to come and enough spend behind it, (S,)."""
        with_spend = (self.seen > 0).sum(axis=1) >= FEWEST_DAYS
        usable: BoolArray = with_spend & ~np.isnan(self.ahead).all(axis=1)
        return usable


def _with_totals(spend: FloatArray, group: IntArray, groups: int) -> FloatArray:
    totals = np.zeros((groups, spend.shape[1]))
    np.add.at(totals, group, spend)
    return np.concatenate([spend, totals])


def with_plan(
    told: Told, values: FloatArray, days: IntArray, origins: IntArray, spend: Spend
) -> Told:
    """Return `told` (M = 1) with the plan taken into account where it is usable."""
    now, then = [told.now], [told.then]
    for elasticity in ELASTICITIES:
        rates = [
            _ahead(values, days, spend, (int(origin), planned), elasticity)
            for origin, planned in zip(
                (*origins, values.shape[1] - 1), (*spend.then, spend.ahead), strict=True
            )
        ]
        filled = [
            np.where(np.isnan(rate), without, rate)
            for rate, without in zip(rates, (*told.then[0], told.now[0]), strict=True)
        ]
        now.append(filled[-1][None])
        then.append(np.array(filled[:-1]).reshape(told.then.shape))
    every = averaged_fairly(
        Told(np.concatenate(now), np.concatenate(then), told.truth), POWER_OF_MODELS
    )
    idle = np.where(spend.ahead == 0, _unpaid(values, spend)[:, None], np.nan)
    planned = np.where(np.isnan(idle), every.now[0], idle)
    usable = spend.usable[:, None]
    return Told(
        np.where(usable, planned, told.now[0])[None],
        np.where(usable[None], every.then[0], told.then[0])[None],
        told.truth,
    )


def _ahead(
    values: FloatArray,
    days: IntArray,
    spend: Spend,
    asked: tuple[int, FloatArray],
    elasticity: float,
) -> FloatArray:
    """Rate x spend x weekday, (S, H); NaN where it cannot be said.

    What is `asked` is the column after which, and the spend foretold there, (S, H).
    """
    origin, planned = asked
    recent = slice(max(origin + 1 - WEEKDAY_DAYS, 0), origin + 1)
    effort = spend.seen[:, recent] ** elasticity
    result = values[:, recent]
    paid = (effort > 0) & ~np.isnan(result)
    effort, result = np.where(paid, effort, 0.0), np.where(paid, result, 0.0)
    weekday = days[recent] % WEEK
    latest = paid & (paid[:, ::-1].cumsum(axis=1)[:, ::-1] <= RATE_DAYS)
    profile = _profile(result, effort, weekday)
    expected = (effort * profile[:, weekday] * latest).sum(axis=1)
    top = (result * latest).sum(axis=1)
    rate = np.divide(top, expected, out=np.full(len(top), np.nan), where=expected > 0)
    rate[latest.sum(axis=1) < FEWEST_DAYS] = np.nan
    aimed = (days[origin] + 1 + np.arange(planned.shape[1])) % WEEK
    said: FloatArray = rate[:, None] * planned**elasticity * profile[:, aimed]
    return said


def _profile(result: FloatArray, effort: FloatArray, weekday: IntArray) -> FloatArray:
    """What a weekday brings for the same spend against all days, (S, 7)."""
    of_weekday = np.equal.outer(weekday, np.arange(WEEK)).astype(np.float64)
    top, bottom = result @ of_weekday, effort @ of_weekday
    rate = result.sum(axis=1) / np.maximum(effort.sum(axis=1), 1e-12)
    usual = rate[:, None] * bottom
    pseudo = PSEUDO_WEEKS * usual.mean(axis=1, keepdims=True) / max(len(weekday) / WEEK, 1.0)
    profile: FloatArray = (top + pseudo + 1e-12) / (usual + pseudo + 1e-12)
    return profile


def _unpaid(values: FloatArray, spend: Spend) -> FloatArray:
    """Mean of the days on which nothing was spent, (S,); 0 where there is none."""
    unpaid = (spend.seen == 0) & ~np.isnan(values)
    top = np.where(unpaid, values, 0.0).sum(axis=1)
    mean: FloatArray = top / np.maximum(unpaid.sum(axis=1), 1)
    return mean
