"""Before and after of moves, for approvers and for the optimisation log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from approvals.models import ChangeRequest
from approvals.services import Effect
from budgets.models import BudgetLine, Draw, LedgerAccount
from budgets.rules.moves import Place
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
    accounts = accounts_at(move.place for move in moves)
    drawn = _drawn(moves)
    found = (_effect(group, accounts, drawn) for group in groups.values())
    return sorted(found, key=_givers_first)


def _drawn(moves: Sequence[LineMove]) -> set[int]:
    """Budget lines whose own money moves although campaign lines are paid from them too."""
    lines = {move.line.pk for move in moves if move.campaign_line is None}
    return set(Draw.objects.filter(budget_line__in=lines).values_list("budget_line", flat=True))


def _givers_first(effect: Effect) -> tuple[bool, str]:
    return (effect.change is not None and effect.change.micros > 0, effect.label)


def _effect(
    group: Sequence[LineMove], accounts: Mapping[Place, LedgerAccount], drawn: Collection[int]
) -> Effect:
    line, part = group[0].line, group[0].campaign_line
    held = {move.place: accounts[move.place] for move in group if move.place in accounts}
    before = Money(sum(a.balance_micros for a in held.values()), line.currency)
    change = Money(sum(move.micros for move in group), line.currency)
    months = span([move.period.label for move in sorted(group, key=_month)])
    return Effect(
        label=_label(line, part, drawn),
        before=before,
        after=before + change,
        change=change,
        channel=line.channel.key,
        owner=(part.campaign.owner if part else line.owner).name,
        note=f"{line} · {months}" if part else months,
    )


def _label(line: BudgetLine, part: CampaignLine | None, drawn: Collection[int]) -> str:
    """The campaign line; of a budget line only what no campaign line has, where any draws on it."""
    if part:
        return str(part)
    return f"{line}, not given to a campaign" if line.pk in drawn else str(line)


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
    groups: dict[CampaignLine, list[LineMove]] = {}
    for move in moves:
        if move.campaign_line:
            groups.setdefault(move.campaign_line, []).append(move)
    accounts, drawn = accounts_at(move.place for move in moves), _drawn(moves)
    return [_part_change(part, group, accounts, drawn) for part, group in groups.items()]


def _part_change(
    part: CampaignLine,
    group: Sequence[LineMove],
    accounts: Mapping[Place, LedgerAccount],
    drawn: Collection[int],
) -> PartChange:
    effects = [
        _effect([m for m in group if m.line == line], accounts, drawn)
        for line in {m.line for m in group}
    ]
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
