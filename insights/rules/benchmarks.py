"""What campaigns are compared by among their own past, and with how many results at least."""

from __future__ import annotations

# The metrics offered, the ones that say most first.
METRICS = ("roas", "cpa", "cvr", "ctr", "cpc", "cpm", "cpl", "roas_order_value")
# Of what is few, so many must be there before a campaign's value is one: with 30 results its cost
# per result is known to about a fifth.
LEAST = {"conversions": 30, "leads": 30, "clicks": 300, "impressions": 10_000}


def why_thin(sums: dict[str, float], measures: tuple[str, ...], labels: dict[str, str]) -> str:
    """Why a campaign's value says nothing yet; "" when it does."""
    for measure in measures:
        least = LEAST.get(measure)
        if least and sums[measure] < least:
            return f"Only {sums[measure]:,.0f} {labels[measure].lower()}; {least:,} are needed."
    return ""
