"""Tests in every state, with lifts that were planted: drafted, sealed, run, stopped, concluded.

Nothing of what they say is written here: the totals are drawn from the planted rates, come in
week by week, and the product's own engine judges them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np

from campaigns.choices import ExperimentState
from campaigns.models import Experiment, ServedChoice
from campaigns.selectors import experiments_for
from campaigns.services import (
    ArmDesign,
    MetricDesign,
    ReadingRow,
    arm_spends_set,
    experiment_archive,
    experiment_create,
    experiment_seal,
    experiment_start,
    readings_record,
)
from core.money import MICROS
from demo.company.records import Company
from insights.services.deciding import policy_learn, shares_for
from insights.services.experiments import experiment_guard, experiment_settle

WEEK = 7
SEGMENTS = ("new", "returning")
GUARD = "refunds"


@dataclass(frozen=True, slots=True)
class Trial:
    """A test: ``rates`` are the true chances of a result by arm, control first; ``began`` and
    ``days`` count from today. ``units`` join each arm a day, ``lost`` is the share of them that
    the second arm loses."""

    name: str
    team: str
    by: str
    hypothesis: str
    unit: str
    metric: str
    rates: Mapping[str, float]
    began: int
    days: int
    units: int
    least: float = 0.1
    kind: str = "ab"
    tags: tuple[str, ...] = ()
    refunds: tuple[float, float] | None = None
    lost: float = 0.0
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spend: int = 0
    audience: int | None = None
    ends: tuple[str, str] | None = None
    is_archived: bool = False
    state: str = ExperimentState.RUNNING


SHORT = "Short subjects are opened more in every week. Keep them under 40 signs."
COLOUR = "The colour of the button does not matter. Do not test colours again."
HEADLINE = (
    "The short headline brings a fifth more sign-ups with either picture; people in the picture "
    "change nothing."
)
TRIALS = (
    Trial("Two-step checkout", "uki", "eilidh", "Because half of the baskets are left on the long "
          "form, two short steps bring more orders.", "visitor", "orders",
          {"One page": 0.052, "Two steps": 0.0605}, 16, 28, 820, tags=("checkout",),
          refunds=(0.006, 0.006)),
    Trial("Free shipping banner", "dach", "jonas", "Because shipping is the most asked question, "
          "saying it first brings more orders.", "visitor", "orders",
          {"As today": 0.041, "Banner": 0.0423}, 9, 28, 640, tags=("shipping", "banner"),
          audience=0),
    Trial("Price first on product pages", "dach", "lea", "Because people scroll for the price, "
          "showing it first brings more baskets.", "visitor", "baskets",
          {"As today": 0.09, "Price first": 0.092}, -6, 28, 500, tags=("product page",),
          audience=0, state=ExperimentState.SEALED),
    Trial("Spring lookbook as a film", "na", "rosa", "Because films hold people longer, a film "
          "brings more visits to the shop.", "viewer", "shop visits",
          {"Pictures": 0.12, "Film": 0.12}, -20, 21, 400, tags=("film",),
          state=ExperimentState.DRAFT),
    Trial("Gallery that loads late", "na", "theo", "Because pages load slowly, a late gallery "
          "brings more orders.", "visitor", "orders", {"As today": 0.047, "Late gallery": 0.05},
          40, 28, 700, tags=("speed",), lost=0.07, state=ExperimentState.STOPPED),
    Trial("Countdown in the basket", "uki", "eilidh", "Because many wait for days, a countdown "
          "brings more orders.", "visitor", "orders", {"As today": 0.05, "Countdown": 0.0545},
          70, 28, 900, tags=("basket", "urgency"), refunds=(0.006, 0.0105),
          state=ExperimentState.STOPPED),
    Trial("Short subject lines", "dach", "jonas", "Because half read on the phone, subjects under "
          "40 signs are opened more.", "recipient", "opens", {"As before": 0.21, "Short": 0.2335},
          95, 14, 1600, 0.05, tags=("email", "subject"), ends=("ship", SHORT), is_archived=True),
    Trial("Blue order button", "dach", "lea", "Because blue stands out on our pages, a blue "
          "button brings more orders.", "visitor", "orders", {"Green": 0.06, "Blue": 0.06},
          120, 28, 3200, 0.08, tags=("button", "colour"), ends=("keep", COLOUR)),
    Trial("Newsletter window after ten seconds", "na", "rosa", "Because few find the newsletter, "
          "a window brings more orders later.", "visitor", "orders",
          {"No window": 0.055, "Window": 0.0495}, 150, 28, 1500, tags=("newsletter", "pop-up"),
          ends=("keep", "The window costs more orders than its readers bring back.")),
    Trial("Headline and picture of the winter page", "dach", "jonas", "Because visitors leave "
          "within seconds, a short headline or people in the picture keep them.", "visitor",
          "sign-ups", {"Long, mountains": 0.031, "Long, people": 0.031, "Short, mountains": 0.037,
          "Short, people": 0.037}, 62, 28, 1100, 0.15, "factorial", ("headline", "picture"),
          levels={"Long, mountains": {"headline": "long", "picture": "mountains"},
                  "Long, people": {"headline": "long", "picture": "people"},
                  "Short, mountains": {"headline": "short", "picture": "mountains"},
                  "Short, people": {"headline": "short", "picture": "people"}},
          ends=("ship", HEADLINE)),
    Trial("Letters to sleeping customers", "dach", "lea", "Because a letter is rare today, it "
          "wakes customers who would not order by themselves.", "customer", "orders",
          {"No letter": 0.034, "Letter": 0.0405}, 25, 35, 420, 0.12, "holdout",
          ("letter", "reactivation"), spend=6_400),
    Trial("Opening picture of the winter film", "uki", "eilidh", "The best opening picture earns "
          "the most clicks.", "view", "clicks",
          {"Summit": 0.021, "Tent": 0.0265, "Dog": 0.031, "Boots": 0.019}, 12, 30, 900,
          kind="rotation", tags=("film", "opening")),
    Trial("Message on the home page by visitor", "dach", "jonas", "New visitors want an offer, "
          "returning ones the story behind a product.", "visitor", "sign-ups",
          {"Offer": 0.14, "Story": 0.13}, 14, 42, 60, kind="personal", tags=("home page",)),
)  # fmt: skip
# Chances of a sign-up on the home page, by segment and message.
BY_SEGMENT = {"new": {"Offer": 0.2, "Story": 0.08}, "returning": {"Offer": 0.08, "Story": 0.18}}


def planted_lifts_truth() -> dict[str, dict[str, Any]]:
    """The truth behind every test, for those who score verdicts: by name its kind, the true
    relative lift of each arm over control, whether its split was broken and whether its guardrail
    truly got worse. Pure: asks nothing, draws nothing."""
    return {trial.name: _truth(trial) for trial in TRIALS}


def _truth(trial: Trial) -> dict[str, Any]:
    control, *others = trial.rates
    guard = trial.refunds
    return {
        "kind": trial.kind,
        "unit": trial.unit,
        "control": control,
        "lifts": {arm: trial.rates[arm] / trial.rates[control] - 1 for arm in others},
        "best": max(trial.rates, key=lambda arm: trial.rates[arm]),
        "is_split_broken": trial.lost > 0,
        "is_guardrail_worse": bool(guard and guard[1] > guard[0]),
        "segments": BY_SEGMENT if trial.kind == "personal" else None,
    }


def plan_experiments(company: Company) -> None:
    """Let every test begin, be fed and end in its time."""
    for number, trial in enumerate(TRIALS):
        _plan(company, trial, number)


def _plan(company: Company, trial: Trial, number: int) -> None:
    moments = company.moments

    def let(days: int, hour: int, do: Any, *rest: Any) -> None:
        at = moments.ago(max(days, 0), hour, number)
        company.timeline.add(at, "experiments", partial(do, company, trial, *rest))

    let(max(trial.began + 7, 3), 9, _draft)
    if trial.state == ExperimentState.DRAFT:
        return
    let(max(trial.began + 2, 2), 10, _seal)
    if trial.state == ExperimentState.SEALED:
        return
    let(trial.began, 7, _start)
    last = min(trial.days, trial.began)
    feed = _serve if trial.kind == "personal" else _feed
    for day in [*range(WEEK, last, WEEK), last]:
        let(trial.began - day, 8, feed, day - 1 - (day - 1) % WEEK, day, number)
    if trial.ends and trial.began > trial.days:
        let(trial.began - trial.days - 2, 14, _conclude)
        if trial.is_archived:
            let(trial.began - trial.days - 20, 15, _archive)


def _found(company: Company, trial: Trial) -> Experiment:
    return experiments_for(company.people[trial.by]).get(name=trial.name)


def _draft(company: Company, trial: Trial, at: datetime) -> None:
    starts = company.today - timedelta(days=trial.began)
    control = next(iter(trial.rates))
    size = trial.units * len(trial.rates) * trial.days
    free = trial.kind in ("rotation", "personal")
    metrics = [
        MetricDesign(trial.metric, minimum_effect=trial.least, base=round(trial.rates[control], 3))
    ]
    if trial.refunds:
        metrics.append(MetricDesign(GUARD, "count", "guardrail", "lower"))
    experiment_create(
        team=company.teams[trial.team],
        user=company.people[trial.by],
        at=at,
        name=trial.name,
        kind=trial.kind,
        hypothesis=trial.hypothesis,
        unit=trial.unit,
        audience=_audience(company, trial),
        starts_on=starts,
        ends_on=starts + timedelta(days=trial.days - 1),
        looks="any_time" if free else "until_end",
        end_units=None if free else size,
        daily_units=trial.units * len(trial.rates),
        tags=trial.tags,
        currency="EUR" if trial.spend else "",
        arms=[ArmDesign(name, levels=trial.levels.get(name, {})) for name in trial.rates],
        metrics=metrics,
    )


def _audience(company: Company, trial: Trial) -> Any:
    if trial.audience is None:
        return None
    team = company.teams[trial.team]
    mine = [one for one in company.audiences.values() if one.team_id == team.pk]
    return mine[trial.audience] if mine else None


def _seal(company: Company, trial: Trial, at: datetime) -> None:
    experiment = _found(company, trial)
    experiment_seal(experiment=experiment, user=company.people[trial.by], at=at)


def _start(company: Company, trial: Trial, at: datetime) -> None:
    experiment = _found(company, trial)
    experiment_start(experiment=experiment, user=company.people[trial.by], at=at)
    if trial.spend:
        arm = list(trial.rates)[1]
        arm_spends_set(
            experiment=experiment, spends={arm: trial.spend * MICROS},
            user=company.people[trial.by], at=at,
        )  # fmt: skip


def _feed(company: Company, trial: Trial, first: int, last: int, number: int, at: datetime) -> None:
    """The days from ``first`` up to ``last`` (not included) of the test come in."""
    experiment = _found(company, trial)
    if experiment.state != ExperimentState.RUNNING:
        return
    starts = company.today - timedelta(days=trial.began)
    rows = [
        row
        for day in range(first, last)
        for row in _day(trial, starts + timedelta(days=day), (company.market.seed, number, day))
    ]
    readings_record(
        experiment=experiment, rows=rows, user=company.people[trial.by], at=at,
        file_name=f"{trial.name.lower().replace(' ', '-')}.csv",
    )  # fmt: skip
    if trial.kind != "rotation":
        experiment_guard(_found(company, trial), at=at)


def _day(trial: Trial, day: date, seed: tuple[int, int, int]) -> list[ReadingRow]:
    dice = np.random.default_rng((97, *seed))
    # Units are assigned at random, so that the arms differ by chance only.
    whole = trial.units * len(trial.rates)
    sizes = dice.multinomial(whole, [1 / len(trial.rates)] * len(trial.rates))
    rows = []
    for place, (arm, rate) in enumerate(trial.rates.items()):
        units = int(sizes[place] * (1 - trial.lost if place == 1 else 1))
        yes = int(dice.binomial(units, rate))
        rows.append(ReadingRow(arm, trial.metric, units, yes, day))
        if trial.refunds:
            back = int(dice.poisson(units * trial.refunds[min(place, 1)]))
            rows.append(ReadingRow(arm, GUARD, units, back, day))
    return rows


def _serve(
    company: Company, trial: Trial, first: int, last: int, number: int, at: datetime
) -> None:
    """Visitors of some days get their message by the shares of then, and the shares follow."""
    experiment = _found(company, trial)
    arms = list(experiment.arms.all())
    dice = np.random.default_rng((98, company.market.seed, number, first))
    rows = []
    for day in range(first, last):
        seen = at - timedelta(days=last - day)
        for place in range(trial.units * 2):
            segment = SEGMENTS[int(dice.random() < 0.4)]
            shares = shares_for(experiment, arms, segment)
            chosen = int(dice.choice(len(arms), p=shares))
            hit = dice.random() < BY_SEGMENT[segment][arms[chosen].name]
            rows.append(
                ServedChoice(
                    experiment=experiment, unit_sha256=f"{number:02d}-{day:03d}-{place:04d}".ljust(64, "0"),
                    context=segment, arm=arms[chosen], propensity=shares[chosen], at=seen,
                    reward=float(hit), rewarded_at=seen,
                )
            )  # fmt: skip
    ServedChoice.objects.bulk_create(rows)
    policy_learn(experiment=experiment, at=at)


def _conclude(company: Company, trial: Trial, at: datetime) -> None:
    experiment = _found(company, trial)
    if trial.ends and experiment.state == ExperimentState.RUNNING:
        decision, learning = trial.ends
        experiment_settle(
            experiment=experiment, user=company.people[trial.by], decision=decision,
            learning=learning, at=at,
        )  # fmt: skip


def _archive(company: Company, trial: Trial, at: datetime) -> None:
    experiment = _found(company, trial)
    if experiment.state == ExperimentState.CONCLUDED:
        experiment_archive(experiment=experiment, user=company.people[trial.by], at=at)
