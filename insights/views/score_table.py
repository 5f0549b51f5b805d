"""The list of chances: whom, how likely, why, what to do, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Team, User
from accounts.permissions import person
from core import clock, formats
from core.tables import Cell, Column, Table
from customers.choices import PersonalField
from customers.permissions import may_see
from insights.models import Score
from insights.rules.scores import KINDS, next_step, reason
from insights.selectors.scores import is_high

TONES = {Score.Came.OPEN: "neutral", Score.Came.YES: "accent", Score.Came.NO: "neutral"}
HIDDEN = "A person"


class Names:
    """What subjects are called to somebody: people by their label, where the right to it is held."""

    def __init__(self, user: User) -> None:
        self.user = user
        self._shown: dict[int, bool] = {}

    def of(self, score: Score) -> str:
        if score.account:
            return score.account.name
        contact = score.lead.contact if score.lead else None
        if contact is None:
            return "A person no longer known"
        return contact.label if self._sees(score.team) else HIDDEN

    def _sees(self, team: Team) -> bool:
        if team.pk not in self._shown:
            self._shown[team.pk] = may_see(self.user, PersonalField.LABEL, team)
        return self._shown[team.pk]


def company_of(score: Score) -> str:
    """The account of a lead's person, the industry of an account."""
    if score.account:
        return score.account.industry
    contact = score.lead.contact if score.lead else None
    return contact.account.name if contact and contact.account else ""


def page_of(score: Score) -> str:
    """The page of the account or person."""
    if score.account:
        return str(score.account.get_absolute_url())
    contact = score.lead.contact if score.lead else None
    return str(contact.get_absolute_url()) if contact else ""


def came_words(score: Score, came: str, kind: str) -> str:
    """``Watching until 12 Jan``, ``Converted 3 Dec``."""
    if came == Score.Came.OPEN or score.came_at is None:
        return f"Watching until {formats.day(score.due_at.date(), weekday=False)}"
    day = formats.day(score.came_at.date(), weekday=False)
    words = KINDS[kind].came
    return f"{words.capitalize()} {day}" if came == Score.Came.YES else f"Had not {words} by {day}"


def like_words(score: Any) -> str:
    """The range that chances like this one had among rows the model had not seen."""
    low, high = formats.percent(score.like_low, 0), formats.percent(score.like_high, 0)
    return f"{low} to {high}"


class ScoreTable(Table):
    """``kind`` says whom it is about."""

    key = "scores"
    columns: ClassVar[Sequence[Column]] = (
        Column("who", "Lead", kind="custom", sort="pk", priority=1, strong=True, sub="company"),
        Column("chance", "Chance", kind="percent", digits=0, priority=1),
        Column("like", "Nearest tenth came", kind="custom", sort="like_low", priority=3, nowrap=True,
               help="95 % range of the share that came, in the tenth of unseen rows whose chances are nearest"),
        Column("up", "Raises it", kind="custom", sortable=False, priority=2),
        Column("down", "Lowers it", kind="custom", sortable=False, priority=3),
        Column("step", "What to do", kind="custom", sortable=False, priority=2),
        Column("came", "What came", kind="custom", sort="came_known", priority=3, nowrap=True),
        Column("scored_at", "Given", kind="date", priority=3, default_visible=False),
        Column("team", "Team", sort="team__name", priority=3, default_visible=False),
    )  # fmt: skip
    default_sort = "-chance"

    def __init__(self, request: HttpRequest, rows: Any, kind: str, **options: Any) -> None:
        self.kind = KINDS[kind]
        self.noun = self.kind.noun  # type: ignore[misc]
        self.names = Names(person(request))
        self.columns = tuple(  # type: ignore[misc]
            Column("who", self.kind.one.capitalize(), kind="custom", sort="pk", priority=1,
                   strong=True, sub="company")
            if column.key == "who" else column
            for column in type(self).columns
        )  # fmt: skip
        self.search = (  # type: ignore[misc]
            ("account__name", "account__industry", "account__country")
            if self.kind.by_account
            else ("lead__contact__account__name", "lead__origin", "lead__contact__origin")
        )
        self.empty_title = f"No {self.kind.one} to show"  # type: ignore[misc]
        self.empty_text = (  # type: ignore[misc]
            "Chances are given every night by the model in use. Clear the filters, or look again "
            "tomorrow."
        )
        super().__init__(request, rows, **options)

    @cached_property
    def today(self) -> Any:
        return clock.today()

    def cell(self, record: Score, column: Column) -> Cell:
        if column.key == "who":
            return Cell(column, record, self.names.of(record), sub=company_of(record),
                        url=reverse("insights:score", args=[record.pk]))  # fmt: skip
        return super().cell(record, column)

    def where_from(self, record: Score) -> str:
        """Why this chance, in the drawer."""
        return reverse("insights:score", args=[record.pk])

    def cell_like(self, row: Score) -> str:
        return like_words(row)

    def cell_up(self, row: Score) -> str:
        return " · ".join(map(reason, row.raises[:2]))

    def cell_down(self, row: Score) -> str:
        return " · ".join(map(reason, row.lowers[:2]))

    def cell_step(self, row: Score) -> str:
        return next_step(row.kind, row.raises, is_high=is_high(row.chance, row.version))

    def cell_came(self, row: Score) -> str:
        return came_words(row, getattr(row, "came_known", row.came), row.kind)
