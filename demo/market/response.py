"""How spend turns into conversions: carry-over, then a curve that flattens.

Jin, Wang, Sun, Chan and Koehler 2017, "Bayesian Methods for Media Mix Modeling with Carryover and
Shape Effects", equations 1 and 4.
"""

from dataclasses import dataclass

import numpy as np

from demo.market.model import FloatArray


@dataclass(frozen=True, slots=True)
class Curve:
    """Conversions a day = ceiling x / (half + x), x being spend a day with its carry-over.

    `half` is the spend at half the ceiling, `carry` the share of a day's effect that is left the
    day after. The shape is Hill's with exponent one: returns diminish from the first unit on.
    """

    ceiling: float
    half: float
    carry: float

    def conversions(self, spend: FloatArray) -> FloatArray:
        """Expected conversions a day for daily spend (D,), at constant demand."""
        effect = adstock(spend, self.carry)
        answer: FloatArray = self.ceiling * effect / (self.half + effect)
        return answer

    def elasticity(self, spend: float) -> float:
        """Percent more conversions for one percent more spend, spent steadily."""
        return self.half / (self.half + spend)


def curve_through(spend: float, conversions: float, *, elasticity: float, carry: float) -> Curve:
    """The curve that brings `conversions` a day at steady `spend`, with that elasticity there."""
    half = spend * elasticity / (1 - elasticity)
    return Curve(conversions * (half + spend) / spend, half, carry)


def adstock(spend: FloatArray, carry: float) -> FloatArray:
    """Geometric carry-over, scaled so that steady spend stays what it is; shape (D,)."""
    effect = np.empty_like(spend)
    level = 0.0
    for day, amount in enumerate(spend):
        level = carry * level + (1 - carry) * amount
        effect[day] = level
    return effect
