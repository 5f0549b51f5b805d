"""How far a contact has come, in the words of CRM systems."""

from __future__ import annotations

# Lead, qualified by marketing, accepted by sales; whoever came farther was all of them.
LEAD, MQL, SQL = 1, 2, 3
_STAGES = {
    "lead": LEAD,
    "marketingqualifiedlead": MQL,
    "mql": MQL,
    "salesqualifiedlead": SQL,
    "sql": SQL,
    "opportunity": SQL + 1,
    "customer": SQL + 2,
    "evangelist": SQL + 2,
}
# Younger leads have not had the time to be qualified: they count as leads, not in shares.
YOUNG_DAYS = 14
SPANS = {"28": "Last 28 days", "91": "Last 13 weeks", "182": "Last 26 weeks"}
AGAINST = {"previous": "The days before", "year": "The same days a year ago"}


def stage_of(lifecycle: str) -> int:
    """The rank of a life cycle stage; 0 of what is no lead (a subscriber, say)."""
    return _STAGES.get("".join(lifecycle.casefold().replace("_", " ").split()), 0)
