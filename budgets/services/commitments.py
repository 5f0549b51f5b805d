"""The commitment ledger: the only place that writes what orders hold and bills use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from budgets.models import BillLine, BudgetLine, Holding, HoldingEntry, OrderLine
from budgets.selectors.closes import require_open
from campaigns.models import CampaignLine
from core import once
from core.errors import Conflict
from core.events import Actor

SUMS = ("reserved_micros", "committed_micros", "accrued_micros", "billed_micros", "whole_bills")
Where = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A difference to the holding of one budget line's month, once per ``key``.

    Micros of the budget line's currency: plus holds or uses, minus lets go. Exactly one
    of ``order_line`` and ``bill_line`` says where it comes from; both where a bill takes
    the place of what its order held.
    """

    key: str
    budget_line: BudgetLine
    month: str
    campaign_line: CampaignLine | None = None
    order_line: OrderLine | None = None
    bill_line: BillLine | None = None
    reserved_micros: int = 0
    committed_micros: int = 0
    accrued_micros: int = 0
    billed_micros: int = 0
    whole_bills: int = 0

    @property
    def where(self) -> Where:
        part = self.campaign_line.pk if self.campaign_line else 0
        return (self.budget_line.pk, part, self.month)


def hold_lines(ids: Collection[int]) -> None:
    """Keep budget lines for this transaction, in one order: plan and commitments of a line change
    one after the other, so that a check of what is available holds until the end."""
    rows = BudgetLine.objects.filter(pk__in=ids).order_by("pk")
    list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    once.forget()


@transaction.atomic
def post(
    changes: Sequence[Change], *, reason: str, actor: Actor, at: datetime
) -> list[HoldingEntry]:
    """Write changes, each once: a key that was written before is left out.

    Raises ``Conflict`` for a closed month, and when a document would let go of more than
    it holds.
    """
    hold_lines({change.budget_line.pk for change in changes})
    known = HoldingEntry.objects.filter(key__in=[change.key for change in changes])
    written = set(known.values_list("key", flat=True))
    new = [c for c in changes if c.key not in written and any(getattr(c, s) for s in SUMS)]
    require_open((change.budget_line.fiscal_year, change.month) for change in new)
    holdings = _holdings(new)
    entries = [_entry(change, holdings[change.where], reason, actor, at) for change in new]
    try:
        with transaction.atomic():
            for entry in entries:
                sums = {name: F(name) + getattr(entry, name) for name in SUMS}
                Holding.objects.filter(pk=entry.holding_id).update(**sums)
            once.forget()
            return HoldingEntry.objects.bulk_create(entries)
    except IntegrityError as error:
        raise Conflict(
            "More would be let go than is held.",
            code="not_held",
            remedy="Open the order again: somebody changed it in between.",
        ) from error


def _holdings(changes: Iterable[Change]) -> dict[Where, Holding]:
    """The holdings of the changes, made where they are new."""
    wanted = {change.where: change for change in changes}
    rows = [
        Holding(budget_line=c.budget_line, campaign_line=c.campaign_line, month=c.month)
        for c in wanted.values()
    ]
    Holding.objects.bulk_create(rows, ignore_conflicts=True)
    found = Holding.objects.filter(
        budget_line__in={line for line, _, _ in wanted}, month__in={m for _, _, m in wanted}
    )
    return {(row.budget_line_id, row.campaign_line_id or 0, row.month): row for row in found}


def _entry(
    change: Change, holding: Holding, reason: str, actor: Actor, at: datetime
) -> HoldingEntry:
    return HoldingEntry(
        holding=holding,
        key=change.key,
        order_line=change.order_line,
        bill_line=change.bill_line,
        at=at,
        actor_id=actor.id,
        actor_name=actor.name,
        reason=reason,
        **{name: getattr(change, name) for name in SUMS},
    )
