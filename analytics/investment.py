"""What an investment is worth: net present value, payback, benefit-cost ratio and rate of return.

Amounts are whole micros of one currency, one for each period; period 0 is today and not
discounted. Everything is exact or decimal, never binary, and rounded once, at the end, half to
even. Rates are decimals for one period of the flows: use `monthly_rate` for monthly flows.

Brealey, Myers and Allen, "Principles of Corporate Finance": chapter 2 (present values), chapter 5
(payback, internal rate of return and its pitfalls, profitability index).
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from enum import StrEnum

# Far beyond what a micro feels over the longest run of periods that a plan has.
EXACT = Context(prec=50, rounding=ROUND_HALF_EVEN)
TWELFTH = Decimal(1) / 12
# The rate of return is found to this difference, and looked for between these two.
TOLERANCE = Decimal("1e-12")
LOWEST, HIGHEST = Decimal("-0.9999"), Decimal(1_000_000)


class NoReturn(StrEnum):
    """Why there is no internal rate of return."""

    NO_SIGN_CHANGE = "no_sign_change"
    SEVERAL = "several"
    OUT_OF_RANGE = "out_of_range"


NO_RETURN_TEXT: dict[NoReturn, str] = {
    NoReturn.NO_SIGN_CHANGE: "Money only flows one way, so no rate makes it break even.",
    NoReturn.SEVERAL: "Money changes direction more than once, so several rates may fit.",
    NoReturn.OUT_OF_RANGE: "No rate a plan could use makes it break even.",
}


@dataclass(frozen=True, slots=True)
class Return:
    """The internal rate of return per period, or why there is none."""

    rate: Decimal | None
    reason: NoReturn | None = None


@dataclass(frozen=True, slots=True)
class Appraisal:
    """An investment at one discount rate.

    `npv` in micros; `payback` and `discounted_payback` in periods, None when it never pays back;
    `ratio` is present benefits divided by present costs, None without a cost.
    """

    npv: int
    payback: Decimal | None
    discounted_payback: Decimal | None
    ratio: Decimal | None
    irr: Return


def monthly_rate(yearly: Decimal) -> Decimal:
    """The rate of a month that compounds to `yearly`: (1 + r)^(1/12) - 1, not r / 12.

    Raises ValueError at or below -1.
    """
    if yearly <= -1:
        raise ValueError("a yearly rate is above -100 %")
    with localcontext(EXACT):
        return (1 + yearly) ** TWELFTH - 1


def yearly_rate(monthly: Decimal) -> Decimal:
    """The rate of a year that a rate of a month compounds to."""
    with localcontext(EXACT):
        return (1 + monthly) ** 12 - 1


def npv(flows: Sequence[int], rate: Decimal) -> int:
    """Net present value in micros: sum of C_t / (1 + r)^t with t from 0 (chapter 2)."""
    return _whole(_present(flows, rate))


def payback(flows: Sequence[int]) -> Decimal | None:
    """Periods until what came in covers what went out; within a period, money flows evenly.

    None when it never does. Flows after that do not change the answer (chapter 5).
    """
    return _crossing([Decimal(flow) for flow in flows])


def discounted_payback(flows: Sequence[int], rate: Decimal) -> Decimal | None:
    """The same for flows at their present value."""
    return _crossing(_discounted(flows, rate))


def benefit_cost_ratio(flows: Sequence[int], rate: Decimal) -> Decimal | None:
    """Present value of what comes in for one unit of what goes out; None when nothing goes out."""
    values = _discounted(flows, rate)
    with localcontext(EXACT):
        cost = -sum((value for value in values if value < 0), Decimal(0))
        gain = sum((value for value in values if value > 0), Decimal(0))
        return gain / cost if cost else None


def irr(flows: Sequence[int]) -> Return:
    """The rate at which the net present value is zero, by bisection to 1e-12.

    Only where it is unique for certain: exactly one change of sign (Descartes' rule; chapter 5,
    pitfall "multiple rates of return").
    """
    changes = _sign_changes(flows)
    if changes != 1:
        return Return(None, NoReturn.SEVERAL if changes else NoReturn.NO_SIGN_CHANGE)
    low, high = LOWEST, HIGHEST
    if (_present(flows, low) > 0) == (_present(flows, high) > 0):
        return Return(None, NoReturn.OUT_OF_RANGE)
    return Return(_bisect(lambda rate: _present(flows, rate), low, high))


def appraise(flows: Sequence[int], rate: Decimal) -> Appraisal:
    """All of it at a rate for one period of the flows."""
    return Appraisal(
        npv=npv(flows, rate),
        payback=payback(flows),
        discounted_payback=discounted_payback(flows, rate),
        ratio=benefit_cost_ratio(flows, rate),
        irr=irr(flows),
    )


def _present(flows: Sequence[int], rate: Decimal) -> Decimal:
    """Horner's rule: no power of the discount factor can overflow."""
    with localcontext(EXACT):
        value = Decimal(0)
        for flow in reversed(flows):
            value = value / (1 + rate) + flow
        return value


def _discounted(flows: Sequence[int], rate: Decimal) -> list[Decimal]:
    with localcontext(EXACT):
        return [Decimal(flow) / (1 + rate) ** period for period, flow in enumerate(flows)]


def _crossing(values: Sequence[Decimal]) -> Decimal | None:
    """Where the running sum reaches zero for good measure: the first time, a fraction of a period."""
    with localcontext(EXACT):
        total = Decimal(0)
        for period, value in enumerate(values):
            before, total = total, total + value
            if total >= 0 and (period or value >= 0):
                return period - 1 + (-before / value) if before < 0 else Decimal(period)
    return None


def _sign_changes(flows: Sequence[int]) -> int:
    signs = [flow > 0 for flow in flows if flow]
    return sum(a != b for a, b in itertools.pairwise(signs))


def _bisect(value: Callable[[Decimal], Decimal], low: Decimal, high: Decimal) -> Decimal:
    with localcontext(EXACT):
        below = value(low) > 0
        while high - low > TOLERANCE:
            middle = (low + high) / 2
            if (value(middle) > 0) == below:
                low = middle
            else:
                high = middle
        return (low + high) / 2


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN, context=EXACT))
