"""Who stands for a month: owners of budget lines, campaigns and targets, and what they signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from budgets.choices import SignoffKind
from budgets.models import LedgerAccount, Signoff
from budgets.selectors.closing import FiscalMonth, MonthItems, month_items
from budgets.selectors.variance import variances
from campaigns.models import Campaign
from core import formats
from core.money import Money
from metrics.models import Target
from metrics.selectors import (
    TargetProgress,
    query,
    target_progress,
    targets_visible,
    written,
)

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Subject:
    """Something whose owner stands for its month; ``figures`` are those of this moment."""

    kind: str
    pk: int
    name: str
    owner: User
    figures: Mapping[str, str]
    url: str = ""
    # What its owner has still to explain before signing.
    wants_note: bool = False
    signed: Signoff | None = None

    @property
    def key(self) -> Key:
        return self.kind, self.pk

    @property
    def id(self) -> str:
        """ "line-12", as forms name it."""
        return f"{self.kind}-{self.pk}"

    @property
    def kind_label(self) -> str:
        return SignoffKind(self.kind).label

    @property
    def has_changed(self) -> bool:
        """Whether a figure is not what it was when it was signed, nor what the close of the month
        made of that: the signature has ended."""
        if self.signed is None:
            return False
        return dict(self.figures) not in (self.signed.figures, self.signed.closed_figures)

    @property
    def is_signed(self) -> bool:
        return self.signed is not None and not self.has_changed

    @property
    def figures_text(self) -> str:
        return _text(self.figures)

    @property
    def signed_text(self) -> str:
        """What the owner stands for, as it was signed; in the order of today's figures."""
        was = self.signed.figures if self.signed else {}
        return _text({label: was[label] for label in self.figures if label in was})


def _text(figures: Mapping[str, str]) -> str:
    return " · ".join(f"{label} {text}" for label, text in figures.items())


def signatures(month: FiscalMonth) -> QuerySet[Signoff]:
    """What owners signed of a month."""
    rows = Signoff.objects.filter(fiscal_year=month.year, month=month.key)
    return rows.select_related("owner")


def subjects(
    month: FiscalMonth, user: User | None, items: MonthItems | None = None
) -> list[Subject]:
    """Everything of a month that somebody stands for, as far as the person sees it.

    ``user`` None is the product itself.
    """
    found = items or month_items(month, user=user)
    rows = [*_lines(month, user, found), *_campaigns(month, user), *_targets(month, user)]
    signed = {(row.kind, row.subject_id): row for row in signatures(month)}
    return [
        Subject(s.kind, s.pk, s.name, s.owner, s.figures, s.url, s.wants_note, signed.get(s.key))
        for s in rows
    ]


def _lines(month: FiscalMonth, user: User | None, items: MonthItems) -> Iterable[Subject]:
    centre = reverse("budgets:variances")
    for row in variances(month, user, items):
        yield Subject(
            SignoffKind.LINE,
            row.line.pk,
            row.line.name,
            row.line.owner,
            {"Planned": _money(row.planned), "Actual": _money(row.actual)},
            f"{centre}?month={month.key}",
            row.is_missing,
        )


def _campaigns(month: FiscalMonth, user: User | None) -> Iterable[Subject]:
    """Campaigns with a plan in the month, out of this year's budget lines."""
    accounts = LedgerAccount.objects.filter(
        fiscal_year=month.year, month=month.key, campaign_line__isnull=False, balance_micros__gt=0
    )
    plans: dict[int, dict[str, int]] = {}
    for campaign, currency, micros in accounts.values_list(
        "campaign_line__campaign", "currency", "balance_micros"
    ):
        sums = plans.setdefault(campaign or 0, {})
        sums[currency] = sums.get(currency, 0) + micros
    seen = Campaign.objects.for_user(user) if user else Campaign.objects.all()
    rows = list(seen.filter(pk__in=plans).select_related("owner").order_by("name"))
    spent = _spent(month, [row.pk for row in rows])
    for row in rows:
        figures = {"Planned": _sums(plans[row.pk]), "Spend": _sums(spent.get(row.pk, {}))}
        yield Subject(
            SignoffKind.CAMPAIGN,
            row.pk,
            row.name,
            row.owner,
            figures,
            reverse("reporting:campaign", args=[row.pk]),
        )


def _spent(month: FiscalMonth, campaigns: Sequence[int]) -> Mapping[int, dict[str, int]]:
    """Spend by campaign and currency: never added over currencies."""
    if not campaigns:
        return {}
    result = query(
        metrics=["spend"], by=["campaign", "currency"], where={"campaign": list(campaigns)},
        period=month.period, viewer=None,
    )  # fmt: skip
    found: dict[int, dict[str, int]] = {}
    for row in result.rows:
        if row["spend"] is not None:
            found.setdefault(row["campaign"], {})[row["currency"]] = row["spend"]
    return found


def _sums(sums: Mapping[str, int]) -> str:
    return " + ".join(_money(Money(sums[code], code)) for code in sorted(sums)) or formats.NOTHING


def _targets(month: FiscalMonth, user: User | None) -> Iterable[Subject]:
    """Targets whose period ended in the month: their result is known."""
    rows = (
        targets_visible(user)
        if user
        else Target.objects.select_related("team", "campaign", "channel", "owner")
    )
    ended = rows.filter(
        is_retired=False, last_day__gte=month.period.start, last_day__lte=month.period.end
    )
    after = month.period.end + timedelta(days=1)
    for found in target_progress(list(ended), today=after):
        target = found.target
        subject = target.campaign or target.channel or target.team
        span = formats.span(target.first_day, target.last_day)
        yield Subject(
            SignoffKind.TARGET,
            target.pk,
            f"{found.metric.label}, {subject}, {span}",
            target.owner,
            {"Target": _value(found, found.value), "Actual": _value(found, found.actual)},
            reverse("metrics:goal", args=[target.pk]),
        )


def _value(found: TargetProgress, value: Money | Decimal | None) -> str:
    return _money(value) if isinstance(value, Money) else written(found.metric, value)


def _money(value: Money | None) -> str:
    return formats.NOTHING if value is None else formats.money_exact(value)
