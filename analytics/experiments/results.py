"""What the functions of this package answer with."""

from dataclasses import dataclass
from enum import StrEnum

from analytics.experiments.moments import Moments, Number
from analytics.results import Interval, Reason


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """An estimate with its standard error, test and interval.

    `freedom` is infinite for a normal test. `log_p` is the natural logarithm of `p` and holds
    where `p` underflows. NaN where nothing varies.
    """

    estimate: Number
    standard_error: Number
    statistic: Number
    freedom: Number
    p: Number
    log_p: Number
    low: Number
    high: Number


@dataclass(frozen=True, slots=True, eq=False)
class ProportionDetails:
    """Every usual test of two shares, for those who must compare with another tool."""

    z_pooled: Number
    p_pooled: Number
    z_unpooled: Number
    p_unpooled: Number
    wald: tuple[Number, Number]
    newcombe: tuple[Number, Number]
    chi2: Number
    p_chi2: Number
    p_chi2_yates: Number


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """What the data and the prior say about treated against control.

    `loss_if_chosen` is what choosing the treated arm is expected to cost where control is better,
    `loss_if_kept` what keeping control is; both in units of the metric.
    """

    beats: Number
    loss_if_chosen: Number
    loss_if_kept: Number


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """A posterior mean with the equal-tailed interval."""

    mean: Number
    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class SplitCheck:
    """Units by arm against the planned split: a sample ratio mismatch when `fails`."""

    observed: tuple[float, ...]
    expected: tuple[float, ...]
    chi2: float
    p: float
    threshold: float

    @property
    def fails(self) -> bool:
        return self.p < self.threshold


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two tests on the same units: when `leans`, arms of one sit more often in some of the other.

    `p` is corrected for the number of pairs (Holm); `cramers_v` (0 to 1) says how strongly.
    """

    first: str
    second: str
    units: int
    cramers_v: float
    p: float
    leans: bool


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """Moments of every arm after the adjustment.

    `reduction` is the share of the variance of a difference of means that is gone, `rho` the
    correlation over all units; both zero when nothing could be adjusted.
    """

    arms: tuple[Moments, ...]
    theta: float
    rho: float
    reduction: float


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The difference of means with and without the unit farthest from everybody.

    `rank_p` is the rank test, which that unit cannot move. `fragile` when leaving it out moves the
    estimate by more than a quarter of a standard error or changes what is significant.
    """

    unit_value: float
    in_treated: bool
    estimate: float
    p: float
    estimate_without: float
    p_without: float
    rank_p: float
    fragile: bool


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """One effect: `levels` names the factor (or two of an interaction) with its level.

    A main effect is against the first level of the factor, averaged over the other factors; an
    interaction is by how much that effect differs at the second factor's level from its first.
    `p` is corrected over all effects of the grid.
    """

    levels: tuple[tuple[str, str], ...]
    difference: Difference
    p: float


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """Reward per decision that a policy would have brought.

    `effective` is the number of decisions that carry weight (Kish's effective sample size);
    below `FEWEST_DECISIONS` nothing is claimed.
    """

    value: float | None
    interval: Interval | None
    n: int
    effective: float
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class OffPolicy:
    """The three usual estimates; where they disagree, none is to be trusted."""

    inverse_propensity: PolicyValue
    self_normalised: PolicyValue
    doubly_robust: PolicyValue | None


@dataclass(frozen=True, slots=True)
class Lift:
    """What was added by treating, and what each added result cost.

    `added` is in units of the metric over all treated units, `relative` a share of the held-out
    level; `cost_per_added` is None where the added results may be zero.
    """

    added: float
    added_interval: Interval
    relative: float | None
    relative_interval: Interval | None
    p: float
    cost_per_added: float | None
    cost_interval: Interval | None
    n_held_out: int
    n_treated: int
    reason: Reason | None


class Outcome(StrEnum):
    """What to make of an arm, or of a test."""

    INVALID = "invalid"
    BETTER = "better"
    HARMFUL = "harmful"
    WORSE = "worse"
    EQUAL = "equal"
    RUNNING = "running"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class AlwaysValid:
    """The answer that holds under the declared looks; `critical` in standard errors.

    `p` tests the absolute difference, `relative_p` the relative one.
    """

    method: str
    critical: float
    interval: Interval
    p: float
    relative_interval: Interval | None
    relative_p: float | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the test can see, and how far it is.

    `power_now` is the chance to have found the minimum effect with the units there are,
    `detectable` the relative effect that is found with the planned power. `units_needed` and
    `units_left` count all arms together. `formula` names how.
    """

    minimum_effect: float | None
    power_now: float | None
    detectable: float | None
    units_needed: int | None
    units_left: int | None
    days_left: int | None
    formula: str


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What CUPED did to an effect; with a `reason` nothing was adjusted."""

    theta: float
    rho: float
    variance_reduction: float
    estimate_before: float
    p_before: float
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class ArmEffect:
    """One metric of one arm against control.

    `estimate` is absolute, `relative` a share of the control value. `p` belongs to a single look;
    `deciding_p` is the one the verdict rests on: always valid where looks are, corrected for arms
    and metrics. `log10_p` holds where `p` underflows. Probability and losses are in the metric's
    good direction: `probability_to_beat` that the arm is better, `expected_loss` what choosing it
    costs where it is not, in units of the metric.
    """

    metric: str
    arm: str
    n_control: int
    n: int
    value_control: float
    value: float
    estimate: float
    interval: Interval | None
    interval_method: str
    relative: float | None
    relative_interval: Interval | None
    standard_error: float
    statistic: float | None
    freedom: float | None
    p: float
    log10_p: float
    test: str
    always_valid: AlwaysValid | None
    deciding_p: float
    corrected_p: dict[str, float]
    probability_to_beat: float | None
    expected_loss: float | None
    expected_loss_of_control: float | None
    outlook: Outlook
    adjustment: Adjustment | None
    sensitivity: Sensitivity | None
    details: ProportionDetails | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, in one sentence; `arm` is the one the sentence is about."""

    outcome: Outcome
    arm: str | None
    sentence: str
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about a test, the verdict first.

    `chance_best` is the probability of each arm to be the best on the primary metric; `outcomes`
    what to make of each arm but control.
    """

    name: str
    verdict: Verdict
    split: SplitCheck
    outcomes: dict[str, Outcome]
    chance_best: dict[str, float]
    effects: tuple[ArmEffect, ...]
    fingerprint: str
