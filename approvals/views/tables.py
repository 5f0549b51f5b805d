"""Tables of approvals: requests, and before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.http import HttpRequest

from approvals.choices import RequestState
from approvals.models import ChangeRequest
from approvals.services import Effect, Proof, kinds
from core import formats
from core.money import MICROS, Money
from core.parts import Delta
from core.tables import Cell, Column, Table

OVERTAKEN = "Overtaken, to be sent again"


class RequestTable(Table):
    key = "requests"
    noun = "requests"
    columns = (
        Column(
            "title", "Request", kind="link", url="get_absolute_url", priority=1, sub="reference"
        ),
        Column("kind", "Kind", kind="custom", priority=3),
        Column("team", "Team", sort="team.name", priority=3),
        Column("amount", "Amount", kind="money", sort="own_micros", priority=1, digits=0),
        Column("requested_by", "Asked by", kind="user", sort="requested_by.name"),
        Column("get_state_display", "State", kind="badge", tone="state_tone", sort="state"),
        Column("left", "Time left", kind="custom", sort="due_at", nowrap=True),
        Column(
            "created_at", "Asked", kind="datetime", default_visible=False, priority=3, nowrap=True
        ),
    )
    search = ("title", "requested_by.name")
    empty_title = "Nothing waits for you"
    empty_text = "What others ask for and you may decide arrives here, and in your mail."

    def __init__(
        self, request: HttpRequest, rows: Any, *, now: datetime, bulk_url: str = ""
    ) -> None:
        super().__init__(request, rows, bulk_url=bulk_url)
        self.now = now
        self.kinds = kinds()

    def cell(self, record: ChangeRequest, column: Column) -> Cell:
        """A request that was overtaken says so instead of that it waits."""
        cell = super().cell(record, column)
        if column.key == "get_state_display" and record.has_moved:
            cell.value, cell.tone = OVERTAKEN, "bad"
        return cell

    def cell_kind(self, row: ChangeRequest) -> str:
        return self.kinds.get(row.kind, row.kind)

    def cell_left(self, row: ChangeRequest) -> str:
        if row.state != RequestState.OPEN or row.due_at is None:
            return ""
        return formats.left(row.due_at, self.now)


class ChosenTable(Table):
    """Requests that are about to be decided together."""

    key = "chosen"
    noun = "requests"
    per_page = 200
    columns = (
        Column(
            "title", "Request", kind="link", url="get_absolute_url", priority=1, sub="reference",
            sortable=False,
        ),
        Column("team", "Team", sortable=False, priority=3),
        Column("amount", "Amount", kind="money", sortable=False, priority=1, digits=0),
        Column("requested_by", "Asked by", kind="user", sortable=False),
        Column("reason", "Why", sortable=False, priority=3),
    )  # fmt: skip
    empty_title = "Nothing is chosen"
    empty_text = "What you chose was decided meanwhile, or does not wait for you."


class LeftOutTable(Table):
    """Requests that cannot be approved as they stand."""

    key = "left-out"
    noun = "requests"
    per_page = 200
    columns = (
        Column(
            "title", "Request", kind="link", url="url", priority=1, sub="reference", sortable=False
        ),
        Column("why", "Why not", sortable=False, priority=1),
        Column("remedy", "What to do", sortable=False, priority=1),
    )


class AnsweredTable(Table):
    """What became of each of them."""

    key = "answered"
    noun = "requests"
    per_page = 200
    columns = (
        Column(
            "title", "Request", kind="link", url="url", priority=1, sub="reference", sortable=False
        ),
        Column("outcome", "Outcome", kind="badge", tone="tone", priority=1, sortable=False),
        Column("why", "Why not, and what to do", sortable=False, priority=1),
    )


class RuleTable(Table):
    """The rules of a policy, in the order in which they are tried."""

    key = "rules"
    noun = "rules"
    row_id = "number"
    columns = (
        Column("amounts", "Amount", priority=1, sortable=False, strong=True),
        Column("kinds", "Kind of change", sortable=False, sub="conditions"),
        Column("who", "Who approves", sortable=False),
    )


class RuleChangeTable(Table):
    """Rules before and after."""

    key = "rule-changes"
    noun = "rules"
    row_id = "label"
    columns = (
        Column("label", "Rule", priority=1, sortable=False, strong=True, nowrap=True),
        Column("before", "Before", sortable=False),
        Column("after", "After", sortable=False, strong=True, priority=1),
    )
    empty_title = "No rule differs"
    empty_text = "The rules are the same on both sides."


class VersionTable(Table):
    """Versions of the policy, the newest first."""

    key = "versions"
    noun = "versions"
    columns = (
        Column("name", "Version", kind="link", url="url", priority=1, sortable=False),
        Column("since", "In force since", kind="datetime", sortable=False),
        Column("proposed", "Proposed by", kind="user", sortable=False),
        Column("confirmed", "Confirmed by", sortable=False),
        Column("reason", "Why", sortable=False, priority=3),
    )
    empty_title = "No version is kept yet"
    empty_text = "The rules shown come into force with the first request."


class ReroutedTable(Table):
    """Requests that would have gone another way."""

    key = "rerouted"
    noun = "requests"
    row_tone = "tone"
    search: ClassVar[Sequence[str]] = ("title", "reference")
    columns: ClassVar[Sequence[Column]] = (
        Column("title", "Request", kind="link", url="url", priority=1, sub="reference"),
        Column("team", "Team", priority=3, sortable=False),
        Column("amount", "Amount for policy", kind="money", digits=0),
        Column("before", "Went to", sortable=False),
        Column("after", "Would go to", strong=True, sortable=False, priority=1),
    )
    empty_title = "Every request would have gone the same way"
    empty_text = "Choose another time, or other rules."


class TriedTable(ReroutedTable):
    """The same beside rules that were typed and not sent: nothing in it leads away from them."""

    key = "tried"
    search = ()
    per_page = 200
    columns = tuple(replace(column, sortable=False) for column in ReroutedTable.columns)

    @property
    def choices(self) -> list[tuple[Column, bool]]:
        return []


class MoneyEffects(Table):
    """Amounts before and after, the sum in the last row when it is one currency."""

    key = "effects"
    noun = "lines"
    per_page = 200
    columns: ClassVar[Sequence[Column]] = (
        Column("line", "Line", kind="channel", priority=1, sortable=False, sub="note"),
        Column("owner", "Owner", sortable=False, priority=3),
        Column("before", "Before", kind="money", digits=0, sortable=False, nowrap=True),
        Column("change", "Change", kind="delta", sortable=False, priority=1, strong=True),
        Column("after", "After", kind="money", digits=0, sortable=False, sub="percent"),
        Column("picture", "Before and after", kind="before_after", sortable=False, priority=3),
    )


class CentEffects(MoneyEffects):
    """The same to the minor unit, where amounts are not whole; they need the picture's room."""

    columns = tuple(
        replace(column, kind="money_exact") if column.kind == "money" else column
        for column in MoneyEffects.columns
        if column.key != "picture"
    )


