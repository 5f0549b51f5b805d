"""What a record said at a moment, before later imports changed it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from customers.models import RecordChange


class Attributes:
    """Earlier values of the records of an entity that some import changed.

    A record that nobody changed says what it always said; what it was before it was
    there counts as what it said first.
    """

    def __init__(self, entity: str, names: Collection[str], only: Collection[int] | None) -> None:
        self._before: dict[tuple[int, str], list[tuple[datetime, str]]] = defaultdict(list)
        changed = RecordChange.objects.filter(entity=entity).exclude(before=None)
        if only is not None:
            changed = changed.filter(record_id__in=only)
        rows = changed.order_by("batch__known_at", "pk").values_list(
            "record_id", "batch__known_at", *(f"before__{name}" for name in names)
        )
        for record, known_at, *values in rows:
            for name, value in zip(names, values, strict=True):
                self._before[record, name].append((known_at, str(value or "")))

    def at(self, record: int | None, name: str, moment: datetime, present: str) -> str:
        """The value of then; ``present`` where nothing changed since."""
        changes = self._before.get((record or 0, name), ())
        return next((value for known_at, value in changes if known_at > moment), present)
