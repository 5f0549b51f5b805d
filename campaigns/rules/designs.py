"""How an experiment is designed, checked before it is kept: arms, metrics, looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from campaigns.choices import (
    JUDGED,
    ExperimentKind,
    ExperimentSource,
    LookPlan,
    MetricKind,
    MetricRole,
    Wanted,
)
from core.errors import Invalid

MOST_ARMS = 16


@dataclass(frozen=True, slots=True)
class ArmDesign:
    """A variant as it is planned; the first one of a test is control."""

    name: str
    weight: float = 1.0
    levels: Mapping[str, str] = field(default_factory=dict)
    line_id: int | None = None
    creative_id: int | None = None
    segment_id: int | None = None

    @property
    def mapped(self) -> tuple[str, int] | None:
        """Which facts are its own: ("line", 12)."""
        for key in ("line", "creative", "segment"):
            number = getattr(self, f"{key}_id")
            if number is not None:
                return key, number
        return None


@dataclass(frozen=True, slots=True)
class MetricDesign:
    """A metric as it is planned; ``base`` and ``spread`` are what the size is computed from."""

    name: str
    kind: str = MetricKind.PROPORTION
    role: str = MetricRole.PRIMARY
    better: str = Wanted.HIGHER
    minimum_effect: float | None = None
    base: float | None = None
    spread: float | None = None
    events_measure: str = ""
    units_measure: str = ""


@dataclass(frozen=True, slots=True)
class Design:
    """Everything that is settled before a test: what is sealed."""

    kind: str
    source: str
    looks: str
    end_units: int | None
    planned_looks: int | None
    arms: Sequence[ArmDesign]
    metrics: Sequence[MetricDesign]

    @property
    def primary(self) -> MetricDesign | None:
        found = (one for one in self.metrics if one.role == MetricRole.PRIMARY)
        return next(found, None)


def check_design(design: Design) -> None:
    """Raise ``Invalid`` at the first field that cannot be: what, where, and what is needed."""
    for where, message in _wrong(design):
        raise Invalid(message, where=where)


def missing_to_seal(design: Design) -> list[str]:
    """What is still to be said before the plan can be sealed, in sentences."""
    found = []
    primary = design.primary
    if design.kind in JUDGED:
        if primary is None or not primary.minimum_effect:
            found.append("Name the smallest effect worth finding of the metric that decides.")
        if design.looks in (LookPlan.UNTIL_END, LookPlan.PLANNED) and not design.end_units:
            found.append("Name the units at which the test ends; the calculator tells how many.")
        if design.looks == LookPlan.PLANNED and not design.planned_looks:
            found.append("Name the number of planned looks.")
    if design.source == ExperimentSource.IMPORTS:
        if any(arm.mapped is None for arm in design.arms):
            found.append("Say for each variant which line, creative or segment is its own.")
        if any(not (one.events_measure and one.units_measure) for one in design.metrics):
            found.append("Say for each metric which imported figures it is made of.")
    return found


def _wrong(design: Design) -> Iterator[tuple[str, str]]:
    yield from _wrong_arms(design)
    yield from _wrong_metrics(design)
    if design.kind == ExperimentKind.FACTORIAL:
        yield from _wrong_grid(design.arms)
    if design.source == ExperimentSource.IMPORTS:
        yield from _wrong_mapping(design)


def _wrong_arms(design: Design) -> Iterator[tuple[str, str]]:
    names = [arm.name.strip().lower() for arm in design.arms]
    if not 2 <= len(names) <= MOST_ARMS:
        yield "arms", f"A test has 2 to {MOST_ARMS} variants, the first one is what there is today."
    if "" in names or len(set(names)) < len(names):
        yield "arms", "Give each variant a name of its own."
    if any(not arm.weight > 0 for arm in design.arms):
        yield "arms", "The share of a variant is above zero."


def _wrong_metrics(design: Design) -> Iterator[tuple[str, str]]:
    names = [one.name.strip().lower() for one in design.metrics]
    if sum(one.role == MetricRole.PRIMARY for one in design.metrics) != 1:
        yield "metrics", "Exactly one metric decides."
    if "" in names or len(set(names)) < len(names):
        yield "metrics", "Give each metric a name of its own."
    for one in design.metrics:
        if one.minimum_effect is not None and not 0 < one.minimum_effect <= 10:
            yield "metrics", f"{one.name}: the effect worth finding is above 0 and at most 1,000 %."
        if one.kind == MetricKind.MEAN and design.source == ExperimentSource.IMPORTS:
            said = (
                f"{one.name}: imports bring totals, not how far units lie apart. Choose a number "
                "of events, or bring in a file with a row for each unit."
            )
            yield "metrics", said


def _wrong_grid(arms: Sequence[ArmDesign]) -> Iterator[tuple[str, str]]:
    factors = factors_of([arm.levels for arm in arms])
    if len(factors) < 2:
        yield "arms", "A grid has two factors or more; write each variant as Factor: level."
        return
    there = {tuple(arm.levels.get(name, "") for name in factors) for arm in arms}
    for cell in product(*factors.values()):
        if cell not in there:
            yield "arms", f"No variant has {' and '.join(cell)}; a grid needs every combination."


def _wrong_mapping(design: Design) -> Iterator[tuple[str, str]]:
    mapped = [arm.mapped for arm in design.arms if arm.mapped]
    if len(set(mapped)) < len(mapped):
        yield "arms", "Two variants cannot read the same line, creative or segment."
    if len({key for key, _ in mapped}) > 1:
        yield "arms", "All variants are lines, or all are creatives, or all are segments."


def factors_of(levels: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Each factor with its levels; those of the first variant are the base."""
    names = list(levels[0]) if levels else []
    return {name: list(dict.fromkeys(one.get(name, "") for one in levels)) for name in names}


def read_levels(text: str) -> dict[str, str]:
    """``"headline: short, image: people"`` as factor and level."""
    pairs = [part.partition(":") for part in text.split(",") if part.strip()]
    if any(not sign or not level.strip() for _, sign, level in pairs):
        raise Invalid(
            f"“{text[:80]}” is no place in a grid.", where="arms",
            remedy="Write headline: short, image: people.",
        )  # fmt: skip
    return {name.strip(): level.strip() for name, _, level in pairs}


def levels_text(levels: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {level}" for name, level in levels.items())
