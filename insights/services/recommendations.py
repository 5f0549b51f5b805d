"""What to do about a poor return: the best single move of planned money, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from analytics.daily import DailyRatio
from analytics.moves import Limits, Response, responses, suggest_move
from analytics.results import REASON_TEXT, MoveEffect, MoveSuggestion, Percentiles, Reason
from budgets.models import LedgerAccount
from campaigns.choices import Status
from core import events, formats
from core.models import Organisation
from core.money import MICROS, Money
from core.periods import Period
from insights.models import Finding, Recommendation
from insights.services.history import last_days, line_histories
from insights.services.outcomes import record, why_wait
from insights.services.words import marginal_count, marginal_of
from metrics.selectors import MEASURE_LABELS, metric_for

MOVE_BUDGET = "budget.reallocation"
LOOK_BACK = timedelta(days=120)
YOUNG = timedelta(days=7)
VALID = timedelta(days=14)
SEED = 20_261
LEAST_DAYS_LEFT = 10
# What spend can bring back, each in its own unit: a gain is said in that of the finding's metric.
RESULTS = ("revenue", "order_value", "conversions", "leads")
UNDECIDED = (Recommendation.State.OPEN, Recommendation.State.PROPOSED)
METHOD = (
    "Elasticity of return to spend from the lines' own history, shrunk to a stated prior; level by "
    "block bootstrap of the last four weeks. It knows no season and assumes that the lines do not "
    "feed each other. The range holds 80 % of the draws."
)


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A campaign line with money planned in the month a move is about."""

    account: LedgerAccount

    @property
    def key(self) -> str:
        return str(self.account.campaign_line_id)

    @property
    def units(self) -> float:
        return self.account.balance_micros / MICROS


def recommend_for(finding: Finding, *, at: datetime) -> Recommendation | None:
    """The open recommendation for a finding, made anew from today's figures and plan.

    Without one the finding's evidence says why under ``no_advice``.
    """
    if why := _why_not_at_all(finding) or why_wait(finding, at):
        _say_why_none(finding, why)
        return None
    month = month_to_plan(at.date())
    lines = _planned_lines(finding, month)
    own = [line for line in lines if _campaign(line) == finding.campaign_id]
    if not own:
        _say_why_none(finding, f"no money is planned for this campaign in {month.label}.")
        return None
    suggestion, effect = _best_move(finding, lines, own, month)
    if suggestion is None or effect is None or effect.gain is None:
        _say_why_none(finding, _why_not(finding, suggestion))
        return None
    return _keep(finding, effect, suggestion, lines, month, at)


def _why_not_at_all(finding: Finding) -> str:
    """Why a move of money is no answer to this finding; "" when it may be one."""
    metric = metric_for(finding.metric)
    if finding.campaign_id is None:
        return "this is about a whole team; the findings of its campaigns carry the advice."
    if not finding.currency:
        return "its lines are paid in several currencies, and a move stays in one."
    if not metric.is_ratio:
        return f"{metric.label.lower()} is an amount: taking money away would not bring more of it."
    if "spend" not in metric.measures or returned(finding) not in RESULTS:
        return (
            f"{metric.label} does not say what spend brings back, so no move can be judged by it."
        )
    others = Recommendation.objects.filter(
        finding__campaign=finding.campaign_id, finding__ended_at=None, state__in=UNDECIDED
    )
    other = others.exclude(finding=finding).select_related("finding").first()
    if other and other.finding:
        return f"the advice for this campaign stands with “{other.finding.title}”."
    return ""


def returned(finding: Finding) -> str:
    """The measure a finding's metric is about: what spend should bring back."""
    metric = metric_for(finding.metric)
    return metric.numerator if metric.up_is_good else metric.denominator


def month_to_plan(today: date) -> Period:
    """The fiscal month whose plan can still change something: this one, or the next near its end."""
    calendar = Organisation.current().calendar
    month = calendar.month_of(today)
    if (month.end - today).days >= LEAST_DAYS_LEFT:
        return month
    return calendar.month_of(month.end + timedelta(days=1))


def _campaign(line: PlannedLine) -> int:
    campaign_line = line.account.campaign_line
    return campaign_line.campaign_id if campaign_line else 0


def _planned_lines(finding: Finding, month: Period) -> list[PlannedLine]:
    """Live lines in the same currency whose plan a director of the finding's division can change."""
    division = finding.team.parent.path if finding.team.parent else finding.team.path
    accounts = (
        LedgerAccount.objects.filter(
            month=month.key,
            balance_micros__gt=0,
            currency=finding.currency,
            campaign_line__campaign__status=Status.LIVE,
            campaign_line__campaign__team__path__startswith=division,
        )
        .select_related("campaign_line__campaign", "budget_line")
        .order_by("campaign_line")
    )
    return [PlannedLine(account) for account in accounts]


def _best_move(
    finding: Finding, lines: Sequence[PlannedLine], own: Sequence[PlannedLine], month: Period
) -> tuple[MoveSuggestion | None, MoveEffect | None]:
    """The best move out of one of the campaign's own lines, over the month's plan."""
    planned = _responses(finding, lines, month)
    limits = Limits(days=month.days)
    best: tuple[MoveSuggestion | None, MoveEffect | None] = (None, None)
    for line in own:
        found = suggest_move(planned, limits, giver=line.key)
        best = _better(best, found)
    return best


