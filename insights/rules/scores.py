"""What each kind of chance is about: whom, of what, for how long, what is known, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

LEADS, CHURN, EXPANSION = "leads", "churn", "expansion"
# The days after its first one on which a lead is looked at, and until when it is given a chance.
LEAD_AGE = 45
# An account is a customer while it paid or used something within these days.
ACTIVE = timedelta(days=90)
# A chance is written down anew when it moved by so much.
MOVED = 0.02
# Of the nightly tables that no model was trained on, so many are kept.
KEPT_TABLES = 14


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of chance in words. ``horizon``: within how long the outcome counts."""

    key: str
    label: str
    noun: str
    one: str
    outcome: str
    came: str
    horizon: timedelta
    by_account: bool
    definition: str


KINDS: Mapping[str, Kind] = {
    one.key: one
    for one in (
        Kind(
            LEADS, "Leads", "leads", "lead", "converts", "converted", timedelta(days=60),
            by_account=False,
            definition="An opportunity is created within 60 days that names the person, or names "
            f"nobody and is of their account. Each lead is looked at once, up to {LEAD_AGE} days "
            "after it came in.",
        ),
        Kind(
            CHURN, "Churn", "accounts", "account", "leaves", "left", timedelta(days=90),
            by_account=True,
            definition="An account that paid or used something in the 90 days before does neither "
            "in the 90 days after. Each account is looked at every 90 days.",
        ),
        Kind(
            EXPANSION, "Expansion", "accounts", "account", "buys more", "bought more",
            timedelta(days=120), by_account=True,
            definition="An account that has bought before wins a further opportunity within 120 "
            "days. Each account is looked at every 120 days.",
        ),
    )
}  # fmt: skip

# How a column is called, and what stands behind its number.
WORDS: Mapping[str, tuple[str, str]] = {
    "age_days": ("Days since the lead came in", ""),
    "origin": ("Came from", ""),
    "industry": ("Industry", ""),
    "country": ("Country", ""),
    "touches_7": ("Touches in 7 days", ""),
    "touches_30": ("Touches in 30 days", ""),
    "touch_kinds": ("Different kinds of touch", ""),
    "touch_days": ("Days since the latest touch", ""),
    "touch_kind": ("Kind of the latest touch", ""),
    "people": ("People known of the account", ""),
    "deals_before": ("Earlier opportunities of the account", ""),
    "paid_before": ("Earlier payments of the account", ""),
    "known_days": ("Customer for", "days"),
    "paid_90": ("Payments in 90 days", ""),
    "paid_change": ("Payments against the 90 days before", ""),
    "paid_days": ("Latest payment", "days ago"),
    "failed_90": ("Failed payments in 90 days", ""),
    "used_30": ("Use in 30 days", "events"),
    "used_change": ("Use against the 30 days before", ""),
    "used_days": ("Latest use", "days ago"),
    "touches_90": ("Touches in 90 days", ""),
    "open_deals": ("Open opportunities", ""),
    "won_before": ("Opportunities won before", ""),
    "won_days": ("Latest opportunity won", "days ago"),
}
NOTHING = "none"


def called(name: str) -> str:
    """A column in words."""
    return WORDS.get(name, (name.replace("_", " ").capitalize(), ""))[0]


def reason(effect: Mapping[str, Any]) -> str:
    """``Latest payment: 74 days ago``."""
    label, unit = WORDS.get(effect["name"], (called(effect["name"]), ""))
    value = str(effect["value"])
    if not value:
        return f"{label}: {NOTHING}"
    return f"{label}: {_tidy(value)}{f' {unit}' if unit else ''}"


def _tidy(value: str) -> str:
    """A number without more digits than anybody reads; text as it is."""
    try:
        number = float(value)
    except ValueError:
        return value
    return f"{number:,.0f}" if number == int(number) or abs(number) >= 10 else f"{number:.1f}"


# What helps against a reason to leave, by the column that raises the chance most.
_AGAINST_LEAVING = {
    "failed_90": "Mend the payment: ask for a new card before the next attempt.",
    "paid_days": "Call about the next order before the season's price list closes.",
    "paid_90": "Call about the next order before the season's price list closes.",
    "paid_change": "Ask what changed: they order less often than the quarter before.",
    "used_30": "Offer a visit or a training: they hardly use what they have.",
    "used_change": "Offer a visit or a training: use is falling.",
    "used_days": "Offer a visit or a training: they stopped using it.",
    "touches_90": "Write to them personally: hardly anything reached them this quarter.",
    "touch_days": "Write to them personally: nothing has reached them for a while.",
    "known_days": "Welcome them: new accounts leave most often in their first months.",
    "people": "Find a second contact: one person alone holds the account.",
    "open_deals": "Talk about what comes next: no opportunity is open.",
}
_TO_BUY_MORE = {
    "used_change": "Offer the next larger set: use is rising.",
    "used_30": "Offer the next larger set: they use much of what they have.",
    "paid_90": "Offer terms for regular orders: they pay often.",
    "paid_change": "Offer terms for regular orders: they order more than before.",
    "won_days": "Invite them to the next season's order.",
    "won_before": "Invite them to the next season's order.",
    "touches_90": "Follow up on what they looked at this quarter.",
    "touch_days": "Follow up on what they looked at this quarter.",
    "open_deals": "Add to the opportunity that is open.",
}
_CALL = {
    CHURN: "Call and ask what changed.",
    EXPANSION: "Ask what they are planning for next season.",
}


def next_step(kind: str, raises: Sequence[Mapping[str, Any]], *, is_high: bool) -> str:
    """What to do about a chance: of the reasons that raise it, the first that can be acted on."""
    if kind == LEADS:
        return "Call within a day." if is_high else "Keep in the newsletter."
    if kind == CHURN and not is_high:
        return "Nothing now; looked at again tonight."
    known = _AGAINST_LEAVING if kind == CHURN else _TO_BUY_MORE
    return next((known[one["name"]] for one in raises if one["name"] in known), _CALL[kind])
