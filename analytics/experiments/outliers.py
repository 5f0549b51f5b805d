"""Does the answer hang on one unit."""

import numpy as np

from analytics.arrays import FloatArray
from analytics.experiments.frequentist import rank_p, welch
from analytics.experiments.moments import value_moments
from analytics.experiments.results import Sensitivity

# In standard errors: an estimate that one unit of many moves this far is not the many's.
FAR = 0.25


def sensitivity(control: FloatArray, treated: FloatArray, *, alpha: float) -> Sensitivity | None:
    """Compare two arms of values with and without their largest unit.

    None where leaving it out leaves an arm with fewer than two units or nothing varies.
    """
    middle = float(np.median(np.concatenate((control, treated))))
    far, far_treated = (np.abs(arm - middle) for arm in (control, treated))
    in_treated = bool(far_treated.max() > far.max())
    kept = [control, treated]
    place = int((far_treated if in_treated else far).argmax())
    value = float(kept[in_treated][place])
    kept[in_treated] = np.delete(kept[in_treated], place)
    if min(len(arm) for arm in kept) < 2 or all(np.ptp(arm) == 0 for arm in kept):
        return None
    whole = welch(value_moments(control), value_moments(treated), alpha=alpha)
    rest = welch(*(value_moments(arm) for arm in kept), alpha=alpha)
    moved = abs(float(rest.estimate - whole.estimate)) > FAR * float(whole.standard_error)
    changed = bool((whole.p < alpha) != (rest.p < alpha))
    return Sensitivity(
        value,
        in_treated,
        float(whole.estimate),
        float(whole.p),
        float(rest.estimate),
        float(rest.p),
        rank_p(control, treated),
        moved or changed,
    )
