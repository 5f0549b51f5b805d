"""Segments: each combination of further dimensions is kept once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from metrics.models import Segment

KEY_LENGTH = 300


def segment_ensure(attributes: Sequence[Mapping[str, str]]) -> list[int]:
    """The number of each combination, in the order given; 0 for an empty one.

    ``{"placement": "abc", "device": "mobile"}`` is the same combination in any order.
    """
    keys = [segment_key(item) for item in attributes]
    wanted = {key: dict(sorted(item.items())) for key, item in zip(keys, attributes, strict=True)}
    wanted.pop("", None)
    # Another load may create the same one at this moment: the unique key decides.
    Segment.objects.bulk_create(
        (Segment(key=key, attributes=item) for key, item in wanted.items()), ignore_conflicts=True
    )
    ids = dict(Segment.objects.filter(key__in=wanted).values_list("key", "pk"))
    return [ids[key] if key else 0 for key in keys]


def segment_key(attributes: Mapping[str, str]) -> str:
    """The one name of a combination: ``device=mobile placement=abc``, shortened when too long."""
    if not attributes:
        return ""
    parts = (f"{name}={value}" for name, value in sorted(attributes.items()))
    text = " · ".join(parts)
    if len(text) <= KEY_LENGTH:
        return text
    canonical = json.dumps(dict(attributes), sort_keys=True, ensure_ascii=False)
    digest = sha256(canonical.encode()).hexdigest()[:16]
    return f"{text[: KEY_LENGTH - 17]} {digest}"
