"""What any split would bring, from stored curves: quick enough for a slider."""

from collections.abc import Mapping

from analytics.allocation.recommend import LEVEL, beyond
from analytics.allocation.results import Scenario
from analytics.resample import percentile_interval
from analytics.response import Curves, named_row


def scenario(curves: Curves, spend: Mapping[str, float]) -> Scenario:
    """What `spend` a week by channel, kept up, brings a week, and against today's spend.

    Raises ValueError when a channel is missing or unknown, or an amount is negative.
    """
    row = named_row(curves.names, spend)
    if (row < 0).any():
        raise ValueError("spend is negative")
    brought = curves.steady(row)
    total = brought.sum(axis=-1)
    change = total - curves.steady(curves.current).sum(axis=-1)
    return Scenario(
        result=float(total.mean()),
        result_80=percentile_interval(total, LEVEL),
        by_channel=dict(zip(curves.names, brought.mean(axis=0).tolist(), strict=True)),
        change=float(change.mean()),
        change_80=percentile_interval(change, LEVEL),
        beyond=beyond(curves, row),
    )
