"""The form of a move: rows that give, rows that receive, and what they amount to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from django.http import QueryDict

from accounts.models import User
from approvals.permissions import roles_in_words
from approvals.selectors import policy_in_force, who_must_approve
from approvals.services import Proof, proofs
from budgets.choices import REALLOCATION
from budgets.forms import GIVES, RECEIVES, MoveRows, MovesForm, month_choices
from budgets.forms.cases import CaseForm
from budgets.models import BudgetLine, LedgerAccount
from budgets.rules.case import read_case
from budgets.rules.moves import Move, Place, as_payload, require_net_zero
from budgets.selectors import local_day
from budgets.services import Proposal
from budgets.services.effects import effects_of, span
from budgets.services.expectations import ShownExpectation, show_expectation
from budgets.services.moves import (
    LineMove,
    amount_of,
    by_currency,
    require_possible,
    resolve,
    team_above,
)
from core import formats
from core.errors import AdroitError
from core.models import Organisation
from core.money import MICROS, Money
from core.periods import Period

SIDES = ((GIVES, -1), (RECEIVES, 1))
ADD = "add"


@dataclass(frozen=True, slots=True)
class MoveProof:
    """What the rows amount to: the sums, who would decide, or what is wrong."""

    proofs: Sequence[Proof]
    amount: str
    deciders: str
    problem: str
    is_empty: bool


class MoveSheet:
    """Two sets of rows and the words beside them, from a request, a proposal or a post."""

    def __init__(
        self,
        user: User,
        at: datetime,
        *,
        posted: QueryDict | None = None,
        start: Mapping[str, Any] | None = None,
        proposal: Proposal | None = None,
        kind: str = REALLOCATION,
        carried: Mapping[str, Any] | None = None,
        token: str = "",
        campaign: str = "",
    ) -> None:
        self.user, self.at, self.kind = user, at, kind
        self.carried = dict(carried or (proposal.carried if proposal else {}))
        self.asks_for_row = bool(posted and posted.get(ADD))
        start = start or {}
        choices = {"places": self._places(), "months": self._months()}
        data = _with_row(posted) if posted else None
        self.rows: dict[str, Any] = {
            side: MoveRows(
                data,
                prefix=side,
                # A posted row is read as it stands, also where it equals what was offered.
                initial=None if data else _initial(start, sign) or self._first(side, campaign),
                form_kwargs=choices,
            )
            for side, sign in SIDES
        }
        words = {name: start.get(name, "") for name in ("title", "reason", "hypothesis")}
        if not words["reason"]:
            words["reason"] = words["hypothesis"]
        self.form = MovesForm(data, initial={**words, "proposal": token, "once": token_urlsafe(16)})
        self.case_form = CaseForm(
            data, prefix="case", initial=CaseForm.initial_of(read_case(start))
        )

    @property
    def gives(self) -> Any:
        return self.rows[GIVES]

    @property
    def receives(self) -> Any:
        return self.rows[RECEIVES]

    # What can be chosen

    def _places(self) -> list[tuple[str, Any]]:
        """Visible lines of open years, each with the campaign lines that it pays for."""
        today = local_day(self.at)
        lines = BudgetLine.objects.for_user(self.user).filter(fiscal_year__ends_on__gte=today)
        found: list[tuple[str, Any]] = []
        for line in lines.prefetch_related("campaign_lines").order_by("channel__position", "name"):
            parts = [
                (f"{line.pk}/{part.pk}", f"{line} › {part}") for part in line.campaign_lines.all()
            ]
            own = (str(line.pk), f"{line}, not given to a campaign" if parts else str(line))
            found.append((f"{line} ({line.currency})", [own, *parts]))
        return found

    def _months(self) -> list[tuple[str, str]]:
        today = local_day(self.at)
        return month_choices(self._open_months(today))

    def _open_months(self, today: Any) -> Iterable[Period]:
        calendar = Organisation.current().calendar
        years = (
            BudgetLine.objects.for_user(self.user)
            .filter(fiscal_year__ends_on__gte=today)
            .values_list("fiscal_year__year", flat=True)
            .order_by("fiscal_year__year")
            .distinct()
        )
        return (m for year in years for m in calendar.months(year) if m.end >= today)

    def _first(self, side: str, campaign: str) -> list[dict[str, Any]]:
        """An empty row; of a campaign's own line with the most money where one is asked for."""
        if side != GIVES or not campaign.isdecimal():
            return [{}]
        today = local_day(self.at)
        months = [period.key for period in self._open_months(today)]
        account = (
            LedgerAccount.objects.filter(
                budget_line__in=BudgetLine.objects.for_user(self.user),
                campaign_line__campaign=int(campaign),
                month__in=months,
            )
            .order_by("-balance_micros")
            .first()
        )
        if account is None:
            return [{}]
        return [
            {
                "place": f"{account.budget_line_id}/{account.campaign_line_id}",
                "month": account.month,
            }
        ]

    # What was entered

    def is_valid(self) -> bool:
        """Whether every row and the words can be read."""
        gives, receives = self.gives.is_valid(), self.receives.is_valid()
        return bool(self.form.is_valid() and self.case_form.is_valid() and gives and receives)

    @property
    def has_errors(self) -> bool:
        if self.asks_for_row or not self.form.is_bound:
            return False
        rows = [*self.gives.errors, *self.receives.errors]
        return bool(self.form.errors or self.case_form.errors) or any(rows)

    def refuse(self, error: AdroitError) -> None:
        """Show why it cannot be asked; what a person may not do stays a refusal."""
        if error.status == 403:
            raise error
        self.form.add_error(None, f"{error.message} {error.remedy}".strip())

    def words(self, name: str) -> str:
        return str(self.form.cleaned_data.get(name, ""))

    def moves(self) -> list[Move]:
        """The complete rows as moves, the same place once."""
        sums: dict[Any, int] = {}
        for side, sign in SIDES:
            for row in self.rows[side].forms:
                move = row.move(sign) if self.rows[side].is_bound else None
                if move:
                    sums[move.place] = sums.get(move.place, 0) + move.micros
        return [Move(place, micros) for place, micros in sums.items() if micros]

    def payload(self) -> dict[str, Any]:
        """What the request would hold."""
        moves = as_payload(self.moves())
        currency = resolve({"moves": moves}, least=1)[0].line.currency if moves else ""
        said = self.words("hypothesis") if self.form.is_bound else ""
        return {
            "moves": moves,
            "currency": currency,
            "hypothesis": said,
            **self.carried,
            **self._case(currency),
        }

    def _case(self, currency: str) -> dict[str, Any]:
        """The business case of the form, where one was entered."""
        form = self.case_form
        case = form.case(currency) if currency and form.is_bound and form.is_valid() else None
        return {"case": case.as_payload()} if case else {}

    def title(self) -> str:
        """As written, else "Move €48,000 from Display DE to Shopping DE, Dec 2026"."""
        if self.words("title"):
            return self.words("title")
        found = resolve(self.payload(), least=1)
        gives, receives = ([m for m in found if (m.micros < 0) == side] for side in (True, False))
        amounts = " and ".join(_sums(receives or gives))
        labels = [m.period.label for m in sorted(found, key=lambda m: m.month)]
        months = span(list(dict.fromkeys(labels)))
        text = f"Move {amounts} from {_names(gives)} to {_names(receives)}, {months}"
        if not (gives and receives):
            text = f"{'Add' if receives else 'Cut'} {amounts} {'to' if receives else 'from'} "
            text += f"{_names(receives or gives)}, {months}"
        return text[:200]

    @property
    def key(self) -> str:
        """The key of the form with what it says: one that was changed is another; "" without one."""
        once = self.words("once")
        said = [once, self.kind, self.title(), self.words("reason"), self.payload()]
        return sha256(json.dumps(said, default=str).encode()).hexdigest() if once else ""

    # What it amounts to

    @property
    def expectation(self) -> ShownExpectation | None:
        """What was worked out for the move, with the amount it was worked out for."""
        moves = as_payload(self.moves()) if self.gives.is_bound else self._initial_moves()
        if not moves or "expected" not in self.carried:
            return None
        currency = self._resolved()[0].line.currency
        return show_expectation({**self.carried, "moves": moves, "currency": currency})

    def proof(self) -> MoveProof:
        """The sums of the complete rows, and who would decide them."""
        try:
            found = self._resolved()
        except AdroitError as error:
            return MoveProof((), "", "", error.message, is_empty=False)
        if not found:
            return MoveProof((), "", "", "", is_empty=True)
        sums = proofs(effects_of(found))
        try:
            if self.kind == REALLOCATION:
                require_net_zero(by_currency(found))
            require_possible(found, user=self.user, at=self.at)
            amount = amount_of(found, self.at)
            deciders = self._deciders(found, amount)
        except AdroitError as error:
            return MoveProof(
                sums, "", "", f"{error.message} {error.remedy}".strip(), is_empty=False
            )
        return MoveProof(sums, formats.money_whole(amount), deciders, "", is_empty=False)

    def _resolved(self) -> list[LineMove]:
        moves = as_payload(self.moves()) if self.gives.is_bound else self._initial_moves()
        return resolve({"moves": moves}, least=1) if moves else []

    def _initial_moves(self) -> list[dict[str, Any]]:
        rows = [(row, sign) for side, sign in SIDES for row in self.rows[side].initial]
        return as_payload(
            Move(_place(row), sign * int(row["amount"] * MICROS))
            for row, sign in rows
            if row.get("amount")
        )

    def _deciders(self, found: Sequence[LineMove], amount: Money) -> str:
        steps = who_must_approve(
            policy=policy_in_force(),
            kind=self.kind,
            micros=amount.micros,
            team=team_above(found),
            requester=self.user,
        )
        return ", then ".join(roles_in_words(step.roles) for step in steps)


