"""Check: does a live campaign's return fall, month after month?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from analytics.periods import month_edges
from analytics.results import Severity, Trend
from analytics.stake import ratio_stake, severity
from analytics.trend import falls_in_a_row, ratio_trend, rises_in_a_row
from campaigns.choices import Status
from campaigns.models import Campaign
from core import formats
from core.money import MICROS
from core.periods import Period
from insights.models import Finding
from insights.selectors import outlook
from insights.services.findings import Found
from insights.services.history import History, campaign_histories, last_days
from insights.services.words import young_evidence
from metrics.choices import Unit
from metrics.selectors import Metric, metric_for

# Judged are the latest three complete months; up to six are shown.
JUDGED, SHOWN = 3, 6
LOOK_BACK = timedelta(days=31 * (SHOWN + 1))
# The best measure of return that a campaign reports, the first that applies.
RETURNS = ("roas", "roas_order_value", "cpa", "cpl")
MEASURES = ("spend", "revenue", "order_value", "conversions", "leads")
SEED = 20_260
METHOD = (
    "Sums of complete calendar months, days that still grow as they are expected to be when final; "
    "slope by Theil and Sen, interval by block bootstrap. "
    "A run-rate reading of the past, not a forecast."
)
ALERT_SEVERITY = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "warning",
    Severity.MEDIUM: "warning",
    Severity.LOW: "info",
}


def falling_returns(*, at: datetime) -> Iterator[Found]:
    """A finding for each live campaign whose return fell in each of the latest complete months."""
    newest = last_days()
    live = Campaign.objects.filter(status=Status.LIVE, pk__in=newest).select_related(
        "team", "owner"
    )
    by_last_day: dict[date, list[Campaign]] = {}
    for campaign in live:
        by_last_day.setdefault(newest[campaign.pk], []).append(campaign)
    for last, campaigns in by_last_day.items():
        period = Period("trend", last - LOOK_BACK, last)
        histories = campaign_histories(measures=MEASURES, period=period)
        for campaign in campaigns:
            if campaign.pk in histories and (found := _check(campaign, histories[campaign.pk], at)):
                yield found


def return_metric(history: History) -> Metric | None:
    """The metric that says best what a campaign returns."""
    for key in RETURNS:
        metric = metric_for(key)
        if history.reports(metric.numerator) and history.reports(metric.denominator):
            return metric
    return None


def _check(campaign: Campaign, history: History, at: datetime) -> Found | None:
    metric = return_metric(history)
    if metric is None:
        return None
    edges = month_edges(int(history.days[0]), int(history.days[-1]))
    daily, seed = history.ratio(metric), SEED + campaign.pk
    trend = ratio_trend(daily, edges=edges, seed=seed, last=JUDGED)
    worsens = falls_in_a_row(trend) if metric.up_is_good else rises_in_a_row(trend)
    if not worsens:
        return None
    shown = ratio_trend(daily, edges=edges, seed=seed, last=SHOWN).periods
    return _found(campaign, history, metric, replace(trend, periods=shown), at)


def _found(
    campaign: Campaign, history: History, metric: Metric, trend: Trend, at: datetime
) -> Found:
    run = trend.periods[-(abs(trend.run) + 1) :]
    values = [Decimal(repr(period.value)) for period in run if period.value is not None]
    first, last = (_written(metric, value, history.currency) for value in (values[0], values[-1]))
    verb = "fell" if metric.up_is_good else "rose"
    stake = _stake(trend)
    # One day of the month is enough to name it.
    months = [date.fromordinal(period.first_day) for period in run]
    names = [f"{month:%b %Y}" for month in months]
    return Found(
        kind=Finding.Kind.TREND,
        cause=f"trend:{metric.key}:campaign:{campaign.pk}",
        team=campaign.team,
        campaign=campaign,
        metric=metric.key,
        title=f"{metric.label} of {campaign.name} {verb} {abs(trend.run)} months in a row, "
        f"from {first} to {last}",
        reason=_reason(metric, trend, names, values, history.currency),
        window=(months[0], history.last_day),
        stake_micros=round(stake * MICROS) if history.currency else None,
        currency=history.currency,
        evidence={
            "severity": ALERT_SEVERITY[severity(stake, of=trend.periods[-1].numerator)],
            "unit": str(metric.unit),
            "currency": history.currency,
            "method": METHOD,
            "formula": metric.formula,
            "periods": [
                {
                    "label": f"{date.fromordinal(p.first_day):%b %Y}",
                    "value": repr(p.value),
                    "numerator": repr(p.numerator),
                    "denominator": repr(p.denominator),
                    "days": p.days,
                }
                for p in trend.periods
                if p.value is not None
            ],
            "facts": _facts(metric, trend, history),
            "n": trend.n,
            "as_of": at,
            **_young(campaign, metric, trend, history),
        },
    )


def _young(campaign: Campaign, metric: Metric, trend: Trend, history: History) -> dict[str, Any]:
    """What of the months still grows: their values stand as they are expected to be when final."""
    starts = [date.fromordinal(period.first_day) for period in trend.periods]
    found = outlook(
        metric=metric.key,
        viewer=None,
        starts=starts,
        last_day=(starts[-1] + timedelta(days=31)).replace(day=1) - timedelta(days=1),
        where={"campaign": campaign.pk},
        currency=history.currency or None,
    )
    return young_evidence(found, {start: f"{start:%b %Y}" for start in starts})


def _written(metric: Metric, value: Decimal, currency: str) -> str:
    if metric.unit == Unit.MONEY:
        return f"{value:,.2f} {currency}"
    return formats.ratio(value)


def _reason(
    metric: Metric, trend: Trend, names: list[str], values: list[Decimal], currency: str
) -> str:
    steps = ", then ".join(
        f"{_written(metric, value, currency)} in {name}"
        for name, value in zip(names, values, strict=True)
    )
    interval = ""
    if trend.change_interval:
        low, high = (
            formats.percent_signed(x)
            for x in (trend.change_interval.low, trend.change_interval.high)
        )
        interval = f" (95 % interval {low} to {high})"
    change = formats.percent_signed(trend.change) if trend.change is not None else ""
    return f"{metric.label} was {steps}. That is {change}{interval} over the months compared."


def _stake(trend: Trend) -> float:
    """What a month like the last one costs against the first of the run, in money.

    With a return it is revenue not earned on the last month's spend, with a cost it is
    spend too much for the last month's results.
    """
    first = trend.periods[-(abs(trend.run) + 1)].value or 0.0
    last = trend.periods[-1]
    return ratio_stake(first, last.value or 0.0, denominator=last.denominator)


def _facts(metric: Metric, trend: Trend, history: History) -> list[list[str]]:
    facts = [["Formula", metric.formula], ["Complete months", str(len(trend.periods))]]
    facts.append(["Days with data", f"{trend.n:,}"])
    if trend.p is not None:
        facts.append(["Chance of such an order without a trend", formats.percent(trend.p)])
    facts.append(["Newest day", formats.day(history.last_day)])
    facts.append(["Currency", history.currency])
    return facts
