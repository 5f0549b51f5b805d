"""Made-up people with a known chance of converting."""

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.scores import Column


def people(seed: int, n: int = 3000) -> tuple[dict[str, Column], IntArray, FloatArray]:
    """Columns, outcomes and true chances: partners and frequent visitors convert."""
    random = np.random.default_rng(seed)
    visits = random.gamma(2, 2, n)
    source = random.choice(["search", "social", "partner"], n)
    chances = 1 / (1 + np.exp(2.2 - 0.35 * visits - 1.2 * (source == "partner")))
    outcome = (random.random(n) < chances).astype(np.int64)
    table: dict[str, Column] = {
        "visits": np.where(random.random(n) < 0.1, np.nan, visits),
        "source": source,
        "noise": random.normal(size=n),
    }
    return table, outcome, chances
