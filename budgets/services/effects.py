"""Before and after of moves, for approvers and for the optimisation log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approvals.models import ChangeRequest
from approvals.services import Effect
from budgets.models import BudgetLine
from budgets.selectors.plans import accounts_at
from budgets.selectors.rates import local_day
from budgets.services.expectations import read_expectation
from budgets.services.moves import LineMove
from campaigns.choices import ChangeKind
from campaigns.models import CampaignLine
from campaigns.services import optimisation_log
from core import formats
from core.money import Money


def effects_of(moves: Sequence[LineMove]) -> list[Effect]:
    """One row per line (its months together), those that give first."""
    groups: dict[tuple[int, int], list[LineMove]] = {}
    for move in moves:
        part = move.campaign_line.pk if move.campaign_line else 0
        groups.setdefault((move.line.pk, part), []).append(move)
    return sorted((_effect(group) for group in groups.values()), key=_givers_first)


def _givers_first(effect: Effect) -> tuple[bool, str]:
    return (effect.change is not None and effect.change.micros > 0, effect.label)


def _effect(group: Sequence[LineMove]) -> Effect:
    line, part = group[0].line, group[0].campaign_line
    accounts = accounts_at(move.place for move in group)
    before = Money(sum(a.balance_micros for a in accounts.values()), line.currency)
    change = Money(sum(move.micros for move in group), line.currency)
    months = span([move.period.label for move in sorted(group, key=_month)])
    return Effect(
        label=_label(line, part),
        before=before,
        after=before + change,
        change=change,
        channel=line.channel.key,
        owner=(part.campaign.owner if part else line.owner).name,
        note=f"{line} · {months}" if part else months,
    )


def _label(line: BudgetLine, part: CampaignLine | None) -> str:
    """The campaign line; of a budget line only what no campaign line has, where any draws on it."""
    if part:
        return str(part)
    return f"{line}, not given to a campaign" if line.draws.exists() else str(line)


def _month(move: LineMove) -> str:
    return move.month


def span(labels: Sequence[str]) -> str:
    """ "Dec 2026", or "Oct 2026 to Dec 2026"."""
    return labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"


@dataclass(frozen=True, slots=True)
class PartChange:
    """The planned budget of a campaign line before and after, in words."""

    part: CampaignLine
    before: str
    after: str
    months: str


def part_changes(moves: Sequence[LineMove]) -> list[PartChange]:
    """What moves would change of campaign lines; read it before the money moves."""
    parts = {m.campaign_line.pk: m.campaign_line for m in moves if m.campaign_line}
    return [
        _part_change(part, [move for move in moves if move.campaign_line == part])
        for part in parts.values()
    ]


def _part_change(part: CampaignLine, group: Sequence[LineMove]) -> PartChange:
    effects = [_effect([m for m in group if m.line == line]) for line in {m.line for m in group}]
    months = span(sorted({effect.note.rpartition(" · ")[2] for effect in effects}))
    return PartChange(
        part,
        " + ".join(formats.money_exact(e.before) for e in effects if isinstance(e.before, Money)),
        " + ".join(formats.money_exact(e.after) for e in effects if isinstance(e.after, Money)),
        months,
    )


def log_changes(request: ChangeRequest, changes: Sequence[PartChange], at: datetime) -> None:
    """An entry in the optimisation log for every campaign line."""
    expected = read_expectation(request.payload)
    for change in changes:
        optimisation_log(
            campaign=change.part.campaign,
            line=change.part,
            kind=ChangeKind.BUDGET,
            what=f"Planned budget, {change.months}",
            old_value=change.before,
            new_value=change.after,
            hypothesis=str(request.payload.get("hypothesis") or request.reason),
            expected_metric=expected.metric,
            expected=expected.range,
            made_on=local_day(at),
            at=at,
            actor=request.requested_by.as_actor(),
            request_id=request.pk,
        )
