"""What other rules of choosing would have brought, from the choices that were logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from analytics.arrays import FloatArray
from analytics.experiments import off_policy, thompson_shares
from analytics.experiments.results import OffPolicy
from campaigns.models import Experiment, ServedChoice
from insights.selectors.experiment_tests import FLOOR, SEED

# A choice without a reward counts as none once it is this old.
WAIT = timedelta(days=1)
# Below this many choices a context has no shares of its own.
FEWEST = 100
OVERALL = ""
LEARNT, ALIKE = "As learnt now", "All alike"
# Choices read at most, the newest ones.
MOST = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class PolicyCheck:
    """A rule of choosing with what it would have brought; ``is_ours`` is the one in force."""

    name: str
    value: OffPolicy
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class ContextShares:
    """The chances of the arms in a context, with the choices they were learnt from."""

    context: str
    choices: int
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PolicyReport:
    """The logged choices of an experiment, and what each rule would have brought."""

    arms: tuple[str, ...]
    choices: int
    rewarded: int
    mean: float | None
    checks: tuple[PolicyCheck, ...]
    contexts: tuple[ContextShares, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Log:
    """Choices (N,): place of the arm taken, its chance, the reward, the place of the context."""

    arm: FloatArray
    chance: FloatArray
    reward: FloatArray
    context: FloatArray
    contexts: list[str]


def policy_report(experiment: Experiment, *, at: datetime) -> PolicyReport:
    """Inverse propensities over settled choices: always one arm, all alike, and as learnt now."""
    arms = list(experiment.arms.all())
    log = _log(experiment, {arm.pk: place for place, arm in enumerate(arms)}, at)
    names = tuple(arm.name for arm in arms)
    n = len(log.arm)
    rules = dict(_rules(experiment, names, log)) if n else {}
    counts = np.bincount(log.context.astype(int), minlength=len(log.contexts))
    return PolicyReport(
        names,
        n,
        int((log.reward > 0).sum()),
        float(log.reward.mean()) if n else None,
        tuple(
            PolicyCheck(name, _value(log, chances), is_ours=name == LEARNT)
            for name, chances in rules.items()
        ),
        tuple(
            ContextShares(context or "everybody", int(count), _shares(experiment, names, context))
            for context, count in zip(log.contexts, counts, strict=True)
        ),
    )


def _log(experiment: Experiment, places: Mapping[int, int], at: datetime) -> _Log:
    settled = Q(reward__isnull=False) | Q(at__lte=at - WAIT)
    rows = list(
        ServedChoice.objects.filter(settled, experiment=experiment, at__lte=at)
        .order_by("-pk")
        .values_list("arm_id", "propensity", "reward", "context")[:MOST]
    )
    contexts = sorted({context for *_, context in rows})
    return _Log(
        np.array([float(places[arm]) for arm, *_ in rows]),
        np.array([chance for _, chance, *_ in rows], dtype=np.float64),
        np.array([gained or 0.0 for _, _, gained, _ in rows], dtype=np.float64),
        np.array([float(contexts.index(context)) for *_, context in rows]),
        contexts,
    )


def _rules(experiment: Experiment, names: Sequence[str], log: _Log) -> list[tuple[str, FloatArray]]:
    """Each rule as the chances it gives the arms at every choice (N, A)."""
    size = (len(log.arm), len(names))
    found = []
    for place, name in enumerate(names):
        table = np.zeros(size)
        table[:, place] = 1.0
        found.append((f"Always {name}", table))
    found.append((ALIKE, np.full(size, 1 / len(names))))
    if experiment.policy:
        found.append((LEARNT, _learnt(log, len(names))))
    return found


def _learnt(log: _Log, arms: int) -> FloatArray:
    """Chances as they are learnt, for each half of the choices from the other half: a rule that
    is valued on what it was learnt from looks better than it is."""
    chances = np.zeros((len(log.arm), arms))
    half = np.arange(len(log.arm)) % 2
    for own in (0, 1):
        table = np.array(
            [
                _shares_of(log, (half != own) & (log.context == place), arms)
                for place in range(len(log.contexts))
            ]
        )
        chances[half == own] = table[log.context[half == own].astype(int)]
    return chances


def _shares_of(log: _Log, chosen: NDArray[np.bool_], arms: int) -> list[float]:
    if chosen.sum() < FEWEST / 2:
        chosen = np.ones(len(log.arm), dtype=np.bool_)
    arm = log.arm[chosen].astype(int)
    n = np.bincount(arm, minlength=arms)
    gained = np.bincount(arm, weights=log.reward[chosen], minlength=arms)
    return thompson_policy([(int(a), float(b)) for a, b in zip(n, gained, strict=True)])


def thompson_policy(arms: Sequence[tuple[int, float]]) -> list[float]:
    """The chances of arms from their choices and rewards; none falls below a floor."""
    floor = min(FLOOR, 0.5 / len(arms))
    shares = thompson_shares(
        [gained for _, gained in arms], [float(n) for n, _ in arms], seed=SEED, floor=floor
    )
    return [float(share) for share in shares]


def _shares(experiment: Experiment, names: Sequence[str], context: str) -> tuple[float, ...]:
    learnt = experiment.policy.get(context) or experiment.policy.get(OVERALL)
    return tuple(learnt) if learnt else (1 / len(names),) * len(names)


def _value(log: _Log, chances: FloatArray) -> OffPolicy:
    arm, context = log.arm.astype(int), log.context.astype(int)
    model = _model(log, chances.shape[1])
    return off_policy(
        log.reward,
        log.chance,
        chances[np.arange(len(arm)), arm],
        expected=model[context, arm],
        expected_target=(chances * model[context]).sum(axis=1),
    )


def _model(log: _Log, arms: int) -> FloatArray:
    """The mean reward of each context and arm, for the doubly robust estimate."""
    shape = (len(log.contexts), arms)
    sums, counts = np.zeros(shape), np.zeros(shape)
    places = log.context.astype(int), log.arm.astype(int)
    np.add.at(sums, places, log.reward)
    np.add.at(counts, places, 1.0)
    whole = log.reward.mean()
    found: FloatArray = (sums + whole) / (counts + 1)
    return found
