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
    COLLINEAR = "collinear"
    RETURN_TOO_NOISY = "return_too_noisy"
    NO_ROOM = "no_room"
    NO_PARTNER = "no_partner"
    PAYS_NO_MORE = "pays_no_more"
    INSIDE_NOISE = "inside_noise"
    SEEN_ONCE = "seen_once"
    TOO_YOUNG = "too_young"
    TOO_FEW_UNITS = "too_few_units"
    NO_BASE = "no_base"
    NO_VARIATION = "no_variation"
    SPLIT_MISMATCH = "split_mismatch"
    GUARDRAIL_HARMED = "guardrail_harmed"
    COVARIATE_MOVED = "covariate_moved"
    PAST_END = "past_end"
    NOT_SEPARATED = "not_separated"
    SHARES_FOLLOWED = "shares_followed"
    TOO_FEW_CONVERSIONS = "too_few_conversions"
    NO_NULL_PATHS = "no_null_paths"
    NO_MILESTONES = "no_milestones"
    TOO_MANY_STATES = "too_many_states"
    TOO_FEW_CUSTOMERS = "too_few_customers"
    NOT_OLD_ENOUGH = "not_old_enough"
    NO_ACQUISITION_COST = "no_acquisition_cost"
    NOT_PAID_BACK = "not_paid_back"
    TOO_FEW_ROWS = "too_few_rows"
    IRREGULAR_TIMES = "irregular_times"
    TOO_FEW_POSITIVES = "too_few_positives"
    NO_COLUMNS = "no_columns"
    TOO_FEW_PEERS = "too_few_peers"
    NO_VALUE = "no_value"
    PAUSED = "paused"
    ENDED = "ended"
    PLAN_TOO_SHORT = "plan_too_short"


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
    Reason.COLLINEAR: "Spend moved together with another channel's: only their sum can be read.",
    Reason.RETURN_TOO_NOISY: "The return varies so much that history says nothing about spend.",
    Reason.NO_ROOM: "The limits leave no room for a move.",
    Reason.NO_PARTNER: "No other line has enough history to say what more spend returns there.",
    Reason.PAYS_NO_MORE: "No other line returns more on the next unit of spend.",
    Reason.INSIDE_NOISE: "No move gains more than the noise in the data.",
    Reason.SEEN_ONCE: "Each day came in once, so nobody has seen how days grow.",
    Reason.TOO_YOUNG: "No day has been watched from so young an age.",
    Reason.TOO_FEW_UNITS: "There are too few units or results to judge a difference.",
    Reason.NO_BASE: "The control value is zero, so there is no relative change.",
    Reason.NO_VARIATION: "All units did the same, so there is nothing to judge by.",
    Reason.SPLIT_MISMATCH: "The units do not fit the planned split.",
    Reason.GUARDRAIL_HARMED: "A guardrail metric got worse.",
    Reason.COVARIATE_MOVED: "The arms differ on the covariate, so it was not measured before.",
    Reason.PAST_END: "The test ran past its declared end, which no promise covers.",
    Reason.NOT_SEPARATED: "Chance can explain the difference.",
    Reason.SHARES_FOLLOWED: "Shares followed results, so tests of a fixed split do not hold.",
    Reason.TOO_FEW_CONVERSIONS: "There are too few conversions to tell channels apart.",
    Reason.NO_NULL_PATHS: "Only converting journeys are known, so removal effects are too large.",
    Reason.NO_MILESTONES: "No lead or opportunity is known, so their touches have no share.",
    Reason.TOO_MANY_STATES: "There are too many channels, or pairs of them, for this model.",
    Reason.TOO_FEW_CUSTOMERS: "There are too few customers.",
    Reason.NOT_OLD_ENOUGH: "Too few customers have been known for so many days.",
    Reason.NO_ACQUISITION_COST: "What it cost to win these customers is not known.",
    Reason.NOT_PAID_BACK: "They have not yet brought in what it cost to win them.",
    Reason.TOO_FEW_ROWS: "There are too few rows with a value.",
    Reason.IRREGULAR_TIMES: "The rows do not come at a regular step.",
    Reason.TOO_FEW_POSITIVES: "Too few rows have the outcome, or too few do not.",
    Reason.NO_COLUMNS: "No column is left that could tell anything.",
    Reason.TOO_FEW_PEERS: "Too few of its kind came before to compare with.",
    Reason.NO_VALUE: "There is no value to place.",
    Reason.PAUSED: "It has rested for days on end, so zero is expected until it is started again.",
    Reason.ENDED: "It was stopped or is over, so nothing more is expected.",
    Reason.PLAN_TOO_SHORT: "Too few days with spend are known to apply the plan.",
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
class ActBy:
    """Whether something has to be done, and the last day (ordinal) on which it still helps.

    `day` None with `needed`: it is too late for the change of rate that was asked about.
    """

    needed: bool
    day: int | None


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a line's spend of a period ends, in the units of its plan.

    `p10`, `p50` and `p90` are the ends that one, five and nine of ten draws stay below. `leftover`
    and `overspend` are what is expected below and above the plan, averaged over all draws.
    `chance_over` is that of ending above the plan, `chance_under` of ending more than five percent
    below it. `cut` and `grow` say until when lowering or raising the daily rate keeps the plan.
    `n` counts the days of history behind it.
    """

    plan: float
    spent: float
    certain: float
    p10: float | None
    p50: float | None
    p90: float | None
    chance_over: float | None
    chance_under: float | None
    leftover: float | None
    overspend: float | None
    cut: ActBy | None
    grow: ActBy | None
    days_elapsed: int
    days_total: int
    days_missing: int
    n: int
    reason: Reason | None
    method: str = "landing"


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
