"""The form of an order: its words, its rows, the split that fills them, and what it amounts to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.http import QueryDict

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from budgets.choices import OrderKind
from budgets.forms.orders import OrderForm, OrderRow, OrderRows
from budgets.models import Bill, BudgetLine, Order, OrderLine, Vendor
from budgets.rules.month_names import month_name
from budgets.selectors.bills import bill_rate
from budgets.selectors.rates import local_day
from budgets.services.orders import LineContent, OrderContent, content_of
from budgets.services.orders.content import blanket_left
from budgets.views.orders.proof import OrderProof, proof_of
from budgets.views.orders.split import Split, with_row, without_row
from campaigns.models import CampaignLine
from core import formats
from core.errors import AdroitError, Invalid
from core.forms import tell_rows
from core.models import Organisation
from core.money import Money, convert, minor_digits

Choices = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a new order comes from: its kind, a blanket to release from, a placeholder to replace,
    and the bill that waits for a release.
    """

    kind: str = OrderKind.ORDER
    blanket: Order | None = None
    replaces: Order | None = None
    bill: Bill | None = None


class OrderSheet:
    """One order as a form, from a post, from the order itself, or from what a new one comes from."""

    def __init__(
        self,
        user: User,
        at: datetime,
        *,
        posted: QueryDict | None = None,
        order: Order | None = None,
        content: OrderContent | None = None,
        origin: Origin | None = None,
    ) -> None:
        self.user, self.at, self.order = user, at, order
        self.origin = origin or _origin(order)
        self.places, self.months = place_choices(user, at), month_choices(user, at)
        self.start = content or (content_of(order) if order else None)
        self.month = Organisation.current().calendar.month_of(local_day(at)).key
        self.split = Split(posted, self.places, self.months, self.month)
        self.asks_for_rows = bool(posted and {"add", "remove", "fill"} & posted.keys())
        data = self._changed(posted) if posted else None
        self.form = self._form(data)
        self.rows = OrderRows(
            data,
            prefix="rows",
            initial=None if data else self._initial_rows(),
            form_kwargs={"places": self.places, "months": self.months},
        )
        if self.is_release:
            self._name_sources()

    @property
    def is_release(self) -> bool:
        return self.origin.kind == OrderKind.RELEASE

    def _changed(self, posted: QueryDict) -> QueryDict:
        """The post with the rows that a button of the form asked for."""
        if "add" in posted:
            return with_row(posted)
        if "remove" in posted:
            return without_row(posted)
        return self.split.fill(posted, self.currency_of(posted)) if "fill" in posted else posted

    def currency_of(self, posted: QueryDict) -> str:
        """The order's currency while it is being written."""
        fixed = self.origin.blanket
        given = fixed.currency if fixed else posted.get("currency", "")
        return given or Organisation.current().reporting_currency

    def _form(self, data: QueryDict | None) -> OrderForm:
        teams = Team.objects.filter(
            pk__in=[team.pk for team in teams_with(self.user, Act.DRAFT_REQUEST)]
        )
        owners = User.objects.filter(
            is_active=True, memberships__role__in=["director", "manager"]
        ).distinct()
        vendors = Vendor.objects.filter(is_archived=False)
        if self.start and self.start.vendor:
            vendors = vendors | Vendor.objects.filter(pk=self.start.vendor.pk)
        form = OrderForm(teams, owners, vendors, data, initial=self._initial(teams))
        if self.order or self.is_release:
            form.fields.pop("kind")
        if self.is_release:
            for name in ("vendor", "currency"):
                form.fields[name].disabled = True
                form.fields[name].help_text = ""
        return form

    def _initial(self, teams: Any) -> dict[str, Any]:
        source = self.start or self._from_origin()
        today = local_day(self.at)
        if source is None:
            return {
                "kind": self.origin.kind, "team": teams.first(), "owner": self.user.pk,
                "currency": Organisation.current().reporting_currency, "ordered_on": today,
            }  # fmt: skip
        return {
            "kind": self.origin.kind,
            "title": source.title,
            "vendor": source.vendor,
            "team": source.team,
            "owner": source.owner.pk,
            "currency": source.currency,
            "ordered_on": source.ordered_on if self.order else today,
            "expected_on": source.expected_on,
            "reason": source.reason,
            "version": self.order.version if self.order else None,
        }

    def _from_origin(self) -> OrderContent | None:
        source = self.origin.blanket or self.origin.replaces
        return content_of(source) if source else None

    def _initial_rows(self) -> list[dict[str, Any]]:
        if self.start:
            return [self._row(line, line.line) for line in self.start.lines]
        source = self.origin.blanket or self.origin.replaces
        if source is None:
            return [{"month": self.month}]
        lines = content_of(source).lines
        if not self.is_release:
            return [self._row(line, None) for line in lines]
        known = {line.pk: line for line in source.lines.select_related("order", "budget_line")}
        return [
            {**self._row(line, None), "amount": self._billed(len(known)), "blanket_line": line.line}
            for line in lines
            if line.line in known
        ]

    def _billed(self, lines: int) -> Decimal | None:
        """The bill that waits in the blanket's currency, where it can only mean one line."""
        bill, blanket = self.origin.bill, self.origin.blanket
        if bill is None or blanket is None or lines != 1:
            return None
        total = sum((line.amount for line in bill.lines.all()), Money(0, bill.currency))
        try:
            rate = bill_rate(bill.currency, blanket.currency, bill.dated)
        except Invalid:
            return None
        cent = Decimal(1).scaleb(-minor_digits(blanket.currency))
        # Up, so that the release covers the bill to the last micro.
        return convert(total, rate.rate, blanket.currency).amount.quantize(cent, ROUND_CEILING)

    def _row(self, line: LineContent, number: int | None) -> dict[str, Any]:
        part = line.campaign_line
        place = f"{line.budget_line.pk}/{part.pk}" if part else str(line.budget_line.pk)
        return {
            "line": number,
            "blanket_line": line.blanket_line.pk if line.blanket_line else None,
            "description": line.description,
            "place": place,
            "month": line.month,
            "amount": Money(line.amount_micros, "").amount.normalize(),
            "gl_code": line.gl_code,
            "cost_centre": line.cost_centre,
        }

    def _name_sources(self) -> None:
        """Say on each row of a release what it takes from and how much that has left."""
        blanket = self.origin.blanket or (self.order.blanket if self.order else None)
        lines = (
            blanket.lines.select_related("order", "budget_line", "campaign_line") if blanket else []
        )
        self.sources = {line.pk: line for line in lines}
        for row in self.rows.forms:
            source = self.sources.get(_number(row["blanket_line"].value()))
            if source and blanket:
                left, _ = blanket_left(source, but=_number(row["line"].value()) or None)
                open_ = formats.money_exact(Money(left, blanket.currency))
                text = f"{source.budget_line} · {month_name(source.month)} · {open_} left"
                row.fields["amount"].help_text = text
                row.source = source  # type: ignore[attr-defined]

    # What was entered

    def is_valid(self) -> bool:
        """Whether the words and every row can be read."""
        rows, words = self.rows.is_valid(), self.form.is_valid()
        tell_rows(self.form, self.rows)
        return bool(words and rows)

    @property
    def has_errors(self) -> bool:
        if self.asks_for_rows or not self.form.is_bound:
            return False
        return bool(self.form.errors) or any(self.rows.errors)

    def refuse(self, error: AdroitError) -> None:
        """Show why it cannot be; what a person may not do stays a refusal."""
        if error.status == 403 and not error.where:
            self.form.add_error(None, f"{error.message} {error.remedy}".strip())
            return
        text = f"{error.message} {error.remedy}".strip()
        name = error.where if error.where in self.form.fields else None
        self.form.add_error(name, text)

    def content(self) -> OrderContent:
        """What the form says; raises ``Invalid`` when something of it cannot be read."""
        data = self.form.cleaned_data
        blanket = self.origin.blanket
        return OrderContent(
            kind=OrderKind(self.origin.kind if self.order or blanket else data["kind"]),
            title=data["title"],
            vendor=blanket.vendor if blanket else data["vendor"],
            team=data["team"],
            owner=data["owner"],
            currency=blanket.currency if blanket else data["currency"],
            ordered_on=data["ordered_on"],
            expected_on=data["expected_on"],
            reason=data["reason"],
            blanket=blanket,
            replaces=self.origin.replaces,
            lines=self._lines(data["title"]),
        )

    def _lines(self, title: str) -> list[LineContent]:
        filled = [row for row in self.rows.forms if row.is_filled]
        keys = [place_of(row) for row in filled if not row.cleaned_data.get("blanket_line")]
        lines = BudgetLine.objects.select_related(
            "team", "fiscal_year", "channel", "owner"
        ).in_bulk({key[0] for key in keys})
        parts = CampaignLine.objects.in_bulk({key[1] for key in keys if key[1]})
        return [self._line(row, title, lines, parts) for row in filled]

    def _line(
        self,
        row: OrderRow,
        title: str,
        lines: dict[int, BudgetLine],
        parts: dict[int, CampaignLine],
    ) -> LineContent:
        data = row.cleaned_data
        common = {
            "description": data["description"] or title,
            "amount_micros": row.micros,
            "gl_code": data["gl_code"],
            "cost_centre": data["cost_centre"],
            "line": data["line"],
        }
        if data.get("blanket_line"):
            return self._from_blanket(data["blanket_line"], common)
        line, part = place_of(row)
        return LineContent(
            budget_line=lines[line],
            campaign_line=parts[part] if part else None,
            month=data["month"],
            **common,
        )

    def _from_blanket(self, number: int, common: dict[str, Any]) -> LineContent:
        source = OrderLine.objects.select_related(
            "order", "budget_line__team", "budget_line__fiscal_year", "campaign_line"
        ).filter(pk=number, order=self.origin.blanket).first()  # fmt: skip
        if source is None:
            raise Invalid("A row does not take from a line of the blanket order.", where="lines")
        return LineContent(
            budget_line=source.budget_line,
            campaign_line=source.campaign_line,
            month=source.month,
            blanket_line=source,
            **{**common, "description": common["description"] or source.description},
        )

    def proof(self) -> OrderProof:
        """What it amounts to as it stands, what the checks say, and who would decide."""
        if not self.form.is_bound or not self.is_valid():
            return OrderProof()
        try:
            return proof_of(self.order, self.content(), self.user, self.at)
        except AdroitError as error:
            return OrderProof(problem=f"{error.message} {error.remedy}".strip())


