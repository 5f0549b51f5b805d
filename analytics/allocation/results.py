"""What allocation answers with. Money is in the units of spend, to the cent."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from analytics.results import Interval, Reason


class InfeasibleBounds(ValueError):
    """No split keeps the bounds; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit that the best split touches: `constraint` says which, `channel` None for the budget.

    `worth` is what one more unit of room would bring a week.
    """

    channel: str | None
    constraint: str
    limit: float
    worth: float


@dataclass(frozen=True, slots=True)
class KKT:
    """The conditions every best split fulfils (Karush 1939; Kuhn and Tucker 1951).

    Channels off their bounds return `price` on the next unit, those at a lower bound no more, those
    at an upper bound no less. `gap` is the largest breach over `price`; `holds` below one percent.
    """

    price: float
    gap: float
    holds: bool


class Badge(StrEnum):
    """Whether a recommendation survives other views of the same data."""

    ROBUST = "robust"
    MIXED = "mixed"
    FRAGILE = "fragile"


@dataclass(frozen=True, slots=True)
class Robustness:
    """`share` of curve draws, and which attribution models' returns, say that the split gains.

    ROBUST: at least nine of ten draws and every model. FRAGILE: fewer than half of the draws, or
    more models against it than for it. `models` holds the gain a week by model.
    """

    badge: Badge
    share: float
    models: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Optimum:
    """How to spend a budget a week, and what that should bring more than today's mix of it.

    `allocation` is the best split when `recommend`, else `stay`: the same budget in today's mix as
    far as the bounds allow. `best` is the best split either way; `expected_uplift`, `uplift_80`,
    `uplift_share` (of what the mix of today brings) and `chance_of_loss` speak of `best` against
    `stay`. `beyond` names the channels that `best` would take past anything ever spent in a week:
    there the curve is a guess.
    """

    allocation: Mapping[str, float]
    best: Mapping[str, float]
    stay: Mapping[str, float]
    budget: float
    expected_uplift: float
    uplift_80: Interval
    uplift_share: float
    chance_of_loss: float
    binding: tuple[Binding, ...]
    kkt: KKT
    beyond: tuple[str, ...]
    robustness: Robustness
    recommend: bool
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a split brings a week, with its 80 % interval, and against today's spend."""

    result: float
    result_80: Interval
    by_channel: Mapping[str, float]
    change: float
    change_80: Interval
    beyond: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of a plan: spend a week by channel, and what its weeks bring."""

    weeks: int
    allocation: Mapping[str, float]
    result: float
    result_80: Interval


@dataclass(frozen=True, slots=True)
class PhasedPlan:
    """Phases in order, with what fades in after the last one (`afterwards`) from all before.

    `total` is both.
    """

    phases: tuple[Phase, ...]
    afterwards: float
    total: float
    total_80: Interval
