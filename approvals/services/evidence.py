"""Before and after as it was asked for, kept with the request, and the proof of its sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from approvals.models import ChangeRequest
from approvals.services.registry import Effect, action_for
from core import formats
from core.errors import AdroitError
from core.money import Money

KEY = "effects"


def freeze_effects(request: ChangeRequest) -> None:
    """Keep what the request would change, as the world is now (not saved)."""
    effects = action_for(request.kind).effects(request.payload)
    request.evidence = {**request.evidence, KEY: [_frozen(effect) for effect in effects]}


def effects_of(request: ChangeRequest) -> list[Effect]:
    """Before and after: of this moment while it can still change, else as it was asked for."""
    if not request.is_final:
        try:
            return list(action_for(request.kind).effects(request.payload))
        except AdroitError:
            pass
    return [_thawed(row) for row in request.evidence.get(KEY, [])]


def _frozen(effect: Effect) -> dict[str, Any]:
    return {
        "label": effect.label,
        "before": _plain(effect.before),
        "after": _plain(effect.after),
        "change": None if effect.change is None else _plain(effect.change),
        "channel": effect.channel,
        "owner": effect.owner,
        "note": effect.note,
    }


def _plain(value: Money | str) -> dict[str, Any] | str:
    if isinstance(value, Money):
        return {"micros": value.micros, "currency": value.currency}
    return value


def _thawed(row: Mapping[str, Any]) -> Effect:
    change = _value(row["change"])
    return Effect(
        label=row["label"],
        before=_value(row["before"]) or "",
        after=_value(row["after"]) or "",
        change=change if isinstance(change, Money) else None,
        channel=row["channel"],
        owner=row["owner"],
        note=row["note"],
    )


def _value(value: Any) -> Money | str | None:
    if isinstance(value, dict):
        return Money(value["micros"], value["currency"])
    return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Proof:
    """The sum of a currency's changes, written out to the cent."""

    currency: str
    before: Money
    change: Money
    text: str

    @property
    def is_zero(self) -> bool:
        return not self.change

    @property
    def after(self) -> Money:
        return self.before + self.change


def proofs(effects: Sequence[Effect]) -> list[Proof]:
    """One proof for each currency in which money changes place."""
    changed = [e for e in effects if e.change is not None and isinstance(e.before, Money)]
    currencies = dict.fromkeys(e.change.currency for e in changed if e.change)
    return [_proof(currency, changed) for currency in currencies]


def _proof(currency: str, effects: Sequence[Effect]) -> Proof:
    before, change, terms = Money(0, currency), Money(0, currency), []
    for effect in effects:
        if effect.change is None or effect.change.currency != currency:
            continue
        before += effect.before if isinstance(effect.before, Money) else Money(0, currency)
        change += effect.change
        terms.append(effect.change)
    return Proof(currency, before, change, _written(terms, before, change))


def _written(terms: Sequence[Money], before: Money, change: Money) -> str:
    """``−€48,000.00 + €48,000.00 = €0.00 · total stays €412,600.00``."""
    parts = [formats.money_exact(terms[0])]
    for term in terms[1:]:
        sign = "+" if term.micros > 0 else formats.MINUS
        parts.append(f"{sign} {formats.money_exact(abs(term))}")
    after = formats.money_exact(before + change)
    total = f"total stays {after}" if not change else f"total becomes {after}"
    return f"{' '.join(parts)} = {formats.money_exact(change)} · {total}"
