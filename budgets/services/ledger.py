"""The ledger: the only place that moves planned money.

A transaction happens once per key, sums to zero in every currency, and never takes
from a line more than lies there. The database holds all three.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from budgets.models import BudgetLine, FiscalYear, LedgerAccount, LedgerEntry, LedgerTransaction
from budgets.rules.moves import shared_path
from budgets.selectors.closes import require_open
from budgets.selectors.locks import require_unlocked
from budgets.services.commitments import hold_lines
from budgets.services.years import hold_years
from campaigns.models import CampaignLine
from core import events, once
from core.errors import Conflict, Invalid
from core.events import Actor
from core.money import Money


@dataclass(frozen=True, slots=True)
class Leg:
    """Micros into (plus) or out of (minus) one account.

    Without a budget line it is the source of the year and currency, from which plans
    are filled. With a ``version`` the account must still be the one that was read then.
    """

    fiscal_year: FiscalYear
    currency: str
    micros: int
    budget_line: BudgetLine | None = None
    campaign_line: CampaignLine | None = None
    month: str = ""
    version: int | None = None

    @property
    def order(self) -> tuple[int, str, int, int, str]:
        """The one order in which accounts are made and locked."""
        line, campaign = self.budget_line, self.campaign_line
        return (
            self.fiscal_year.pk,
            self.currency,
            line.pk if line else 0,
            campaign.pk if campaign else 0,
            self.month,
        )


def line_leg(
    line: BudgetLine,
    month: str,
    micros: int,
    campaign_line: CampaignLine | None = None,
    *,
    version: int | None = None,
) -> Leg:
    """A leg on a budget line's month, or on a campaign line's part of it."""
    return Leg(line.fiscal_year, line.currency, micros, line, campaign_line, month, version)


def source_leg(fiscal_year: FiscalYear, currency: str, micros: int) -> Leg:
    """A leg on the source: minus puts money into plans, plus takes it back."""
    return Leg(fiscal_year, currency, micros)


@transaction.atomic
def transfer(
    *,
    legs: Sequence[Leg],
    key: str,
    kind: str,
    reason: str,
    actor: Actor,
    at: datetime,
    request_id: int | None = None,
    reverses: LedgerTransaction | None = None,
) -> LedgerTransaction:
    """Move money between accounts, once per ``key``: a repeated call returns the first transaction.

    ``kind`` is a ``LedgerTransaction.Kind``. Raises ``Invalid`` unless the legs sum to
    zero in each currency, ``Conflict`` when an account holds less than is taken or moved
    since the version that a leg names, when a month is closed or the plan locked, or when
    the key was used for something else.
    """
    merged = _merged(legs)
    hold_years({leg.fiscal_year.pk for leg in merged})
    made, is_new = LedgerTransaction.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "at": at,
            "actor_id": actor.id,
            "actor_name": actor.name,
            "reason": reason,
            "request_id": request_id,
            "reverses": reverses,
        },
    )
    if not is_new:
        _require_same(made, merged)
        return made
    hold_lines({leg.budget_line.pk for leg in merged if leg.budget_line})
    require_open((leg.fiscal_year, leg.month) for leg in merged if leg.month)
    require_unlocked((leg.fiscal_year, leg.currency, leg.micros) for leg in merged if leg.month)
    accounts = _locked(_accounts(merged))
    moves = [(accounts[leg.order], leg) for leg in merged]
    before = {str(account): account.balance_micros for account, _ in moves}
    _apply(moves)
    once.forget()
    entries = [_entry(made, account, leg) for account, leg in moves]
    LedgerEntry.objects.bulk_create(entries)
    _record(made, merged, actor, at, before, entries)
    return made


def _merged(legs: Iterable[Leg]) -> list[Leg]:
    """One leg per account, nothing that does nothing, in locking order; the sum checked."""
    sums: dict[tuple[Any, ...], int] = {}
    first: dict[tuple[Any, ...], Leg] = {}
    for leg in legs:
        first.setdefault(leg.order, leg)
        sums[leg.order] = sums.get(leg.order, 0) + leg.micros
    kept = [
        replace(leg, micros=sums[order])
        for order, leg in sorted(first.items(), key=lambda item: item[0])
        if sums[order]
    ]
    if not kept:
        raise Invalid("There is nothing to move.", where="moves")
    for currency in {leg.currency for leg in kept}:
        net = sum(leg.micros for leg in kept if leg.currency == currency)
        if net:
            raise Invalid(
                f"The moves in {currency} do not add up to zero: {Money(net, currency)} remain.",
                code="not_net_zero",
                where="moves",
            )
    return kept


def _accounts(legs: Sequence[Leg]) -> list[int]:
    """The numbers of the legs' accounts, made where they are new: a year's plan has hundreds."""
    known = _known(legs)
    new = [leg for leg in legs if leg.order not in known]
    if new:
        # Somebody else may make the same account at this moment: the unique key decides.
        LedgerAccount.objects.bulk_create(map(_account, new), ignore_conflicts=True)
        known = _known(legs)
    return [known[leg.order] for leg in legs]


def _known(legs: Sequence[Leg]) -> dict[tuple[Any, ...], int]:
    """Accounts of the legs' years, lines and months by their order."""
    lines = {leg.budget_line.pk for leg in legs if leg.budget_line}
    found = LedgerAccount.objects.filter(
        Q(budget_line__in=lines) | Q(budget_line=None),
        fiscal_year__in={leg.fiscal_year.pk for leg in legs},
        month__in={leg.month for leg in legs},
    )
    fields = ("fiscal_year", "currency", "budget_line", "campaign_line", "month", "pk")
    return {
        (year, currency, line or 0, campaign or 0, month): pk
        for year, currency, line, campaign, month, pk in found.values_list(*fields)
    }


