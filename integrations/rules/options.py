"""What the person or the connection says about a file before it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """``today``: the account's own calendar day; later days are refused.

    ``source``: key of a layout (``google_ads``) if the connection knows it; else it is found.
    ``currency``: the account's currency, used only where the file names none.
    ``mapping``: target to column header, remembered or made by hand; ``""`` as header says that the
    file deliberately has no such column; ``#7`` means the seventh column.
    ``settings``: answers to questions and facts about the account: ``year``, ``date_order``
    (dmy, mdy, ymd), ``decimal`` (point, comma), ``locale`` (de-DE), ``account``, ``account_tz``,
    ``currency``, ``sheet``, ``grain`` (period), ``override`` (CONTROL_TOTAL_MISMATCH,
    ROW_COUNT_MISMATCH), or any target name with the column chosen for it (``revenue``).
    ``mended``: rows a person wrote anew, by their number in the file.
    """

    today: date
    source: str | None = None
    currency: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    mended: Mapping[int, Sequence[str]] = field(default_factory=dict)
