"""The parts of a landing page's address, cut exactly as dbt's packages cut them.

So a report made here can be laid beside one from a warehouse. Therefore an address without a
path answers with its host as the path, and values are not decoded.
"""

from __future__ import annotations

import re

_SCHEMES = re.compile(r"https?://|android-app://")
_BRACKETS = "[]\"' "


def base(address: str) -> str | None:
    """Everything before the question mark."""
    return address.partition("?")[0] or None


def host(address: str) -> str | None:
    return _SCHEMES.sub("", address).partition("/")[0].partition("?")[0] or None


def path(address: str) -> str:
    bare = re.sub(r"https?://", "", address)
    slash = bare.find("/")
    return f"/{bare[slash + 1 :].partition('?')[0]}"


def parameter(address: str, name: str) -> str | None:
    """The value of a parameter such as ``utm_source``; None where it has none."""
    _, found, rest = address.partition(f"{name}=")
    return (rest.partition("&")[0] or None) if found else None


def first_item(text: str) -> str | None:
    """The first item of a list written as text: ``[a, b]``, ``["a"]``, or a single ``a``."""
    return text.strip(_BRACKETS).partition(",")[0].strip(_BRACKETS) or None
