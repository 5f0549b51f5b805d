"""Rules of a policy as a form with rows: add, remove and order rules and steps, without a script."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from approvals.forms import RuleForm, StepForm, ThresholdForm
from approvals.rules.checking import MOST_RULES, MOST_STEPS, Known, Problem, check_rules
from approvals.rules.routing import ANY_KIND, Rule, thresholds, with_thresholds
from approvals.services import rules_kept
from core.money import Money

RULE_FIELDS = ("kinds", "above", "up_to", "teams", "channels", "above_percent", "risks")
STEP_FIELDS = ("roles", "act", "needed", "when", "decides", "hours")
NEW_STEP = {"roles": ["executive"], "act": ["decide_large"], "needed": ["1"]}
ACTION = re.compile(r"rule-(\d{1,3})(?:-step-(\d{1,3}))?-(up|down|remove|add)")

Values = dict[str, list[str]]


@dataclass
class Row:
    """A rule as it was typed: its fields and its steps, as texts."""

    values: Values
    steps: list[Values] = field(default_factory=list)


@dataclass
class RuleRow:
    """A rule with its forms, for the page."""

    index: int
    form: RuleForm
    steps: list[StepForm]
    problems: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.index + 1

    @property
    def is_special(self) -> bool:
        """Whether it asks for more than an amount, so that the page opens those fields."""
        data: Any = self.form.data
        prefix = self.form.prefix
        names = ("kinds", "teams", "channels", "above_percent", "risks")
        return any(any(data.getlist(f"{prefix}-{name}")) for name in names)


class PolicySheet:
    """The editor's state: from the rules in force at first, then from what was typed."""

    def __init__(
        self, known: Known, rules: Sequence[Rule], *, posted: QueryDict | None = None
    ) -> None:
        self.known = known
        self._start = rules
        self._rows = _typed(posted) if posted is not None else [_row_of(rule) for rule in rules]
        if posted is not None:
            _apply(self._rows, posted.get("do", ""))
        self.limits = ThresholdForm(self._limits(posted), prefix="limit")
        self.rows = [self._row(index, row) for index, row in enumerate(self._rows)]
        self.problems: list[str] = []

    def _limits(self, posted: QueryDict | None) -> Mapping[str, Any]:
        """The thresholds as typed; at first those of the rules."""
        if posted is not None and "limit-first" in posted:
            return posted
        first, second = (_amount(limit) for limit in thresholds(self._start))
        return {"limit-first": first, "limit-second": second}

    def _row(self, index: int, row: Row) -> RuleRow:
        data = QueryDict(mutable=True)
        prefix = f"rule-{index}"
        for name, values in row.values.items():
            data.setlist(f"{prefix}-{name}", values)
        for place, step in enumerate(row.steps):
            for name, values in step.items():
                data.setlist(f"{prefix}-step-{place}-{name}", values)
        steps = [StepForm(data, prefix=f"{prefix}-step-{n}") for n in range(len(row.steps))]
        return RuleRow(index, RuleForm(self.known, data, prefix=prefix), steps)

    def rules(self) -> list[dict[str, Any]] | None:
        """The rules that were typed, with the thresholds as typed; None when a field is wrong."""
        forms = [form for row in self.rows for form in (row.form, *row.steps)]
        if not all([form.is_valid() for form in (self.limits, *forms)]):  # noqa: C419 - all errors show
            return None
        typed = [
            {**row.form.rule(), "steps": [step.step() for step in row.steps]} for row in self.rows
        ]
        wanted = tuple(
            Money.parse(self.limits.cleaned_data[name], "").micros for name in ("first", "second")
        )
        # Amounts that were typed into a rule count; thresholds only where they were changed.
        if wanted != thresholds(self._start):
            typed = with_thresholds(typed, *wanted)
        return rules_kept(typed)

    def check(self) -> list[dict[str, Any]] | None:
        """The rules if a policy can be made of them; else None, and the page says what is wrong."""
        rules = self.rules()
        if rules is None:
            self.problems = ["Some fields are not right; they are marked."]
            return None
        found = check_rules(rules, self.known)
        for problem in found:
            self._place(problem)
        return None if found else rules

    def _place(self, problem: Problem) -> None:
        place = re.match(r"rules\.(\d+)", problem.where)
        if place and int(place[1]) < len(self.rows):
            self.rows[int(place[1])].problems.append(problem.message)
        else:
            self.problems.append(problem.message)


def _amount(micros: int | None) -> str:
    """Micros as the amount field reads them."""
    return "" if micros is None else f"{Money(micros, '').amount:.2f}"


def _row_of(rule: Rule) -> Row:
    kinds = rule.get("kinds") or [ANY_KIND]
    above = rule.get("above_percent")
    values: Values = {
        "kinds": [] if ANY_KIND in kinds else list(kinds),
        "above": [_amount(rule.get("above_micros"))],
        "up_to": [_amount(rule.get("max_micros"))],
        "teams": list(rule.get("teams") or []),
        "channels": list(rule.get("channels") or []),
        "above_percent": ["" if above is None else str(above)],
        "risks": list(rule.get("risks") or []),
    }
    return Row(values, [_step_of(step) for step in rule["steps"]])


def _step_of(step: Mapping[str, Any]) -> Values:
    return {
        "roles": list(step["roles"]),
        "act": [step["act"]],
        "needed": [str(step.get("needed", 1))],
        "when": ["beside" if step.get("with_previous") else "after"],
        "decides": ["yes" if step.get("decides", True) else "no"],
        "hours": [str(step.get("hours") or "")],
    }


def _typed(posted: QueryDict) -> list[Row]:
    return [
        Row(
            {name: posted.getlist(f"rule-{n}-{name}") for name in RULE_FIELDS},
            [
                {name: posted.getlist(f"rule-{n}-step-{m}-{name}") for name in STEP_FIELDS}
                for m in range(_count(posted.get(f"rule-{n}-steps"), MOST_STEPS))
            ],
        )
        for n in range(_count(posted.get("rules"), MOST_RULES))
    ]


def _count(text: str | None, most: int) -> int:
    return min(int(text), most) if text and text.isdecimal() and len(text) < 4 else 0


def _apply(rows: list[Row], do: str) -> None:
    """Add, remove or move a rule or a step, as a button asked."""
    if do == "rule-add":
        rows.append(Row({name: [] for name in RULE_FIELDS}, [dict(NEW_STEP)]))
        return
    wanted = ACTION.fullmatch(do)
    if wanted is None or int(wanted[1]) >= len(rows):
        return
    rule, step, verb = int(wanted[1]), wanted[2], wanted[3]
    if verb == "add":
        rows[rule].steps.append(dict(NEW_STEP))
    elif step is None:
        _order(rows, rule, verb)
    else:
        _order(rows[rule].steps, int(step), verb)


def _order(rows: list[Any], place: int, verb: str) -> None:
    if place >= len(rows):
        return
    if verb == "remove":
        del rows[place]
        return
    other = place - 1 if verb == "up" else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
