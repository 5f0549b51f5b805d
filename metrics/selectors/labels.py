"""What the numbers in a result's rows are called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from accounts.models import Team, User
from campaigns.choices import Objective, Platform
from campaigns.models import Campaign, CampaignLine, Channel, Creative
from core.once import once
from metrics.models import Segment

NOT_SPLIT = "Not split"
NOT_NAMED = "Not named"
OF_CHANNEL = "channel:"
Names = Mapping[Any, str]
LabelProvider = Callable[[Collection[int]], Names]


def _named(model: Any, field: str = "name") -> LabelProvider:
    def read(ids: Collection[int]) -> Names:
        rows = model.objects.filter(pk__in=ids).values_list("pk", field)
        return once((model, field, frozenset(ids)), lambda: dict(rows))

    return read


_CHANNEL_KEYS = _named(Channel, "key")
_providers: dict[str, LabelProvider] = {
    "campaign": _named(Campaign),
    "line": _named(CampaignLine),
    "channel": _named(Channel),
    "team": _named(Team),
    "owner": _named(User),
    "creative": _named(Creative),
    "segment": _named(Segment, "key"),
}


def register_labels(dimension: str, provider: LabelProvider) -> None:
    """Say what the numbers of a dimension are called (``integrations`` names sources)."""
    _providers[dimension] = provider


def labels(dimension: str, keys: Collection[Any]) -> Names:
    """The name of each key; a missing name is the key itself."""
    if dimension == "objective":
        return {key: Objective(key).label for key in keys}
    if dimension == "platform":
        return _platforms(keys)
    found = _providers[dimension](keys) if dimension in _providers and keys else {}
    return {key: found.get(key) or _unnamed(dimension, key) for key in keys}


def _platforms(keys: Collection[str]) -> Names:
    """A platform's name; of lines without one that of their channel."""
    known = dict(Platform.choices)
    others = [key.removeprefix(OF_CHANNEL) for key in keys if key not in known]
    rows = Channel.objects.filter(key__in=others) if others else Channel.objects.none()
    channels = dict(rows.values_list("key", "name"))
    return {
        key: known.get(key) or channels.get(key.removeprefix(OF_CHANNEL)) or key for key in keys
    }


def channel_keys(ids: Collection[int]) -> Names:
    """The key of each channel: its colour hangs on it."""
    return _CHANNEL_KEYS(ids)


def _unnamed(dimension: str, key: Any) -> str:
    if dimension in ("creative", "segment") and not key:
        return NOT_SPLIT
    if dimension.startswith("segment:") and not key:
        return NOT_SPLIT
    if dimension.startswith("name:") and not key:
        return NOT_NAMED
    return f"Source {key}" if dimension == "source" else str(key)
