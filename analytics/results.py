"""What the functions of this package answer with, and the reasons for which they refuse."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why an answer is missing or withheld. `REASON_TEXT` says the same to a person."""

    TOO_FEW_DAYS = "too_few_days"
    TOO_FEW_PERIODS = "too_few_periods"
    TOO_FEW_WEEKS = "too_few_weeks"
    TOO_SPARSE = "too_sparse"
    NO_VOLUME = "no_volume"
    NO_SPEND = "no_spend"
    NO_TARGET = "no_target"
    NOT_STARTED = "not_started"
    TOO_FEW_CONTROLS = "too_few_controls"
    ALREADY_DIVERGING = "already_diverging"
    SPEND_TOO_STEADY = "spend_too_steady"
    RETURN_TOO_NOISY = "return_too_noisy"
    NO_ROOM = "no_room"
    NO_PARTNER = "no_partner"
    PAYS_NO_MORE = "pays_no_more"
    INSIDE_NOISE = "inside_noise"


REASON_TEXT: dict[Reason, str] = {
    Reason.TOO_FEW_DAYS: "There are too few days with data.",
    Reason.TOO_FEW_PERIODS: "There are too few complete periods to speak of a trend.",
    Reason.TOO_FEW_WEEKS: "There are too few complete weeks with spend and return.",
    Reason.TOO_SPARSE: "Too few days have any result at all.",
    Reason.NO_VOLUME: "There is nothing to divide by: the denominator is zero throughout.",
    Reason.NO_SPEND: "There is no spend in the recent weeks.",
    Reason.NO_TARGET: "The target is zero or missing.",
    Reason.NOT_STARTED: "The period has not started yet.",
    Reason.TOO_FEW_CONTROLS: "Too few comparable lines were left untouched.",
    Reason.ALREADY_DIVERGING: "It was already moving away from its neighbours before the change.",
    Reason.SPEND_TOO_STEADY: "Spend hardly varied, so its effect cannot be read from history.",
    Reason.RETURN_TOO_NOISY: "The return varies so much that history says nothing about spend.",
    Reason.NO_ROOM: "The limits leave no room for a move.",
    Reason.NO_PARTNER: "No other line has enough history to say what more spend returns there.",
    Reason.PAYS_NO_MORE: "No other line returns more on the next unit of spend.",
    Reason.INSIDE_NOISE: "No move gains more than the noise in the data.",
}


class Direction(StrEnum):
    """What a series does. Whether that is good is for the metric registry to say."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"
    UNCLEAR = "unclear"


class Better(StrEnum):
    """Which way a metric is good."""

    HIGHER = "higher"
    LOWER = "lower"
    ON_TARGET = "on_target"


class Verdict(StrEnum):
    """What a logged change did."""

    HELPED = "helped"
    HURT = "hurt"
    CANNOT_TELL = "cannot_tell"


class Achievement(StrEnum):
    """Where a value stands against its target."""

    ACHIEVED = "achieved"
    WITHIN_TOLERANCE = "within_tolerance"
    MISSED = "missed"


class Severity(StrEnum):
    """How loudly a finding asks for a person."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided interval that holds the truth with probability `level` (0 to 1)."""

    low: float
    high: float
    level: float

    def excludes(self, value: float) -> bool:
        """Whether `value` lies clear outside."""
        return value < self.low or value > self.high


@dataclass(frozen=True, slots=True)
class PeriodValue:
    """One complete period: its first day (ordinal), days with data, sums, and their ratio."""

    first_day: int
    days: int
    numerator: float
    denominator: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """Where a ratio goes over complete periods.

    `slope` is the relative change per period (-0.25: a quarter less each period), `change` the
    last period against the first, both as fractions with their intervals. `p` is the two-sided
    Mann-Kendall probability. `run` counts the latest periods that moved the same way: -3 after
    three falls in a row. `n` is the number of days behind it.
    """

    direction: Direction
    slope: float | None
    slope_interval: Interval | None
    p: float | None
    periods: tuple[PeriodValue, ...]
    first_value: float | None
    last_value: float | None
    change: float | None
    change_interval: Interval | None
    run: int
    n: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a target stands today and where the current run-rate ends.

    `landing` is a run-rate, not a forecast: the recent level carried on over the remaining days;
    its interval covers day-to-day variation and the uncertainty of that level, nothing else.
    `ratio` is actual over expected (1.0: on pace). `needed` is what the remaining days must bring
    on average, per day for a total and as a ratio for a ratio; None when no day remains.
    `chance` is the share of simulated endings at or above the target. `n` is the number of days
    of history behind the range.
    """

    actual: float | None
    expected_linear: float | None
    expected: float | None
    ratio: float | None
    landing: float | None
    landing_interval: Interval | None
    chance: float | None
    needed: float | None
    days_elapsed: int
    days_total: int
    days_missing: int
    n: int
    reason: Reason | None
    method: str = "run_rate"


@dataclass(frozen=True, slots=True)
class Attainment:
    """A value against its target: `ratio` is value over target, `gap` value minus target."""

    achievement: Achievement | None
    ratio: float | None
    gap: float | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a change did, against untouched neighbours.

    `effect` is the relative change of the metric that the neighbours do not explain (0.1: ten
    percent up). `gain` is the same in units of the numerator over the days after the change.
    `n_before`, `n_after` count days with data, `n_controls` the neighbours used.
    """

    verdict: Verdict
    effect: float | None
    effect_interval: Interval | None
    gain: float | None
    gain_interval: Interval | None
    n_before: int
    n_after: int
    n_controls: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Elasticity:
    """How return answers to spend: one percent more spend brings `value` percent more return.

    `value` and `interval` are shrunk to a stated prior; `measured` and `standard_error` are what
    this line's own history says alone; `weight` (0 to 1) is the say that history had. `n` is the
    number of weeks, `spend_variation` the standard deviation of log weekly spend.
    """

    value: float | None
    interval: Interval | None
    measured: float | None
    standard_error: float | None
    weight: float
    spend_variation: float
    n: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Percentiles:
    """P10, P50 and P90 of an uncertain amount, and the probability that it is a loss."""

    p10: float
    p50: float
    p90: float
    chance_of_loss: float


@dataclass(frozen=True, slots=True)
class MoveEffect:
    """What moving `amount` from one line to another should change in the return, in its units.

    `gain` is the net, `giver_loss` (negative) and `receiver_gain` its two sides. The marginals are
    what one more unit of spend returns today.
    """

    giver: str
    receiver: str
    amount: float
    days: int
    gain: Percentiles | None
    giver_loss: Percentiles | None
    receiver_gain: Percentiles | None
    giver_marginal: float | None
    receiver_marginal: float | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class MoveSuggestion:
    """The best single move within the limits, or the reason why there is none.

    `binding` names the limit that stopped it from being larger, None when more would not pay.
    `refused` says for each line that could not take part why not.
    """

    move: MoveEffect | None
    binding: str | None
    considered: int
    refused: tuple[tuple[str, Reason], ...]
    reason: Reason | None
