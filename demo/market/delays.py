"""How late conversions arrive: the share of the final number known by age, per platform."""

import numpy as np

from demo.market.model import FloatArray

LATEST_AGE = 28
# Platform -> share known the morning after, and days until two thirds of the rest are known.
ARRIVAL = {
    "google_ads": (0.66, 4.5),
    "microsoft_ads": (0.64, 4.5),
    "meta_ads": (0.58, 3.0),
    "affiliate_network": (0.38, 8.0),
    "mail_platform": (0.88, 2.0),
    "creator_ledger": (0.45, 7.0),
    "retail_media": (0.52, 5.5),
}
PLATFORMS = tuple(ARRIVAL)


def known_shares() -> FloatArray:
    """Share known at age 0 to 28 days, one row per platform; 0 at age 0, exactly 1 at the end."""
    ages = np.arange(LATEST_AGE + 1)
    rows = []
    for first, pace in ARRIVAL.values():
        arrived = 1 - (1 - first) * np.exp(-(ages - 1) / pace)
        rows.append(np.where(ages == 0, 0.0, arrived / arrived[-1]))
    return np.array(rows)
