"""What engines learn by themselves: curves of spend, credit of journeys, lifts of tests, chances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.urls import reverse

from accounts.models import User
from analytics.experiments.results import Outcome
from analytics.results import REASON_TEXT, Reason
from campaigns.choices import ExperimentKind
from campaigns.models import Campaign, CampaignLine
from campaigns.selectors import experiments_for
from core import formats
from demo.company.experiments import planted_lifts_truth
from demo.company.prospects import planted_chances_truth
from demo.market.journeys import planted_journeys_truth
from demo.planted.rows import Row, Seen, changes, not_run, shares, within
from insights.models import AttributionRun, ModelVersion
from insights.selectors.experiments import ExperimentResult, result_of
from insights.selectors.response import curve_estimates

Kept = Mapping[str, Any]
CURVES, JOURNEYS, TESTS, CHANCES = "Curves", "Journeys", "Tests", "Chances"
WEEK = 7
MARKOV = "markov"
DRIVERS = {"origin": "Where a lead came from", "industry": "The industry of a lead"}


def curves(kept: Kept, user: User, _now: datetime) -> Iterator[Row]:
    """What the next unit of steady spend brings, line by line."""
    champions = ModelVersion.objects.for_user(user).filter(
        kind=ModelVersion.Kind.RESPONSE, state=ModelVersion.State.CHAMPION
    )
    known: dict[str, Any] = {}
    for version in champions:
        known |= curve_estimates(version, "revenue")
    ids = kept["ids"]["lines"]
    lines = CampaignLine.objects.filter(
        pk__in=ids.values(), campaign__in=Campaign.objects.for_user(user)
    )
    visible = {line.pk: line for line in lines}
    url = reverse("insights:response")
    for key, planted in sorted(kept["truth"]["lines"].items()):
        line = visible.get(ids.get(key, 0))
        if line and planted["recent_marginal_return"] is not None:
            yield _curve(line, planted, known.get(f"line:{line.pk}"), bool(known), url)


def _curve(
    line: CampaignLine,
    planted: Mapping[str, Any],
    found: Any,
    is_run: bool,
    url: str,
) -> Row:
    what, truth = f"{line.name}, the next unit of spend", float(planted["recent_marginal_return"])
    told = formats.ratio(truth)
    if found is None:
        seen = Seen.UNCLEAR if is_run else Seen.NOT_RUN
        said = "No curve of this line" if is_run else formats.NOTHING
        return Row(CURVES, what, told, said, "", seen, url)
    draws = found.marginal(np.array([planted["recent_spend_a_day"] * WEEK]))
    low, middle, high = (float(one) for one in np.quantile(draws, [0.1, 0.5, 0.9]))
    range_ = f"{formats.ratio(low)} to {formats.ratio(high)} (80 %)"
    return Row(CURVES, what, told, formats.ratio(middle), range_, within(truth, low, high), url)


def journeys(_kept: Kept, user: User, _now: datetime) -> Iterator[Row]:
    """The credit of each channel by the chain that the journeys were drawn from."""
    planted = planted_journeys_truth()
    run = (
        AttributionRun.objects.for_user(user)
        .filter(conversion=planted["conversion"], reason="")
        .order_by("-ran_at")
        .first()
    )
    for channel, truth in planted["credit"].items():
        what = f"{channel}, share of first orders"
        if run is None:
            yield not_run(
                JOURNEYS, what, formats.percent(truth, 0), reverse("insights:attribution")
            )
        else:
            yield _credit(run, channel, what, float(truth))


def _credit(run: AttributionRun, channel: str, what: str, truth: float) -> Row:
    told, names = formats.percent(truth, 0), run.record["channels"]
    credit = run.record["models"][MARKOV]
    firm = run.record["firmness"]["models"].get(MARKOV)
    if channel not in names or credit["reason"] or not firm:
        return Row(
            JOURNEYS, what, told, "No credit was given", "", Seen.UNCLEAR, run.get_absolute_url()
        )
    place, total = names.index(channel), sum(credit["conversions"])
    share, low, high = credit["conversions"][place] / total, firm["low"][place], firm["high"][place]
    return Row(
        JOURNEYS, what, told, formats.percent(share, 0), shares(low, high, "90 %"),
        within(truth, low, high), run.get_absolute_url(), run.conversions,
    )  # fmt: skip


def experiments(_kept: Kept, user: User, now: datetime) -> Iterator[Row]:
    """The true lift of every arm of every test, and of those that follow results the best arm.

    Which message suits which visitor has no single truth, so such tests have no row.
    """
    planted = planted_lifts_truth()
    for one in experiments_for(user).filter(name__in=planted).exclude(kind=ExperimentKind.PERSONAL):
        truth, result = planted[one.name], result_of(one, now)
        if one.kind == ExperimentKind.ROTATION:
            yield _best(result, truth["best"])
            continue
        for arm, lift in truth["lifts"].items():
            yield _lift(result, arm, float(lift), is_broken=truth["is_split_broken"])


def _best(result: ExperimentResult, truth: str) -> Row:
    test = result.experiment
    url = reverse("insights:experiment", args=[test.pk])
    what, told = f"{test.name}: the best", truth
    if not result.shares:
        return not_run(TESTS, what, told, url)
    best = max(result.shares, key=lambda arm: (result.shares or {})[arm])
    seen = Seen.FOUND if best == truth else Seen.MISSED
    return Row(TESTS, what, told, result.sentence, "", seen, url, result.units)


def _lift(result: ExperimentResult, arm: str, truth: float, *, is_broken: bool) -> Row:
    test = result.experiment
    what, told = f"{test.name}: {arm}", formats.percent_signed(truth, 0) if truth else "Nothing"
    if is_broken:
        told = f"{told}, and a split that is broken"
    url = reverse("insights:experiment", args=[test.pk])
    effect = _effect(result, arm)
    if effect is None or effect.relative_interval is None:
        seen = Seen.UNCLEAR if result.units else Seen.NOT_RUN
        return Row(TESTS, what, told, result.sentence, "", seen, url, result.units)
    if is_broken:
        seen = Seen.FOUND if result.outcome == Outcome.INVALID else Seen.MISSED
        return Row(TESTS, what, told, result.sentence, "", seen, url, result.units)
    low, high = effect.relative_interval.low, effect.relative_interval.high
    level = formats.percent(effect.relative_interval.level, 0)
    said = formats.percent_signed(effect.relative or 0.0, 0)
    seen = within(truth, low, high)
    return Row(TESTS, what, told, said, changes(low, high, level), seen, url, result.units)


def _effect(result: ExperimentResult, arm: str) -> Any:
    if result.report is None or result.test is None:
        return None
    primary = result.test.primary.name
    found = (one for one in result.report.effects if (one.metric, one.arm) == (primary, arm))
    return next(found, None)


def chances(_kept: Kept, user: User, _now: datetime) -> Iterator[Row]:
    """What decides whether a lead of the trade desk converts."""
    planted, url = planted_chances_truth(), f"{reverse('insights:scores')}?kind=leads"
    trained = ModelVersion.objects.for_user(user).filter(kind="leads").defer("record")
    version = trained.order_by("reason", "-trained_at").first()
    for name, label in DRIVERS.items():
        what = f"{label} decides whether it converts"
        told = f"{planted[name]['raises']} raises it most, {planted[name]['lowers']} least"
        if version is None:
            yield not_run(CHANCES, what, told, url)
        elif version.reason:
            said = REASON_TEXT[Reason(version.reason)]
            yield Row(CHANCES, what, told, said, "", Seen.UNCLEAR, url, version.rows)
        else:
            yield _driver(version, name, planted[name], what, told, url)


def _driver(
    version: ModelVersion, name: str, truth: Mapping[str, str], what: str, told: str, url: str
) -> Row:
    factors = version.scores["factors"]
    place = next((n for n, one in enumerate(factors) if one["name"] == name), None)
    if place is None:
        return Row(CHANCES, what, told, "Not used", "", Seen.MISSED, url, version.rows)
    one = factors[place]
    is_right = (one["raises"], one["lowers"]) == (truth["raises"], truth["lowers"])
    said = f"{one['raises']} raises it most, {one['lowers']} least; reason {place + 1} of {len(factors)}"
    seen = Seen.FOUND if is_right else Seen.MISSED
    return Row(CHANCES, what, told, said, "", seen, url, version.rows)