def _origin(order: Order | None) -> Origin:
    return Origin(order.kind, order.blanket, order.replaces) if order else Origin()


def _number(value: Any) -> int:
    return int(value) if str(value or "").isdecimal() else 0


def place_of(row: OrderRow) -> tuple[int, int]:
    """(budget line, campaign line or 0) that a row names."""
    line, _, part = row.cleaned_data["place"].partition("/")
    return int(line), int(part or 0)


def place_choices(user: User, at: datetime) -> Choices:
    """Visible lines of years that are not long over, with the campaign lines they pay for."""
    lines = BudgetLine.objects.for_user(user).filter(fiscal_year__ends_on__gte=local_day(at))
    found: Choices = []
    for line in lines.prefetch_related("campaign_lines__campaign").order_by(
        "channel__position", "name"
    ):
        parts = [(f"{line.pk}/{part.pk}", f"{line} › {part}") for part in line.campaign_lines.all()]
        own = (str(line.pk), f"{line}, not given to a campaign" if parts else str(line))
        found.append((f"{line} ({line.currency})", [own, *parts]))
    return found


def month_choices(user: User, at: datetime) -> list[tuple[str, str]]:
    """The months of the years of visible lines."""
    calendar = Organisation.current().calendar
    years = (
        BudgetLine.objects.for_user(user)
        .filter(fiscal_year__ends_on__gte=local_day(at))
        .values_list("fiscal_year__year", flat=True)
        .order_by("fiscal_year__year")
        .distinct()
    )
    return [(month.key, month.label) for year in years for month in calendar.months(year)]
