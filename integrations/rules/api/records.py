"""Customer records in an API's answers, reduced at the door to what is read of them.

Nothing else of an item is kept, and what says who somebody is becomes a token first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.personal import EMAIL, Kind
from integrations.rules.api.filling import at
from integrations.rules.api.grammar import Records
from integrations.rules.personal import Hash

OPEN, WON, LOST = "open", "won", "lost"
PEOPLE: Mapping[str, Mapping[str, Kind]] = {
    "opportunity": {"contact_refs": Kind.NUMBER},
    "contact": {
        "number": Kind.NUMBER,
        "email": Kind.EMAIL,
        "phone": Kind.PHONE,
        "person_name": Kind.NAME,
    },
}
_LIST = ".*."


def cells_of(shape: Records, item: Any, system: str, hash_: Hash) -> dict[str, str]:
    """An item as the cells of a customer file's row, all texts, with tokens in place of people."""
    people = PEOPLE.get(shape.entity, {})
    cells = {
        name: _cell(_said(item, place), people.get(name), system, hash_)
        for name, place in shape.cells.items()
    }
    return {**cells, "outcome": _outcome(shape, item)} if shape.closed else cells


def _cell(said: list[str], kind: Kind | None, system: str, hash_: Hash) -> str:
    if kind is Kind.NUMBER:
        return ";".join(hash_(kind, one, system) for one in said)
    text = " ".join(said)
    if kind and text:
        return hash_(kind, text, system)
    return EMAIL.sub(lambda found: hash_(Kind.EMAIL, found[0], ""), text)


def _said(item: Any, places: str) -> list[str]:
    """What stands at some places, in their order, without what says nothing."""
    found = [one for place in places.split() for one in _all_at(item, place)]
    return [str(one).strip() for one in found if one is not None and str(one).strip()]


def _all_at(item: Any, place: str) -> list[Any]:
    if _LIST not in place:
        return [at(item, place)]
    head, _, rest = place.partition(_LIST)
    listed = at(item, head)
    return [at(one, rest) for one in listed] if isinstance(listed, list) else []


def _outcome(shape: Records, item: Any) -> str:
    if _yes(at(item, shape.won)):
        return WON
    return LOST if _yes(at(item, shape.closed)) else OPEN


def _yes(said: Any) -> bool:
    return said is True or str(said).lower() == "true"
