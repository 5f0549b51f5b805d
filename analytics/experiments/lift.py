"""What a campaign added, measured against a group that was held out of it."""

import numpy as np

from analytics.experiments.frequentist import relative_lift, welch
from analytics.experiments.moments import Moments
from analytics.experiments.results import Lift
from analytics.results import Interval, Reason


def holdout_lift(
    held_out: Moments, treated: Moments, *, spend: float | None = None, alpha: float = 0.05
) -> Lift:
    """Lift of the treated over the held-out units, with what it cost.

    Cost per added result is `spend` over the added results; its interval inverts theirs and exists
    only where theirs excludes zero. A held-out level of zero has no relative lift.
    """
    difference = welch(held_out, treated, alpha=alpha)
    size, level = float(treated.n), 1 - alpha
    interval = Interval(float(difference.low) * size, float(difference.high) * size, level)
    share, share_interval = None, None
    if held_out.mean != 0:
        lift = relative_lift(held_out, treated, alpha=alpha)
        share = float(lift.estimate)
        share_interval = Interval(float(lift.low), float(lift.high), level)
    added = float(difference.estimate) * size
    is_clear = spend is not None and spend > 0 and interval.low > 0
    costs = (
        [spend / added, spend / interval.high, spend / interval.low] if is_clear and spend else []
    )
    return Lift(
        added,
        interval,
        share,
        share_interval,
        float(np.nan_to_num(difference.p, nan=1.0)),
        costs[0] if costs else None,
        Interval(costs[1], costs[2], level) if costs else None,
        int(held_out.n),
        int(treated.n),
        Reason.NO_BASE if share is None else None,
    )
