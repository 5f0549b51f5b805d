"""What is written on a bill, and what has to be right about it before it is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import Team, User
from budgets.choices import BillKind, BillState, OrderKind, OrderState
from budgets.models import Bill, BillLine, BudgetLine, Order, OrderLine, Vendor
from budgets.selectors.bills.openorders import BILLED_KINDS
from budgets.selectors.closes import require_open
from budgets.services.moves import month_of
from campaigns.models import CampaignLine
from core import formats
from core.errors import Conflict, Invalid
from core.money import Money

YEAR = 365
MOST_DAYS = 5 * YEAR


@dataclass(frozen=True, slots=True)
class LineIn:
    """One line of a bill as it is entered: micros of the bill's currency.

    With an ``order_line`` the budget line and campaign line are the order's; without one a
    ``budget_line`` may be given now or when it is matched.
    """

    description: str
    amount_micros: int
    month: str
    order_line: OrderLine | None = None
    budget_line: BudgetLine | None = None
    campaign_line: CampaignLine | None = None
    is_whole_month: bool = False
    gl_code: str = ""
    cost_centre: str = ""


@dataclass(frozen=True, slots=True)
class BillIn:
    """A bill as it is entered; ``corrects`` is the invoice that a credit note is about."""

    kind: str
    number: str
    team: Team
    owner: User
    currency: str
    dated: date
    lines: Sequence[LineIn]
    vendor: Vendor | None = None
    due_on: date | None = None
    note: str = ""
    corrects: Bill | None = None


def require_sound(given: BillIn) -> None:
    """Raise ``Invalid`` or ``Conflict`` with what to do unless a bill can be kept as it is given."""
    if given.kind == BillKind.ACCRUAL:
        raise Invalid(
            "An accrual is entered for a line of an order.",
            where="kind",
            remedy="Choose the order under Bills, Accrue.",
        )
    if not given.lines:
        raise Invalid("A bill needs at least one line with an amount.", where="lines")
    if given.kind in (BillKind.INVOICE, BillKind.CREDIT) and given.vendor is None:
        raise Invalid("Choose the vendor that sent it.", where="vendor")
    if given.kind != BillKind.EXPENSE and not given.number.strip():
        raise Invalid("Enter the number that stands on it.", where="number")
    for line in given.lines:
        if line.amount_micros <= 0:
            raise Invalid("An amount is larger than zero.", where="amount")
    if given.kind == BillKind.CREDIT:
        _require_credit(given)


def require_dated(given: BillIn, at: datetime) -> None:
    """Raise ``Invalid`` for a date that can only be a slip: a rate and a month would follow from it."""
    if abs((given.dated - at.date()).days) > MOST_DAYS:
        raise Invalid(
            f"{given.dated.isoformat()} is more than {MOST_DAYS // YEAR} years away.",
            where="dated",
            remedy="Enter the date that stands on the bill.",
        )


def require_place(line: BillLine) -> None:
    """Raise unless the line's order fits its bill, and its month is one of the budget line's, and open."""
    if line.order_line:
        require_fitting(line.bill, line.order_line)
    budget_line = line.budget_line
    if budget_line is None:
        return
    month_of(budget_line, line.month)
    require_open([(budget_line.fiscal_year, line.month)])
    part = line.campaign_line
    if part and not budget_line.draws.filter(campaign_line=part).exists():
        raise Invalid(
            f"{budget_line} does not pay for {part}.",
            where="campaign_line",
            remedy="Choose another campaign line, or add it to what the budget line pays for.",
        )
    if line.is_whole_month and part is None:
        raise Invalid(
            "A bill for a whole month names the campaign line whose month it is.",
            where="campaign_line",
        )


def require_fitting(bill: Bill, order_line: OrderLine) -> None:
    """Raise ``Invalid`` unless a bill can be about an order line: open, of the same vendor, no blanket."""
    order = order_line.order
    if order.kind == OrderKind.BLANKET:
        raise _blanket(order)
    if order.kind not in BILLED_KINDS or order.state != OrderState.OPEN or order_line.is_dropped:
        raise Invalid(
            f"{order.reference} cannot be billed: {order.get_kind_display().lower()}, "
            f"{order.get_state_display().lower()}.",
            code="order_not_open",
            where="order_line",
            remedy="Choose an open order or release, or book the bill on a budget line.",
        )
    if order.vendor_id != bill.vendor_id:
        raise Invalid(
            f"{order.reference} is with {order.vendor}, the bill is from {bill.vendor or 'nobody'}.",
            code="other_vendor",
            where="order_line",
            remedy="Choose an order of the same vendor.",
        )


def _blanket(order: Order) -> Invalid:
    """Why a blanket order takes no bill, with the open releases that do."""
    open_ = order.releases.filter(state=OrderState.OPEN).order_by("number")
    names = ", ".join(release.reference for release in open_)
    releases = [(release.reference, release.get_absolute_url()) for release in open_]
    choose = f"Choose one of its releases ({names}), or release" if names else "Release"
    return Invalid(
        f"{order.reference} is a blanket order, which is billed through its releases.",
        code="blanket",
        where="order_line",
        remedy=f"{choose} the part that the bill is about and match the bill with that.",
        details=[{"order": order.pk, "reference": order.reference, "releases": releases}],
    )


Place = tuple[int, int]


def place_of(line: BillLine | LineIn) -> Place:
    """(budget line, campaign line) of a line, those of its order first; 0 for none."""
    ordered = line.order_line
    bears = ordered.budget_line if ordered else line.budget_line
    part = (ordered.campaign_line if ordered else None) or line.campaign_line
    return (bears.pk if bears else 0, part.pk if part else 0)


def creditable(bill: Bill) -> dict[Place, tuple[int, int]]:
    """Place -> (amount in the bill's currency, micros borne) that credit notes have left of a bill."""
    left: dict[Place, list[int]] = defaultdict(lambda: [0, 0])
    taken = BillLine.objects.filter(bill__corrects=bill, bill__state=BillState.POSTED)
    for sign, lines in ((1, bill.lines.all()), (-1, taken)):
        for line in lines.select_related(
            "budget_line", "campaign_line", "order_line__budget_line", "order_line__campaign_line"
        ):
            sums = left[place_of(line)]
            sums[0] += sign * line.amount_micros
            sums[1] += sign * (line.borne_micros or 0)
    return {place: (amount, borne) for place, (amount, borne) in left.items()}


def _require_credit(given: BillIn) -> None:
    corrected = given.corrects
    if corrected is None:
        raise Invalid("Choose the invoice that the credit note is about.", where="corrects")
    posted = Bill.objects.filter(kind=BillKind.INVOICE, state=BillState.POSTED)
    if not posted.filter(pk=corrected.pk).exists():
        raise Conflict(
            f"{corrected} is not a posted invoice, so there is nothing to credit.",
            code="not_posted",
            where="corrects",
            remedy="Void an invoice that is not posted yet.",
        )
    if (given.vendor, given.currency) != (corrected.vendor, corrected.currency):
        raise Invalid(
            f"The credit note and {corrected} are not of one vendor and currency.", where="corrects"
        )
    require_creditable(corrected, given.lines)


def require_creditable(corrected: Bill, lines: Sequence[LineIn] | Sequence[BillLine]) -> None:
    """Raise unless each line takes back no more than is left of the invoice on its budget line."""
    left, asked = creditable(corrected), defaultdict[Place, int](int)
    for line in lines:
        asked[place_of(line)] += line.amount_micros
    for place, micros in asked.items():
        amount = left.get(place, (0, 0))[0]
        if micros > amount:
            rest = formats.money_exact(Money(max(amount, 0), corrected.currency))
            raise Conflict(
                f"{rest} of {corrected} is left to credit there.",
                code="over_credited",
                where="amount",
                remedy="A credit note takes back at most what the invoice billed on that budget line.",
            )
