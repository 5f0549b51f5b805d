"""What the scores answer with."""

from dataclasses import dataclass
from enum import StrEnum

from analytics.results import Interval, Reason
from analytics.scores.record import Record


class LeakSuspicion(StrEnum):
    """Why a column is thought to know the outcome."""

    TELLS_ALL_ALONE = "tells_all_alone"
    TELLS_BY_GAPS = "tells_by_gaps"


@dataclass(frozen=True, slots=True)
class LeakSuspect:
    """A column that may have been filled in after the outcome.

    `alone` is the AUC of the column (or of its gaps) by itself, `others` that of all other columns
    together. `is_left_out`: the model does without it.
    """

    name: str
    suspicion: LeakSuspicion
    alone: float
    others: float
    is_left_out: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A tenth of the rows, from the lowest chances to the highest: what was said and what came."""

    n: int
    said: float
    came: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Quality:
    """How good chances are that were given to rows the model had not seen.

    `auc`: the chance that a row with the outcome is ranked above one without (0.5: by luck).
    `brier`: mean squared error of the chances. `calibration_error`: mean distance between what was
    said and what came over ten equal groups, 0 to 1. `lift`: the outcome's rate in the highest
    tenth over that of all rows.
    """

    auc: float
    auc_interval: Interval
    brier: float
    log_loss: float
    calibration_error: float
    lift: float
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Factor:
    """A column and how far it moves chances: the mean absolute effect in log-odds.

    `raises` and `lowers` say where it does so: a value, or "high" and "low" of a number.
    """

    name: str
    strength: float
    raises: str
    lowers: str


@dataclass(frozen=True, slots=True)
class Rating:
    """What a table can tell about an outcome.

    `model` names the better of the two models, `quality` is what it reached on unseen rows, and
    `record` is the model fitted on all rows. `left_out` names columns without use: constant ones
    and identifiers.
    """

    n: int
    positives: int
    model: str | None
    quality: Quality | None
    compared: dict[str, Quality]
    factors: tuple[Factor, ...]
    suspects: tuple[LeakSuspect, ...]
    left_out: tuple[str, ...]
    record: Record | None
    reason: Reason | None