class TextEffects(Table):
    key = "effects"
    noun = "lines"
    per_page = 200
    columns = (
        Column("label", "What", priority=1, sortable=False, sub="note"),
        Column("before", "Before", sortable=False),
        Column("after", "After", sortable=False, strong=True, priority=1),
    )


def effect_table(request: HttpRequest, effects: Sequence[Effect], sums: Sequence[Proof]) -> Table:
    """Before and after as a table."""
    money = [effect for effect in effects if effect.change is not None]
    if len(money) < len(effects):
        return TextEffects(request, [_text_row(effect) for effect in effects], export=False)
    widest = max((_micros(v) for e in money for v in (e.before, e.after)), default=1)
    are_whole = all(_is_whole(v) for e in money for v in (e.before, e.after))
    rows = [_money_row(effect, widest, are_whole) for effect in money]
    totals = _totals(sums[0], are_whole) if len(sums) == 1 else None
    kind = MoneyEffects if are_whole else CentEffects
    return kind(request, rows, totals=totals, export=False)


def _is_whole(value: Money | str) -> bool:
    return _micros(value) % MICROS == 0


def _text_row(effect: Effect) -> Mapping[str, Any]:
    note = " · ".join(filter(None, (effect.note, effect.owner)))
    return {
        "label": effect.label,
        "before": _words(effect.before),
        "after": _words(effect.after),
        "note": note,
    }


def _words(value: Money | str) -> str:
    return formats.money_whole(value) if isinstance(value, Money) else value


def _micros(value: Money | str) -> int:
    return value.micros if isinstance(value, Money) else 0


def _money_row(effect: Effect, widest: int, is_whole: bool) -> Mapping[str, Any]:
    before, after = _micros(effect.before), _micros(effect.after)
    share = Decimal(after - before) / before if before else None
    return {
        "line": (effect.channel, effect.label),
        "note": effect.note,
        "owner": effect.owner,
        "before": effect.before,
        "change": _change(effect.change, is_whole),
        "after": effect.after,
        "percent": "" if share is None else formats.percent_signed(share, 1),
        "picture": (before, after, widest),
    }


def _change(change: Money | None, is_whole: bool) -> Delta | None:
    """A budget's change is neither good nor bad by itself."""
    if change is None:
        return None
    text = formats.money_whole(change) if is_whole else formats.money_exact(change)
    direction = "up" if change.micros > 0 else "down" if change.micros < 0 else "flat"
    return Delta(f"+{text}" if change.micros > 0 else text, direction)


def _totals(proof: Proof, is_whole: bool) -> Mapping[str, Any]:
    return {
        "before": proof.before,
        "change": _change(proof.change, is_whole),
        "after": proof.after,
    }
