"""Whether different people can be found for all places: each decides once."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def can_all_be_filled(slots: Sequence[Collection[int]]) -> bool:
    """Whether every slot gets a person of its own (maximum bipartite matching, Kuhn 1955)."""
    holder: dict[int, int] = {}

    def place(slot: int, seen: set[int]) -> bool:
        for person in slots[slot]:
            if person in seen:
                continue
            seen.add(person)
            if person not in holder or place(holder[person], seen):
                holder[person] = slot
                return True
        return False

    return all(place(slot, set()) for slot in range(len(slots)))
