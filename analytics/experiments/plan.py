"""What was promised before the test began, sealed so that nobody can promise it afterwards."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from analytics.experiments.corrections import Correction
from analytics.experiments.sequential import Looks


@dataclass(frozen=True, slots=True)
class PlannedMetric:
    """A metric as it will be judged; `minimum_effect` is the relative effect worth finding."""

    name: str
    kind: str
    role: str
    better: str
    minimum_effect: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The pre-registration of a test: everything that could be bent once results are seen."""

    hypothesis: str
    arms: tuple[str, ...]
    split: tuple[float, ...]
    metrics: tuple[PlannedMetric, ...]
    looks: Looks
    alpha: float
    power: float
    correction: Correction

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the plan as JSON with sorted keys; the same on every machine."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def deviations(registered: Plan, run: Plan) -> tuple[str, ...]:
    """What was done otherwise than registered: the changed fields, dotted."""
    return tuple(_differences("", asdict(registered), asdict(run)))


def _differences(place: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before:
            yield from _differences(f"{place}.{key}".lstrip("."), before[key], after[key])
    elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differences(f"{place}[{number}]", old, new)
    elif before != after:
        yield f"{place}: {before!r} became {after!r}"
