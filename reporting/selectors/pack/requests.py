"""Requests on their way and advice not yet taken up: what is about to change."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from approvals.choices import RequestState
from approvals.models import ChangeRequest
from core.money import MICROS
from insights.models import Recommendation
from metrics.selectors import METRICS
from reporting.rules.pack.content import Ask, Headline, OpenPoint, PlanPage, PlanRow
from reporting.rules.pack.figures import Name, Ref, Sentence, When, say
from reporting.rules.pack.judgement import Judgement
from reporting.rules.pack.numerals import money_change_text, money_text
from reporting.selectors.pack.brief import Brief

MOST_ROWS = 12
MOST_ASKS = 3


def requests_page(brief: Brief) -> PlanPage | None:
    """Open requests and open advice with the effect expected; None when there is neither."""
    rows = tuple(_request_row(brief, row) for row in _open(brief)[:MOST_ROWS])
    rows += tuple(_advice_row(brief, row) for row in _advice(brief)[: MOST_ROWS - len(rows)])
    if not rows:
        return None
    return PlanPage(
        Headline("Next steps", _title(rows), ("Requests on their way to a decision, then advice that nobody has taken up yet.",)),
        "Step", ("Moves",), ("Expected",), rows,
    )  # fmt: skip


def _open(brief: Brief) -> list[ChangeRequest]:
    def read() -> list[ChangeRequest]:
        rows = ChangeRequest.objects.open().filter(team__path__startswith=brief.team.path)
        return list(rows.select_related("requested_by").order_by("-own_micros", "pk"))

    return brief.once("requests", read)


def _advice(brief: Brief) -> list[Recommendation]:
    def read() -> list[Recommendation]:
        rows = Recommendation.objects.filter(
            team__path__startswith=brief.team.path, state=Recommendation.State.OPEN
        )
        wanted = rows.select_related("finding__campaign__owner", "team")
        return list(wanted.order_by("-effect_micros", "pk"))

    return brief.once("advice", read)


def _numbers(brief: Brief) -> tuple[str, ...]:
    """The requests and pieces of advice that figures here rest on."""
    advice = tuple(f"A-{row.pk}" for row in _advice(brief)[:MOST_ROWS])
    return tuple(row.reference for row in _open(brief)[:MOST_ROWS]) + advice


def asked_decisions(brief: Brief) -> tuple[Ask, ...]:
    """The largest requests that wait for a decision."""
    return tuple(_ask(brief, row) for row in _open(brief)[:MOST_ASKS])


def _ask(brief: Brief, row: ChangeRequest) -> Ask:
    return Ask(
        say("{name}: {money}.", name=Name(row.title), money=_request_money(brief, row)),
        (Name(row.reason, 120),),
        Name(row.requested_by.name),
        When(_due(row)),
    )


def _due(row: ChangeRequest) -> str:
    return f"by {row.due_at.day} {row.due_at:%b}" if row.due_at else "no date"


def _request_money(brief: Brief, row: ChangeRequest) -> Ref:
    label = f"Amount of {row.reference}"
    return _money(brief, f"request.{row.pk}.money", row.own_micros, row.currency, label)


def _money(brief: Brief, key: str, micros: int, currency: str, label: str) -> Ref:
    note = brief.book.source(
        "q2", "Money that a step moves", formula="absolute amount of the request or advice",
        filters=f"{brief.team.name}; open", batches=_numbers(brief), query="requests; recommendations",
    )  # fmt: skip
    return brief.book.figure(
        key, money_text(micros, currency), label=label, footnote=note,
        value=Decimal(micros) / MICROS, unit=currency,
    )  # fmt: skip


def _request_row(brief: Brief, row: ChangeRequest) -> PlanRow:
    expected = row.payload.get("expected") if isinstance(row.payload, dict) else None
    currency = str(row.payload.get("currency") or row.currency)
    effect = _effect(brief, f"request.{row.pk}", expected, currency, row.reference)
    return PlanRow(
        Name(row.reference),
        (Name(row.title, 150),),
        Name(row.requested_by.name),
        When(_due(row)),
        RequestState(row.state).label,
        Judgement.CANNOT_TELL,
        _request_money(brief, row),
        None,
        effect,
    )  # fmt: skip


def _advice_row(brief: Brief, row: Recommendation) -> PlanRow:
    expected = {
        "metric": row.metric, "low": row.effect_low_micros, "mid": row.effect_micros, "high": row.effect_high_micros,
    }  # fmt: skip
    effect = _effect(brief, f"advice.{row.pk}", expected, row.currency, f"advice {row.pk}")
    moves = row.payload.get("moves", []) if isinstance(row.payload, dict) else []
    amount = sum(max(0, int(move.get("amount_micros", 0))) for move in moves)
    who = row.finding.campaign.owner.name if row.finding and row.finding.campaign else row.team.name
    return PlanRow(
        Name("Move money between lines"),
        _between(row),
        Name(who),
        When(f"until {row.expires_at.day} {row.expires_at:%b}"),
        "Advice",
        Judgement.NEUTRAL,
        _money(brief, f"advice.{row.pk}.money", amount, row.currency, f"Amount of advice {row.pk}") if amount else None,
        None,
        effect,
    )  # fmt: skip


def _between(row: Recommendation) -> Sentence:
    """Which line gives and which receives."""
    giver, receiver = (row.evidence.get(side, {}).get("name", "") for side in ("giver", "receiver"))
    if not (giver and receiver):
        return (Name(row.title, 150),)
    return say("From {giver} to {receiver}.", giver=Name(giver, 60), receiver=Name(receiver, 60))


def _effect(brief: Brief, key: str, expected: Any, currency: str, name: str) -> Ref | None:
    """The expected effect in the metric's unit."""
    metric = METRICS.get(str((expected or {}).get("metric", "")))
    middle = (expected or {}).get("mid")
    if metric is None or middle is None:
        return None
    note = brief.book.source(
        "q3", "Expected effect", formula="as expected when the step was proposed, with its range",
        filters=f"{brief.team.name}; open", batches=_numbers(brief), query="requests; recommendations",
    )  # fmt: skip
    label = f"Expected change of {metric.label}, {name}"
    if metric.is_money:
        text = money_change_text(int(middle), currency)
        unit = currency
    else:
        whole = round(Fraction(int(middle), MICROS))
        text, unit = f"{'+' if whole > 0 else ''}{whole:,}".replace("-", "−"), metric.label.lower()
    return brief.book.figure(
        f"{key}.effect", text, label=label, footnote=note, value=Decimal(int(middle)) / MICROS, unit=unit
    )  # fmt: skip


def _title(rows: tuple[PlanRow, ...]) -> Sentence:
    waiting = [row for row in rows if row.state != "Advice"]
    if not waiting:
        return ("Advice is open that nobody has taken up",)
    if len(waiting) == 1:
        return say("{name} waits for a decision", name=waiting[0].name)
    return say("{name} and others wait for a decision", name=waiting[0].name)


def request_points(brief: Brief) -> list[OpenPoint]:
    """Open requests as points of a review."""
    return [
        OpenPoint(
            Name(f"{row.reference} {row.title}", 80),
            say(
                "Moves {money}; {state}.",
                money=_request_money(brief, row),
                state=Name(row.get_state_display().lower()),
            ),
            Name(row.requested_by.name),
            When(_due(row)),
            Judgement.CANNOT_TELL,
        )
        for row in _open(brief)[:MOST_ROWS]
    ]  # fmt: skip