def _account(leg: Leg) -> LedgerAccount:
    return LedgerAccount(
        fiscal_year=leg.fiscal_year,
        currency=leg.currency,
        budget_line=leg.budget_line,
        campaign_line=leg.campaign_line,
        month=leg.month,
    )


def _locked(ids: Sequence[int]) -> dict[tuple[Any, ...], LedgerAccount]:
    """The accounts by the order of their legs, all locked in one order: no two transfers wait in a ring."""
    rows = LedgerAccount.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {
        (a.fiscal_year_id, a.currency, a.budget_line_id or 0, a.campaign_line_id or 0, a.month): a
        for a in rows.select_related("budget_line", "campaign_line", "fiscal_year")
    }


# Every balance in one statement, each only if it can bear it and is still what was read.
APPLY = """
    UPDATE budgets_ledgeraccount AS account
    SET balance_micros = balance_micros + leg.micros, version = account.version + 1
    FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS leg(account, micros, version)
    WHERE account.id = leg.account
      AND (account.budget_line_id IS NULL OR leg.micros > 0 OR balance_micros >= -leg.micros)
      AND (leg.version IS NULL OR account.version = leg.version)
    RETURNING account.id
"""


def _apply(moves: Sequence[tuple[LedgerAccount, Leg]]) -> None:
    """Change the balances; raises ``Conflict`` for the first that cannot."""
    columns = (
        [account.pk for account, _ in moves],
        [leg.micros for _, leg in moves],
        [leg.version for _, leg in moves],
    )
    with connection.cursor() as cursor:
        cursor.execute(APPLY, columns)
        changed = {pk for (pk,) in cursor.fetchall()}
    for account, leg in moves:
        if account.pk not in changed:
            raise _refusal(account, leg)


def _entry(made: LedgerTransaction, account: LedgerAccount, leg: Leg) -> LedgerEntry:
    return LedgerEntry(
        transaction=made,
        account=account,
        amount_micros=leg.micros,
        balance_micros=account.balance_micros + leg.micros,
    )


def _refusal(account: LedgerAccount, leg: Leg) -> Conflict:
    if leg.version is not None and account.version != leg.version:
        return Conflict(
            f"{account} has moved since this was asked for.",
            code="stale",
            remedy="Renew the request with today's plan.",
        )
    holds = Money(account.balance_micros, account.currency)
    return Conflict(
        f"{account} holds {holds}; {Money(-leg.micros, account.currency)} cannot be taken from it.",
        code="not_enough",
        remedy="Take less, or renew the request with today's plan.",
    )


def _require_same(made: LedgerTransaction, legs: Sequence[Leg]) -> None:
    """The same key must mean the same move."""
    written = sorted(
        (e.account.currency, e.account.budget_line_id or 0, e.account.campaign_line_id or 0,
         e.account.month, e.amount_micros)
        for e in made.entries.select_related("account")
    )  # fmt: skip
    asked = sorted((*leg.order[1:], leg.micros) for leg in legs)
    if [tuple(row) for row in written] != asked:
        raise Conflict(
            f"“{made.key}” was already used for another move.",
            code="key_used",
            remedy="Nothing was changed.",
        )


def _record(
    made: LedgerTransaction,
    legs: Sequence[Leg],
    actor: Actor,
    at: datetime,
    before: dict[str, int],
    entries: Sequence[LedgerEntry],
) -> None:
    lines = {leg.budget_line.pk: leg.budget_line for leg in legs if leg.budget_line}
    events.record(
        actor=actor,
        action=f"ledger.{made.kind}",
        subject=made,
        at=at,
        before=before,
        after={str(entry.account): entry.balance_micros for entry in entries},
        reason=made.reason,
        team_path=shared_path([line.team.path for line in lines.values()]),
        live=["budgets", *(f"budgetline:{pk}" for pk in lines)],
    )
