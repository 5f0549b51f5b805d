"""What the anomaly detector answers with."""

from dataclasses import dataclass

from analytics.arrays import BoolArray, FloatArray
from analytics.results import Reason


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A judgement of each row of a series; arrays have one place a row.

    `score` is how far a row lies from `expected` (in units of the values) beside how far rows of
    this series usually lie; NaN where a row has no value or too few came before. `flag` marks the
    first row of each anomaly. `low` and `high` are where a row reaches the threshold: what lies
    between is usual. `step` is the time between rows in seconds, `n` the rows judged.
    """

    score: FloatArray
    flag: BoolArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray
    threshold: float
    step: float
    n: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Incident:
    """Unusual days of one line, taken together; days are ordinals.

    `observed` and `expected` are the metric over the unusual days, `low` and `high` the ends of
    what would have been usual, `stake` what the difference is worth in money (positive), `score`
    that of the worst day, `days` how many were unusual. `n` counts the days of the line that were
    judged.
    """

    name: str
    first_day: int
    last_day: int
    days: int
    observed: float
    expected: float
    low: float
    high: float
    stake: float
    score: float
    n: int

    @property
    def is_drop(self) -> bool:
        return self.observed < self.expected


@dataclass(frozen=True, slots=True)
class Storm:
    """Incidents that began together and point the same way: one cause until shown otherwise.

    The incident with most at stake comes first.
    """

    incidents: tuple[Incident, ...]

    @property
    def stake(self) -> float:
        return sum(incident.stake for incident in self.incidents)
