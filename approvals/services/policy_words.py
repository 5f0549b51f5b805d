"""Rules of a policy in words, and two sets of rules side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from approvals.rules.checking import Known
from approvals.rules.routing import ANY_KIND, Rule, band, steps_of
from approvals.selectors import route_in_words
from approvals.services.policies import rules_kept
from core import formats
from core.money import Money

NONE = "–"


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule as a person reads it."""

    number: int
    amounts: str
    kinds: str
    conditions: str
    who: str

    @property
    def text(self) -> str:
        """The whole rule in one line."""
        return " · ".join(filter(None, (self.amounts, self.kinds, self.conditions, self.who)))


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule before and after; "" on the side where it does not stand."""

    label: str
    before: str
    after: str


def rules_in_words(rules: Sequence[Rule], known: Known) -> list[RuleWords]:
    """Each rule in words, numbered from 1."""
    return [_words(number, rule, known) for number, rule in enumerate(rules, 1)]


def rule_changes(before: Sequence[Rule], after: Sequence[Rule], known: Known) -> list[RuleChange]:
    """Rules that differ, rule by rule, in the order of the new ones; an unchanged rule is left out."""
    old, new = rules_in_words(before, known), rules_in_words(after, known)
    kept = [[json.dumps(rule, sort_keys=True) for rule in rules_kept(r)] for r in (before, after)]
    found = []
    matched = SequenceMatcher(None, kept[0], kept[1], autojunk=False)
    for sort, i, i_end, j, j_end in matched.get_opcodes():
        if sort != "equal":
            found += _paired(old[i:i_end], new[j:j_end])
    return found


def _paired(old: Sequence[RuleWords], new: Sequence[RuleWords]) -> list[RuleChange]:
    rows = []
    for place in range(max(len(old), len(new))):
        was = old[place] if place < len(old) else None
        becomes = new[place] if place < len(new) else None
        rows.append(
            RuleChange(
                label=_label(was, becomes),
                before=was.text if was else NONE,
                after=becomes.text if becomes else NONE,
            )
        )
    return rows


def _label(was: RuleWords | None, becomes: RuleWords | None) -> str:
    if was is None and becomes:
        return f"Rule {becomes.number}, new"
    if becomes is None and was:
        return f"Rule {was.number}, removed"
    if was and becomes and was.number != becomes.number:
        return f"Rule {was.number}, now {becomes.number}"
    return f"Rule {was.number}" if was else ""


def _words(number: int, rule: Rule, known: Known) -> RuleWords:
    route = route_in_words(steps_of(rule))
    return RuleWords(
        number=number,
        amounts=amounts_in_words(rule, known.currency),
        kinds=_kinds(rule, known),
        conditions=_conditions(rule, known),
        who=route[:1].upper() + route[1:],
    )


def amounts_in_words(rule: Rule, currency: str) -> str:
    """ "Above €5,000, up to €50,000"."""
    covered = band(rule)
    above = formats.money_whole(Money(covered.above, currency)) if covered.above else ""
    up_to = formats.money_whole(Money(covered.up_to, currency)) if covered.up_to else ""
    if above and up_to:
        return f"Above {above}, up to {up_to}"
    if above:
        return f"Above {above}"
    if up_to:
        return f"Up to {up_to}"
    return "Any amount" if covered.up_to is None else "Nothing in money"


def _kinds(rule: Rule, known: Known) -> str:
    kinds = rule.get("kinds") or [ANY_KIND]
    if ANY_KIND in kinds:
        return "Every kind"
    return ", ".join(known.kinds.get(kind, kind) for kind in kinds)


def _conditions(rule: Rule, known: Known) -> str:
    teams = [known.teams.get(path, path) for path in rule.get("teams") or []]
    channels = [known.channels.get(key, key) for key in rule.get("channels") or []]
    risks = rule.get("risks") or []
    above = rule.get("above_percent")
    found = [
        f"for {', '.join(teams)}" if teams else "",
        f"in {', '.join(channels)}" if channels else "",
        f"above {above} % of a line’s plan" if above is not None else "",
        f"{' or '.join(risks)} risk" if risks else "",
    ]
    return ", ".join(filter(None, found))
