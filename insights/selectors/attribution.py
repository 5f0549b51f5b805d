"""Attribution runs as people read them: the newest that is in sight, channel by channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from accounts.models import Team, User
from analytics.results import REASON_TEXT, Reason
from core.money import MICROS, Money
from insights.models import AttributionRun, Conversion, LifetimeRun
from insights.rules.attribution import MODELS, Asked, roi

# What platforms count are orders; deals and leads are not what they speak of.
CLAIMED = (Conversion.CUSTOMER, Conversion.PAYMENT)


def attribution_runs(user: User, as_of: datetime | None = None) -> QuerySet[AttributionRun]:
    """Runs in sight, the newest first; those that were made by a moment."""
    rows = AttributionRun.objects.for_user(user).select_related("team", "ran_by", "batch")
    return rows if as_of is None else rows.filter(ran_at__lte=as_of)


def lifetime_runs(user: User, as_of: datetime | None = None) -> QuerySet[LifetimeRun]:
    """The same of lifetime value."""
    rows = LifetimeRun.objects.for_user(user).select_related("team", "ran_by", "batch")
    return rows if as_of is None else rows.filter(ran_at__lte=as_of)


def teams_of(runs: QuerySet[Any]) -> list[Team]:
    """Teams that have a run, from the top of the tree down."""
    numbers = runs.order_by().values_list("team", flat=True).distinct()
    return list(Team.objects.filter(pk__in=numbers).order_by("path"))


def kinds_of(runs: QuerySet[AttributionRun], team: Team) -> list[str]:
    """Kinds of conversion that a team has a run of, in their usual order."""
    there = set(runs.filter(team=team).order_by().values_list("conversion", flat=True).distinct())
    return [kind for kind in Conversion.values if kind in there]


def newest_run(
    runs: QuerySet[AttributionRun], *, number: int | None, team: Team | None, kind: str
) -> AttributionRun | None:
    """The run of a number; else the newest of a team and kind, of those there are runs of."""
    if number is not None:
        return runs.filter(pk=number).first()
    for one in [team] if team else teams_of(runs):
        kinds = kinds_of(runs, one)
        if kinds:
            wanted = kind if kind in kinds else kinds[0]
            return runs.filter(team=one, conversion=wanted).first()
    return None


@dataclass(frozen=True, slots=True)
class Firm:
    """The 90 % range of a share when journeys are drawn anew, and how often it came out on top."""

    low: float
    high: float
    first: float


@dataclass(frozen=True, slots=True)
class ChannelCredit:
    """One channel by all models (``shares`` of conversions), and in money by the chosen one.

    ``claimed`` is what platforms say of the channel; amounts nobody knows are None.
    """

    name: str
    shares: Mapping[str, float]
    firm: Firm | None
    removal: float | None
    conversions: Decimal
    value: Money
    cost: Money | None
    roi: Decimal | None
    claimed: Decimal | None
    claimed_value: Money | None

    @property
    def low(self) -> float:
        return min(self.shares.values(), default=0.0)

    @property
    def high(self) -> float:
        return max(self.shares.values(), default=0.0)

    @property
    def spread(self) -> float:
        """How far the models lie apart."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Shown:
    """A run by one model; ``rows`` are the channels, the most credited first."""

    run: AttributionRun
    asked: Asked
    model: str
    rows: Sequence[ChannelCredit]

    @property
    def record(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.run.record
        return found

    @property
    def models(self) -> list[str]:
        """Models that have an answer."""
        return [name for name in MODELS if not self.record["models"][name]["reason"]]

    @property
    def is_thin(self) -> bool:
        return bool(self.run.reason) or Reason.TOO_FEW_CONVERSIONS in self.record["reasons"]

    @property
    def cautions(self) -> list[str]:
        """What to be careful about, in sentences."""
        found = [REASON_TEXT[Reason(one)] for one in self.record["reasons"]]
        if self.record["nobody"]:
            found.append(
                f"{self.record['nobody']:,} touches name no person or account and are left out."
            )
        if self.record["gaps"]:
            found.append(
                f"{self.record['gaps']:,} amounts are in a currency without a rate and count as nothing."
            )
        return found

    def money(self, micros: int | None) -> Money | None:
        return None if micros is None else Money(micros, self.run.currency)

    @property
    def value(self) -> Money:
        return Money(self.run.value_micros, self.run.currency)

    @property
    def unattributed_value(self) -> Money:
        return Money(self.run.unattributed_value_micros, self.run.currency)

    @property
    def attributed_value(self) -> Money:
        return self.value - self.unattributed_value

    @property
    def cost(self) -> Money | None:
        """What the channels cost together, of those whose cost is known."""
        known = [row.cost.micros for row in self.rows if row.cost]
        return Money(sum(known), self.run.currency) if known else None

    @property
    def roi(self) -> Decimal | None:
        """Over the channels whose cost is known: others would count as free."""
        paid = [row for row in self.rows if row.cost]
        cost = sum(row.cost.micros for row in paid if row.cost)
        return roi(sum(row.value.micros for row in paid), cost, self.asked.margin)

    @property
    def claimed(self) -> Decimal:
        """Conversions that platforms claim together."""
        return sum((row.claimed for row in self.rows if row.claimed), Decimal(0))

    @property
    def claimed_credit(self) -> Decimal:
        """What the model credits to the channels that claim something."""
        return sum((row.conversions for row in self.rows if row.claimed is not None), Decimal(0))

    @property
    def reported(self) -> Money | None:
        """Revenue that all campaign lines of the team report for the same days."""
        return self.money(self.record["money"]["reported_micros"])

    @property
    def finance(self) -> Money | None:
        """What finance says, where somebody entered it."""
        return self.money(self.asked.total_micros)


def shown_run(run: AttributionRun, model: str = "") -> Shown:
    """A run by the model asked for, else by that of its settings."""
    asked = Asked.read(run.settings)
    answering = [name for name in MODELS if not _of(run, name).get("reason", "none")]
    chosen = next((one for one in (model, asked.model) if one in answering), "linear")
    rows = [_channel(run, asked, chosen, n) for n in range(len(run.record.get("channels", ())))]
    return Shown(run, asked, chosen, sorted(rows, key=lambda row: (-row.conversions, row.name)))


def _of(run: AttributionRun, model: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = run.record.get("models", {}).get(model, {"reason": "none"})
    return found


def _channel(run: AttributionRun, asked: Asked, model: str, place: int) -> ChannelCredit:
    name, credit = run.record["channels"][place], _of(run, model)
    money = run.record["money"]
    cost = money["cost"].get(name)
    claims = (money["claims"] if run.conversion in CLAIMED else {}).get(name, (None, None))
    value = credit["value"][place]
    removal = _of(run, "markov")["removal"]
    return ChannelCredit(
        name=name,
        shares={
            one: _share(_of(run, one)["conversions"], place)
            for one in MODELS
            if not _of(run, one)["reason"]
        },
        firm=_firm(run, model, place),
        removal=removal[place] if removal else None,
        conversions=Decimal(credit["conversions"][place]) / MICROS,
        value=Money(value, run.currency),
        cost=Money(cost, run.currency) if cost else None,
        roi=roi(value, cost, asked.margin),
        claimed=None if claims[0] is None else Decimal(claims[0]) / MICROS,
        claimed_value=None if claims[1] is None else Money(claims[1], run.currency),
    )


def _share(credit: Sequence[int], place: int) -> float:
    total = sum(credit)
    return credit[place] / total if total else 0.0


def _firm(run: AttributionRun, model: str, place: int) -> Firm | None:
    found = run.record["firmness"]["models"].get(model)
    if not found:
        return None
    return Firm(found["low"][place], found["high"][place], found["first"][place])
