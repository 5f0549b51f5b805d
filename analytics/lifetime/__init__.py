"""What customers bring over time by the channel that won them, and when that has paid.

customers  customers with their purchases, and for how long each is known
cohorts    value at 90, 180 and 365 days as observed, cost to win, payback
buying     what customers not yet so old are expected to buy
"""

from analytics.lifetime.buying import predicted_value
from analytics.lifetime.cohorts import cohorts
from analytics.lifetime.customers import Customers, won_by_first_purchase
from analytics.lifetime.results import Cohort, LifetimeValue, Payback

__all__ = [
    "Cohort",
    "Customers",
    "LifetimeValue",
    "Payback",
    "cohorts",
    "predicted_value",
    "won_by_first_purchase",
]
