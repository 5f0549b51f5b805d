"""The risk list: what may happen, ranked by what it would cost."""

from collections.abc import Iterable, Mapping

from analytics.drivers.results import RankedRisk, Risk
from analytics.stake import severity


def rank_risks(
    risks: Iterable[Risk], *, of: float, earlier: Mapping[str, float] | None = None
) -> tuple[RankedRisk, ...]:
    """Return the risks, the greatest expected loss first, the sooner first among equals.

    `of` is what losses are measured against (the budget or the revenue target of the period, above
    zero). A score is chance times loss over `of`; its grade is that of `analytics.stake`, taken
    from the cautious loss where one is known, so that a rare disaster is not averaged away.
    `earlier` holds expected losses by name from an earlier list, for the trend.

    Raises ValueError for a chance outside 0 to 1, a negative loss, or `of` not above zero.
    """
    if of <= 0:
        raise ValueError("what losses are measured against must be above zero")
    return tuple(
        sorted(
            (_ranked(risk, of, (earlier or {}).get(risk.name)) for risk in risks),
            key=lambda one: (-one.expected_loss, one.risk.days_left, one.risk.name),
        )
    )


def _ranked(risk: Risk, of: float, earlier: float | None) -> RankedRisk:
    if not 0 <= risk.chance <= 1:
        raise ValueError(f"{risk.name}: a chance lies between 0 and 1, not {risk.chance}")
    cautious = risk.loss if risk.cautious_loss is None else risk.cautious_loss
    if min(risk.loss, cautious) < 0:
        raise ValueError(f"{risk.name}: a loss is not negative")
    expected = risk.chance * risk.loss
    return RankedRisk(
        risk=risk,
        expected_loss=expected,
        cautious_loss=risk.chance * cautious,
        score=expected / of,
        change=None if earlier is None else expected - earlier,
        severity=severity(risk.chance * cautious, of=of),
    )