def _better(
    best: tuple[MoveSuggestion | None, MoveEffect | None], found: MoveSuggestion
) -> tuple[MoveSuggestion | None, MoveEffect | None]:
    if found.move is None or found.move.gain is None:
        return (best[0] or found, best[1])
    if best[1] is None or best[1].gain is None or found.move.gain.p50 > best[1].gain.p50:
        return found, found.move
    return best


def _responses(finding: Finding, lines: Sequence[PlannedLine], month: Period) -> list[Response]:
    """How each line answers to spend at the level its plan foresees."""
    top = returned(finding)
    newest = max(
        last_days([_campaign(line) for line in lines]).values(), default=finding.window_end
    )
    period = Period("moves", newest - LOOK_BACK, newest - YOUNG)
    ids = [int(line.key) for line in lines]
    days, sums = line_histories(ids, measures=(top, "spend"), period=period)
    answers = responses(
        [line.key for line in lines], DailyRatio(sums[top], sums["spend"], days), seed=SEED
    )
    return [answer.at(line.units / month.days) for answer, line in zip(answers, lines, strict=True)]


def _why_not(finding: Finding, suggestion: MoveSuggestion | None) -> str:
    if suggestion is None or suggestion.reason is None:
        return "no other line could take the money."
    if suggestion.reason is Reason.NO_SPEND:
        label = MEASURE_LABELS[returned(finding)].lower()
        return f"there is no spend with {label} to go by in the recent weeks."
    return REASON_TEXT[suggestion.reason][0].lower() + REASON_TEXT[suggestion.reason][1:]


def _say_why_none(finding: Finding, why: str) -> None:
    Recommendation.objects.filter(finding=finding, state=Recommendation.State.OPEN).update(
        state=Recommendation.State.EXPIRED, state_reason=why
    )
    finding.evidence["no_advice"] = why
    finding.save(update_fields=["evidence"])


@transaction.atomic
def _keep(
    finding: Finding,
    effect: MoveEffect,
    suggestion: MoveSuggestion,
    lines: Sequence[PlannedLine],
    month: Period,
    at: datetime,
) -> Recommendation:
    by_key = {line.key: line for line in lines}
    giver, receiver = by_key[effect.giver].account, by_key[effect.receiver].account
    fields = _fields(finding, effect, suggestion, giver, receiver, month, returned(finding), at)
    known = Recommendation.objects.filter(
        finding=finding, action=MOVE_BUDGET, state=Recommendation.State.OPEN
    ).first()
    if known:
        for name, value in fields.items():
            setattr(known, name, value)
        known.save()
        return known
    made = Recommendation.objects.create(
        finding=finding, action=MOVE_BUDGET, created_at=at, **fields
    )
    record(made, "recommendation.made", at)
    return made


def _fields(
    finding: Finding,
    effect: MoveEffect,
    suggestion: MoveSuggestion,
    giver: LedgerAccount,
    receiver: LedgerAccount,
    month: Period,
    target: str,
    at: datetime,
) -> dict[str, Any]:
    gain = effect.gain or Percentiles(0, 0, 0, 1)
    amount = round(effect.amount * MICROS)
    expected = {
        "metric": target,
        "low": round(gain.p10 * MICROS),
        "mid": round(gain.p50 * MICROS),
        "high": round(gain.p90 * MICROS),
    }
    hypothesis = (
        f"The next {marginal_of(target, effect.receiver_marginal, finding.currency)} in "
        f"{receiver.campaign_line} and "
        f"{marginal_count(target, effect.giver_marginal)} in {giver.campaign_line}."
    )
    return {
        "team": finding.team,
        "title": f"Move {formats.money_whole(Money(amount, finding.currency))} of {month.label} from "
        f"{giver.campaign_line} to {receiver.campaign_line}",
        "payload": {
            "moves": [_leg(giver, month, -amount), _leg(receiver, month, amount)],
            "currency": finding.currency,
            "hypothesis": hypothesis,
            "expected": expected,
        },
        "evidence": events.plain(_evidence(effect, suggestion, giver, receiver, month, gain, at)),
        "metric": target,
        "currency": finding.currency,
        "effect_low_micros": expected["low"],
        "effect_micros": expected["mid"],
        "effect_high_micros": expected["high"],
        "confidence": f"Chance of a loss {gain.chance_of_loss:.0%}. {METHOD}"[:200],
        "expires_at": at + VALID,
    }


def _leg(account: LedgerAccount, month: Period, micros: int) -> dict[str, Any]:
    return {
        "budget_line": account.budget_line_id,
        "campaign_line": account.campaign_line_id,
        "month": month.key,
        "amount_micros": micros,
    }


def _evidence(
    effect: MoveEffect,
    suggestion: MoveSuggestion,
    giver: LedgerAccount,
    receiver: LedgerAccount,
    month: Period,
    gain: Percentiles,
    at: datetime,
) -> dict[str, Any]:
    return {
        "method": METHOD,
        "giver": {
            "name": str(giver.campaign_line),
            "marginal": effect.giver_marginal,
            "before_micros": giver.balance_micros,
        },
        "receiver": {
            "name": str(receiver.campaign_line),
            "marginal": effect.receiver_marginal,
            "before_micros": receiver.balance_micros,
        },
        "amount_micros": round(effect.amount * MICROS),
        "chance_of_loss": gain.chance_of_loss,
        "binding": suggestion.binding or "",
        "considered": suggestion.considered,
        "month": month.label,
        "as_of": at,
    }
