"""The best split of a budget between channels whose results add up.

S-shaped curves have several local optima, and a gradient method returns the one it started in. The
split is instead found by dynamic programming on a grid of amounts (Bellman 1957, "Dynamic
Programming"), which looks at every combination of levels, and again on ever finer grids around the
best one until steps are below half a cent.
"""

from collections.abc import Callable

import numpy as np

from analytics.allocation.bounds import CENT, Box, to_cents
from analytics.arrays import FloatArray

Worth = Callable[[int, FloatArray], FloatArray]
FIRST_STEPS, LATER_STEPS = 400, 120
MOST_ROUNDS = 40
# Steps of the coarser grid kept on both sides of its best split.
WINDOW = 2


def best_split(worth: Worth, box: Box, budget: float) -> FloatArray:
    """The split (C,) in whole cents with the largest sum of `worth(channel, amounts)`.

    `worth` gives for amounts (L,) of a channel what each brings (L,). Keeps the box and sums to the
    budget to the cent.
    """
    low, high, steps = box.low, box.high, FIRST_STEPS
    split = box.low
    for _ in range(MOST_ROUNDS):
        split, step = _on_grid(worth, low, high, budget, steps)
        if step < CENT / 2:
            break
        low = np.maximum(box.low, split - WINDOW * step)
        high = np.minimum(box.high, split + WINDOW * step)
        steps = max(LATER_STEPS, 10 * len(low))
    return to_cents(split, box, budget)


def _on_grid(
    worth: Worth, low: FloatArray, high: FloatArray, budget: float, steps: int
) -> tuple[FloatArray, float]:
    """Best split between `low` and `high`, and the step of its grid.

    Counted from the end that lies nearer to the budget: only then do whole steps always fit.
    """
    above, below = max(budget - low.sum(), 0.0), max(high.sum() - budget, 0.0)
    start, away = (low, 1.0) if above <= below else (high, -1.0)
    step = float(min(above, below)) / steps
    if step == 0:
        return start.copy(), 0.0
    most = np.minimum(np.floor((high - low) / step + 1e-9), steps).astype(np.int64)
    gains = [
        worth(i, start[i] + away * step * np.arange(count + 1)) for i, count in enumerate(most)
    ]
    return start + away * step * _counts(gains, steps), step


def _counts(gains: list[FloatArray], steps: int) -> FloatArray:
    """How many steps each channel takes, `steps` in all, for the largest sum of gains."""
    best = np.full(steps + 1, -np.inf)
    best[0] = 0.0
    choices = []
    for gain in gains:
        padded = np.concatenate([np.full(len(gain) - 1, -np.inf), best])
        windows = np.lib.stride_tricks.sliding_window_view(padded, len(gain))
        sums = windows + gain[::-1]
        taken = sums.argmax(axis=1)
        best = np.take_along_axis(sums, taken[:, None], axis=1)[:, 0]
        choices.append(len(gain) - 1 - taken)
    left, counts = steps, []
    for choice in reversed(choices):
        counts.append(int(choice[left]))
        left -= counts[-1]
    return np.array(counts[::-1], dtype=np.float64)
