"""What is planted in the market, told from its last day backwards so that it is always current.

Each story has a line it happens to and a shape that later work can be scored against. Changes of
the optimisation log have a true effect that the company does not know.
"""

from dataclasses import dataclass

# A return that falls month after month: per month of 30.4 days, over the last `days`.
FALLING_LINE = "dach-display-prospecting-display"
FALLING_DAYS = 160
FALLING_PER_MONTH = 0.17

# Its budget stops it every day although it returns more than its target asks.
LIMITED_LINE = "dach-shopping-core-shopping"
LIMITED_DAYS = 84

# Planned the same in every month, so that only the story moves their return.
EVEN_LINES = (FALLING_LINE, LIMITED_LINE)

# It spends more than was planned.
OVERSPENDING_LINE = "na-category-search-search"
OVERSPENDING_DAYS = 50
OVERSPENDING_SHARE = 0.24

# A creative that people have seen too often: click-through falls by `share` of its first value.
TIRED_LINE = "uki-prospecting-video-social"
TIRED_SINCE = 66
TIRED_FRESH_DAYS = 12
TIRED_SHARE = 0.55

# The conversion tag of one platform was lost for a few days.
OUTAGE_PLATFORM = "meta_ads"
OUTAGE_FIRST, OUTAGE_LAST = 41, 38

# Stopped by hand, with budget left.
PAUSED_LINE = "dach-creators-creators"
PAUSED_SINCE = 24

# Campaigns (team and template) that began later than the others, days before the last day.
LATE_STARTS = {"na-marketplaces": 250, "uki-display-prospecting": 11}


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change `days_ago` days before the last day, what was hoped and what it truly does.

    `effect` multiplies conversions per spend from that day on (0.2: a fifth more), for good.
    """

    days_ago: int
    line: str
    kind: str
    what: str
    old: str
    new: str
    hypothesis: str
    expected: tuple[int, int, int]
    effect: float


CHANGES = (
    PlannedChange(
        331, "dach-shopping-core-shopping", "bid", "Target return raised", "4.50×", "5.00×",
        "Cheaper clicks on core jackets outweigh the lost volume.", (2, 6, 10), 0.0,
    ),
    PlannedChange(
        296, "uki-shopping-core-shopping", "creative", "New titles for 214 jackets in the feed",
        "Model names", "Use first, then model",
        "People search for rain and wind, not for our model names.", (5, 12, 20), 0.22,
    ),
    PlannedChange(
        262, "na-prospecting-video-social", "audience", "Broad audience instead of lookalike",
        "Lookalike 2 %", "Broad, 25 to 54",
        "The platform finds buyers by itself once it has enough orders.", (3, 10, 18), -0.24,
    ),
    PlannedChange(
        233, "na-category-search-search", "audience", "Excluded 38 search terms around rental gear",
        "No exclusions", "38 terms excluded", "Renters do not buy.", (4, 8, 12), 0.18,
    ),
    PlannedChange(
        205, "dach-category-search-search", "bid", "Target cost per order lowered", "€30.00",
        "€28.00", "Orders hold while clicks get cheaper.", (0, 4, 8), 0.0,
    ),
    PlannedChange(
        190, "uki-marketplaces-retail_media", "creative", "Lifestyle pictures in sponsored listings",
        "Product on white", "In the field", "Pictures with people earn the second look.",
        (4, 9, 15), -0.25,
    ),
    PlannedChange(
        178, "dach-prospecting-video-social", "creative", "Ridge film replaces the summit still",
        "Summit still", "Ridge film 15 s", "Movement stops the thumb.", (5, 12, 20), 0.26,
    ),
    PlannedChange(
        152, "na-shopping-core-shopping", "bid", "Manual bids on footwear", "Automatic",
        "Manual, +15 %", "We know our margins better than the platform.", (2, 5, 9), -0.20,
    ),
    PlannedChange(
        131, "uki-category-search-search", "creative", "Free returns in every headline",
        "Price first", "Free returns first", "Size doubts keep people from ordering.",
        (3, 7, 12), 0.20,
    ),
    PlannedChange(
        112, "dach-retargeting-social", "audience", "Visitors of 14 days instead of 30", "30 days",
        "14 days", "Recent visitors remember what they looked at.", (2, 6, 10), 0.0,
    ),
    PlannedChange(
        92, "na-brand-search-search", "bid", "Bid cap on our own name", "No cap", "$0.60",
        "Nobody bids against us at night.", (1, 3, 6), 0.0,
    ),
    PlannedChange(
        61, "dach-partners-affiliates", "audience", "Coupon partners moved to a lower commission",
        "9 %", "5 %", "Coupon sites take orders that were ours anyway.", (3, 8, 14), 0.24,
    ),
    PlannedChange(
        19, "na-retargeting-social", "creative", "Basket pictures instead of the range",
        "Whole range", "What was in the basket", "People want to be reminded of their own choice.",
        (4, 9, 14), 0.20,
    ),
    PlannedChange(
        6, "dach-category-search-search", "budget", "Daily budget raised", "€820", "€900",
        "Orders are cheaper than target; there is room.", (2, 5, 8), 0.0,
    ),
)  # fmt: skip
