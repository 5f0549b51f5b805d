"""What was asked for in the last months, by whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from approvals.choices import Outcome
from approvals.services import (
    request_comment,
    request_create,
    request_decide,
    request_edit,
    request_execute,
    request_withdraw,
)
from budgets.choices import PLAN_CHANGE, REALLOCATION
from demo.company.records import Company, month_key
from demo.company.stories import ASKED, EDIT, EXECUTED, SAY, WITHDRAW, Asked, Turn
from demo.market.model import MICROS


def plan_requests(company: Company) -> None:
    """Let everything be asked for, decided and carried out in its time.

    Must come before budgets are planned: what will have been moved is taken off the
    first plan, so that the plan of today is the one the market spent by.
    """
    for asked in ASKED:
        _foresee(company, asked)
        at = company.moments.ago(asked.days_ago, asked.hour, asked.minute)
        company.timeline.add(at, "requests", partial(_ask, company, asked))
        for turn in asked.turns:
            moment = company.moments.ago(turn.days_ago, turn.hour, turn.minute)
            company.timeline.add(
                moment,
                "requests",
                partial(_take_turn, company, asked, turn),
            )


def _foresee(company: Company, asked: Asked) -> None:
    if asked.ends != EXECUTED:
        return
    for line, month, micros in _moves(company, asked, asked.share_at_last):
        company.moved[line, month] = company.moved.get((line, month), 0) + micros


def _moves(company: Company, asked: Asked, share: float) -> list[tuple[str, str, int]]:
    """(line, month, micros) of every leg; ``share`` scales what was asked first."""
    return [
        (line, month_key(month), round(amount * share) * MICROS)
        for month in _months(company, asked)
        for line, amount in asked.amounts
    ]


def _months(company: Company, asked: Asked) -> list[date]:
    """The months after the one in which it was asked."""
    month = (company.today - timedelta(days=asked.days_ago)).replace(day=1)
    found = []
    for _ in range(asked.months):
        month = (month + timedelta(days=32)).replace(day=1)
        found.append(month)
    return found


def _payload(company: Company, asked: Asked, share: float) -> dict[str, Any]:
    moves = []
    for key, month, micros in _moves(company, asked, share):
        line = company.market_line(key)
        moves.append(
            {
                "budget_line": company.pot_of(line, int(month[:4])).pk,
                "campaign_line": company.lines[key].pk,
                "month": month,
                "amount_micros": micros,
            }
        )
    put_in = sum(
        int(str(move["amount_micros"])) for move in moves if int(str(move["amount_micros"])) > 0
    )
    return {
        "moves": moves,
        "currency": company.market_line(asked.amounts[0][0]).currency,
        "hypothesis": asked.hypothesis,
        "expected": _expected(put_in, asked.per_unit),
        "recommendation": None,
    }


def _expected(micros: int, per_unit: Sequence[float]) -> Mapping[str, Any]:
    low, mid, high = (round(micros // MICROS * factor) * MICROS for factor in per_unit)
    return {"metric": "revenue", "low": low, "mid": mid, "high": high}


def _ask(company: Company, asked: Asked, at: datetime) -> None:
    months = _months(company, asked)
    span = f"{months[0]:%b %Y}" if len(months) == 1 else f"{months[0]:%b} to {months[-1]:%b %Y}"
    is_move = sum(amount for _, amount in asked.amounts) == 0
    company.requests[asked.key] = request_create(
        user=company.people[asked.by],
        kind=REALLOCATION if is_move else PLAN_CHANGE,
        payload=_payload(company, asked, 1.0),
        title=asked.title.format(months=span),
        reason=asked.reason,
        evidence={},
        at=at,
    )


def _take_turn(company: Company, asked: Asked, turn: Turn, at: datetime) -> None:
    request = company.requests[asked.key]
    request.refresh_from_db()
    user = company.people[turn.by]
    if turn.what == SAY:
        request_comment(request=request, user=user, text=turn.words, at=at)
    elif turn.what == WITHDRAW:
        request_withdraw(request=request, user=user, reason=turn.words, at=at)
    elif turn.what == EDIT:
        payload = _payload(company, asked, asked.share_at_last)
        request_edit(request=request, user=user, payload=payload, reason=turn.words, at=at)
    else:
        _decide(company, asked, turn, at)


def _decide(company: Company, asked: Asked, turn: Turn, at: datetime) -> None:
    request = request_decide(
        request=company.requests[asked.key],
        user=company.people[turn.by],
        outcome=turn.what,
        reason=turn.words,
        content_hash=company.requests[asked.key].content_hash,
        opened_at=at - timedelta(minutes=turn.read_for),
        at=at,
    )
    if turn.what == Outcome.APPROVE:
        # What the worker does within seconds; without all approvals it does nothing.
        request_execute(request=request, at=at + timedelta(seconds=4))