def _place(row: Mapping[str, Any]) -> Place:
    line, _, part = row["place"].partition("/")
    return Place(int(line), row["month"], int(part) if part else None)


def _with_row(posted: QueryDict) -> QueryDict:
    """The post with one more row on the side that asked for it."""
    side = posted.get(ADD, "")
    if side not in (GIVES, RECEIVES):
        return posted
    data = posted.copy()
    total = f"{side}-TOTAL_FORMS"
    count = data.get(total, "")
    data[total] = str(int(count) + 1 if count.isdecimal() else 1)
    return data


def _initial(start: Mapping[str, Any], sign: int) -> list[dict[str, Any]]:
    """Rows of one side of a payload, amounts without their sign."""
    return [
        {
            "place": "/".join(str(n) for n in (row["budget_line"], row.get("campaign_line")) if n),
            "month": row["month"],
            "amount": abs(Money(row["amount_micros"], "").amount),
        }
        for row in start.get("moves", [])
        if row["amount_micros"] * sign > 0
    ]


def _names(moves: Sequence[LineMove]) -> str:
    names = list(dict.fromkeys(move.name for move in moves))
    return " and ".join(names) if len(names) < 3 else f"{names[0]} and {len(names) - 1} more lines"


def _sums(moves: Sequence[LineMove]) -> list[str]:
    sums: dict[str, int] = {}
    for move in moves:
        sums[move.line.currency] = sums.get(move.line.currency, 0) + abs(move.micros)
    return [formats.money_whole(Money(micros, currency)) for currency, micros in sums.items()]
