"""Pages that say what was decided and what came of it: budget, decisions, alerts, plans, restatements."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.rules.pack.content.cover import Headline
from reporting.rules.pack.content.performance import Change, Note
from reporting.rules.pack.figures import NO_NAME, Name, Ref, Sentence, When, Words
from reporting.rules.pack.judgement import Judgement, Verdict
from reporting.rules.pack.scale import Interval


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One budget line: planned, actual, committed where known, what is left, and its pace."""

    name: Name
    planned: Ref
    actual: Ref
    available: Ref
    committed: Ref | None = None
    spent_share: Ref | None = None
    pace: Change | None = None


@dataclass(frozen=True, slots=True)
class CurrencyRow:
    """Spend in one currency with plan and actual rate."""

    currency: str
    local: Ref
    plan_rate: Ref
    actual_rate: Ref
    reported: Ref


@dataclass(frozen=True, slots=True)
class BudgetPage:
    """Every line of the plan; ``elapsed`` is the share of the year gone, drawn as a tick in each bar."""

    headline: Headline
    line_head: Words
    total: BudgetRow
    rows: tuple[BudgetRow, ...]
    elapsed: float | None = None
    elapsed_label: Words = "year to date"
    currency_heading: Words = "By currency"
    currencies: tuple[CurrencyRow, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A change that was decided, and what came of it.

    ``effect`` is the measured figure, ``interval`` its place on the shared axis (None: before and after
    only), ``since`` what was done after the verdict.
    """

    taken: When
    name: Name
    owner: Name
    method: Name
    method_note: Sentence
    verdict: Verdict
    before: Ref | None = None
    after: Ref | None = None
    effect: Ref | None = None
    interval: Interval | None = None
    since: Name = NO_NAME


@dataclass(frozen=True, slots=True)
class DecisionsPage:
    """Decisions and changes with what came of them, grouped by verdict."""

    headline: Headline
    measure_head: Sentence
    effect_head: Sentence
    rows: tuple[DecisionRow, ...]
    axis_unit: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An open or recovered incident or a risk: evidence, money at stake, state, who does what by when."""

    raised: When
    name: Name
    evidence: Sentence
    owner: Name
    response: Sentence
    state: Words
    judgement: Judgement
    stake: Ref | None = None


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """Alerts under a heading such as "Open" with the sum at stake."""

    heading: Words
    judgement: Judgement
    rows: tuple[AlertRow, ...]
    total: Ref | None = None


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """The register of alerts and risks, largest stake first."""

    headline: Headline
    stake_head: Sentence
    groups: tuple[AlertGroup, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanRow:
    """An initiative, a planned optimisation or a step of growth.

    ``progress`` is the figure of the share done, ``expected`` the effect expected with its ``interval``.
    """

    name: Name
    sentence: Sentence
    owner: Name
    due: When
    state: Words
    judgement: Judgement
    money: Ref | None = None
    progress: Ref | None = None
    expected: Ref | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class PlanPage:
    """Strategy progress, the optimisation plan, or the growth plan of a quarter."""

    headline: Headline
    name_head: Words
    money_head: Sentence
    expected_head: Sentence
    rows: tuple[PlanRow, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class BridgeStep:
    """One cause between the two ends of a bridge."""

    name: Name
    note: Name
    figure: Ref
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Bridge:
    """How a figure got from one pack to the next; the steps add up to the difference of the ends."""

    heading: Sentence
    unit: Sentence
    start_name: Name
    start: Ref
    steps: tuple[BridgeStep, ...]
    end_name: Name
    end: Ref


@dataclass(frozen=True, slots=True)
class RestatedRow:
    """A past figure that is different now, why, and who approved it."""

    name: Name
    was: Ref
    now: Ref
    change: Change
    why: Sentence
    approved: Name


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """What changed since the last pack."""

    headline: Headline
    bridge: Bridge | None = None
    restated_heading: Words = "Restated figures"
    restated: tuple[RestatedRow, ...] = ()
    notes: tuple[Note, ...] = ()
