"""Accounts and cost centres that the finance team edited in its sheet: found, and taken over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may
from budgets.models import BudgetLine
from budgets.selectors.plan_rows import PlanRow
from budgets.services.line_bulk import lines_change
from integrations.rules.budget_sheet import CODES, LONGEST_CODE, SheetRow


@dataclass(frozen=True, slots=True)
class CodeChange:
    """A code that the sheet says otherwise; ``newer`` when the books changed it since its export."""

    line: BudgetLine
    head: str
    row: int
    old: str
    new: str
    newer: bool = False


def code_changes(plan: PlanRow, row: SheetRow) -> Iterator[CodeChange]:
    """Codes that somebody edited: other than the books, and other than what was exported."""
    for head, new in row.codes.items():
        old: str = getattr(plan.line, CODES[head])
        before = row.before_codes.get(head)
        if new not in (old, old if before is None else before):
            newer = before is not None and before != old
            yield CodeChange(plan.line, head, row.number, old, new, newer)


def code_problems(changes: Iterable[CodeChange], user: User) -> list[str]:
    """Why some of them cannot be taken."""
    return [sentence for change in changes for sentence in _problems(change, user)]


def _problems(change: CodeChange, user: User) -> Iterator[str]:
    line, where = change.line, f"Row {change.row}: {change.head.lower()}"
    if len(change.new) > LONGEST_CODE:
        yield f"{where} of {line} is longer than {LONGEST_CODE} characters."
    if not may(user, Act.DRAFT_REQUEST, team=line.team, owner_id=line.owner_id):
        yield f"{where} of {line} is changed by its owner or a director above {line.team}."


def codes_apply(changes: Sequence[CodeChange], user: User, reason: str, at: datetime) -> int:
    """Write them, one event for each line; answers how many lines changed."""
    wanted: dict[int, dict[str, str]] = {}
    for change in changes:
        wanted.setdefault(change.line.pk, {})[CODES[change.head]] = change.new
    return sum(
        lines_change(
            ids=[pk],
            user=user,
            gl_code=codes.get("gl_code"),
            cost_centre=codes.get("cost_centre"),
            reason=reason,
            at=at,
        )
        for pk, codes in wanted.items()
    )
