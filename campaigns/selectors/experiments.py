"""Reading experiments: their plan, what was read of their arms, and who else tests the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from accounts.models import User
from analytics.experiments import Correction, Looks, Plan, PlannedMetric, Reading
from campaigns.choices import ExperimentState
from campaigns.models import Arm, Experiment, ExperimentQuerySet, ExperimentReading
from campaigns.rules.designs import ArmDesign, Design, MetricDesign

OPEN = (ExperimentState.SEALED, ExperimentState.RUNNING)


def experiments_for(user: User) -> ExperimentQuerySet:
    """Visible experiments with their parts, in four queries."""
    return (
        Experiment.objects.for_user(user)
        .select_related("team", "owner", "campaign", "audience")
        .prefetch_related("arms__line__campaign", "arms__creative__campaign", "metrics")
    )


def design_of(experiment: Experiment) -> Design:
    """The design as it stands in the record."""
    return Design(
        experiment.kind,
        experiment.source,
        experiment.looks,
        experiment.end_units,
        experiment.planned_looks,
        [_arm(one) for one in experiment.arms.all()],
        [
            MetricDesign(
                one.name, one.kind, one.role, one.better, one.minimum_effect, one.base,
                one.spread, one.events_measure, one.units_measure,
            )
            for one in experiment.metrics.all()
        ],
    )  # fmt: skip


def _arm(one: Arm) -> ArmDesign:
    return ArmDesign(one.name, one.weight, one.levels, one.line_id, one.creative_id, one.segment_id)


def looks_of(experiment: Experiment) -> Looks:
    """How often it may be read, as the engine takes it."""
    end = float(experiment.end_units) if experiment.end_units else None
    return Looks(Reading(experiment.looks), end, experiment.planned_looks)


def plan_of(experiment: Experiment) -> Plan:
    """The pre-registration as the engine knows it: its fingerprint is the one of the command."""
    arms, metrics = list(experiment.arms.all()), list(experiment.metrics.all())
    return Plan(
        experiment.hypothesis,
        tuple(one.name for one in arms),
        tuple(one.weight for one in arms),
        tuple(
            PlannedMetric(one.name, one.kind, one.role, one.better, one.minimum_effect)
            for one in metrics
        ),
        looks_of(experiment),
        experiment.alpha,
        experiment.power,
        Correction.HOLM,
    )


def plan_document(experiment: Experiment) -> dict[str, Any]:
    """Everything that is sealed, as plain data."""
    plan = plan_of(experiment)
    document = asdict(plan) | {
        "kind": experiment.kind,
        "unit": experiment.unit,
        "source": experiment.source,
        "starts_on": experiment.starts_on.isoformat(),
        "ends_on": experiment.ends_on.isoformat(),
        "daily_units": experiment.daily_units,
        "reads": [
            {"levels": dict(one.levels), "facts": one.mapped} for one in design_of(experiment).arms
        ],
        "measures": [[m.events_measure, m.units_measure] for m in experiment.metrics.all()],
        "fingerprint": plan.fingerprint,
    }
    plain: dict[str, Any] = json.loads(json.dumps(document))
    return plain


def plan_hash(document: dict[str, Any]) -> str:
    """SHA-256 (hex) of a sealed plan; the same on every machine."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def readings_of(experiment: Experiment, as_of: datetime | None = None) -> list[ExperimentReading]:
    """The newest reading of each arm, metric and day, as known at a moment; the oldest day first."""
    rows = ExperimentReading.objects.filter(experiment=experiment)
    if as_of is not None:
        rows = rows.filter(known_at__lte=as_of)
    newest = rows.order_by("arm_id", "metric_id", "day", "-known_at", "-pk")
    return sorted(newest.distinct("arm_id", "metric_id", "day"), key=lambda one: one.day)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two experiments that can disturb each other, and what they share on which days."""

    first: Experiment
    second: Experiment
    shares: tuple[str, ...]
    from_day: date
    to_day: date

    @property
    def words(self) -> str:
        return f"{self.first} and {self.second} share {' and '.join(self.shares)}"


def conflicts_among(experiments: Sequence[Experiment]) -> list[Conflict]:
    """Every two of them that run on the same days on the same audience, line, creative or segment."""
    found = []
    for place, first in enumerate(experiments):
        for second in experiments[place + 1 :]:
            begin = max(first.starts_on, second.starts_on)
            end = min(last_day(first), last_day(second))
            shares = _shared(first, second) if begin <= end else ()
            if shares:
                found.append(Conflict(first, second, shares, begin, end))
    return found


def conflicts_of(experiment: Experiment, others: Iterable[Experiment]) -> list[Conflict]:
    """The same for one of them."""
    rest = [one for one in others if one.pk != experiment.pk]
    return [one for other in rest for one in conflicts_among([experiment, other])]


def last_day(experiment: Experiment) -> date:
    """Its last day: the planned one, or the day on which it ended."""
    if experiment.ended_at is None:
        return experiment.ends_on
    return min(experiment.ends_on, max(experiment.ended_at.date(), experiment.starts_on))


def _shared(first: Experiment, second: Experiment) -> tuple[str, ...]:
    found = []
    if first.audience_id and first.audience_id == second.audience_id:
        found.append(f"the audience {first.audience}")
    mine, theirs = _facts(first), _facts(second)
    found += [name for key, name in mine.items() if key in theirs]
    if not found and first.campaign_id and first.campaign_id == second.campaign_id:
        found.append(f"the campaign {first.campaign}")
    return tuple(found)


def _facts(experiment: Experiment) -> dict[tuple[str, int], str]:
    """What its arms run on, named."""
    named: dict[tuple[str, int], str] = {}
    for arm in experiment.arms.all():
        if arm.line_id:
            named["line", arm.line_id] = f"the line {arm.line}"
        if arm.creative_id:
            named["creative", arm.creative_id] = f"the creative {arm.creative}"
        if arm.segment_id:
            named["segment", arm.segment_id] = f"segment {arm.segment_id}"
    return named


def learnings_for(
    user: User, *, text: str = "", tag: str = "", outcome: str = "", as_of: datetime | None = None
) -> ExperimentQuerySet:
    """Experiments with a verdict that the person may see, the newest first."""
    rows = experiments_for(user).learnt().order_by("-concluded_at", "-pk")
    if as_of is not None:
        rows = rows.filter(concluded_at__lte=as_of)
    if tag:
        rows = rows.filter(tags__contains=[tag])
    if outcome:
        rows = rows.filter(outcome=outcome)
    if text:
        rows = rows.filter(
            Q(name__icontains=text) | Q(hypothesis__icontains=text) | Q(learning__icontains=text)
        )
    return rows
