"""How much a finding is about, so that the loudest one comes first."""

from analytics.results import Severity

# A finding worth a tenth of what it is measured against must reach a person today.
SHARES = ((0.10, Severity.CRITICAL), (0.05, Severity.HIGH), (0.01, Severity.MEDIUM))


def ratio_stake(reference: float, latest: float, *, denominator: float) -> float:
    """What a ratio's departure from its reference is worth, in units of the numerator.

    `denominator` is the volume it applies to: with return on spend, the spend of the coming
    period, and the stake is revenue gained or lost; with cost per order, the orders, and the stake
    is cost. Always positive or zero.
    """
    return abs(latest - reference) * max(denominator, 0.0)


def severity(stake: float, *, of: float) -> Severity:
    """Grade a stake by its share of `of` (say, the owner's budget or revenue of the period).

    From 10 % critical, from 5 % high, from 1 % medium, else low. Without anything to compare
    with, a positive stake is high: nobody can say that it does not matter.
    """
    if of <= 0:
        return Severity.HIGH if stake > 0 else Severity.LOW
    for share, grade in SHARES:
        if stake / of >= share:
            return grade
    return Severity.LOW
