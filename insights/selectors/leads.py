"""Leads of each campaign: how many, at what cost, and how many got on, against another period."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import User
from analytics.leads import CostChange, ShareChange, cost_change, share_change
from campaigns.choices import Objective
from campaigns.models import Campaign
from core.models import Organisation
from core.money import Money
from core.periods import Period
from customers.models import Contact, Lead, Touchpoint
from insights.rules.leads import LEAD, MQL, SQL, YOUNG_DAYS, stage_of
from metrics.selectors import query

DAY = timedelta(days=1)
YEAR = 52 * 7


@dataclass(slots=True)
class Counts:
    """One campaign in one period; ``old`` leads had the time to be qualified."""

    spend: int = 0
    reported: int = 0
    known: int = 0
    old: int = 0
    mql: int = 0
    sql: int = 0

    @property
    def leads(self) -> int:
        """What the platforms report, else what the CRM knows."""
        return self.reported or self.known


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A campaign's leads in the period, against the baseline; ``campaign`` None: not known whose."""

    campaign: int | None
    name: str
    team: str
    after: Counts
    before: Counts
    currency: str
    # Whether leads are what the spend is for: platforms report them, or they are the objective.
    is_aim: bool
    cost: CostChange
    mql: ShareChange
    sql: ShareChange

    def cpl(self, counts: Counts) -> Money | None:
        if not (self.is_aim and counts.leads and counts.spend):
            return None
        return Money(round(counts.spend / counts.leads), self.currency)


@dataclass(frozen=True, slots=True)
class LeadReport:
    after: Period
    before: Period
    currency: str
    rows: Sequence[LeadRow]
    total: LeadRow


@dataclass(slots=True)
class _Sides:
    before: Counts = field(default_factory=Counts)
    after: Counts = field(default_factory=Counts)


def leads_of(user: User, *, today: date, days: int, against: str, currency: str) -> LeadReport:
    """The last ``days`` complete days against the ones before, or those of a year ago."""
    after = Period("after", today - days * DAY, today - DAY)
    back = YEAR if against == "year" else days
    before = Period("before", after.start - back * DAY, after.end - back * DAY)
    sides: dict[int, _Sides] = defaultdict(_Sides)
    _read_spend(user, before, after, currency, sides)
    _read_people(user, before, after, today, sides)
    names = Campaign.objects.select_related("team").in_bulk([pk for pk in sides if pk])
    rows = [
        _row(pk or None, names.get(pk), one.before, one.after, currency)
        for pk, one in sides.items()
        if one.after.leads or one.before.leads
    ]
    rows.sort(key=lambda row: (-row.after.leads, -row.before.leads, row.name))
    with_leads = [sides[row.campaign or 0] for row in rows]
    total = _row(
        None, None, _sum([one.before for one in with_leads]), _sum([one.after for one in with_leads]),
        currency, name="All campaigns",
    )  # fmt: skip
    return LeadReport(after, before, currency, rows, total)


def _row(
    pk: int | None,
    campaign: Campaign | None,
    before: Counts,
    after: Counts,
    currency: str,
    name: str = "No campaign known",
) -> LeadRow:
    is_aim = bool(after.reported or before.reported)
    is_aim |= campaign is not None and campaign.objective == Objective.LEADS
    spent = (before.spend, after.spend) if is_aim else (0, 0)
    return LeadRow(
        campaign=pk if campaign else None,
        name=campaign.name if campaign else name,
        team=campaign.team.name if campaign else "",
        after=after,
        before=before,
        currency=currency,
        is_aim=is_aim,
        cost=cost_change(spent[0], before.leads, spent[1], after.leads),
        mql=share_change(before.mql, before.old, after.mql, after.old),
        sql=share_change(before.sql, before.old, after.sql, after.old),
    )


def _sum(counts: Sequence[Counts]) -> Counts:
    return Counts(
        *(
            sum(getattr(one, name) for one in counts)
            for name in ("spend", "reported", "known", "old", "mql", "sql")
        )
    )


def _read_spend(
    user: User, before: Period, after: Period, currency: str, sides: Mapping[int, _Sides]
) -> None:
    for name, period in (("before", before), ("after", after)):
        answer = query(
            metrics=["spend", "leads"],
            by=["campaign"],
            period=period,
            viewer=user,
            currency=currency,
            mature=True,
        )
        for row in answer.rows:
            counts: Counts = getattr(sides[row["campaign"]], name)
            counts.spend, counts.reported = row["spend"] or 0, row["leads"] or 0


def _read_people(
    user: User, before: Period, after: Period, today: date, sides: Mapping[int, _Sides]
) -> None:
    """Count each contact of the CRM once, on the day it became a lead, for its last touch by then."""
    zone = ZoneInfo(Organisation.current().time_zone)
    became = _became_leads(user)
    touched = _touches(user, list(became))
    for contact, (at, rank) in became.items():
        day = at.astimezone(zone).date()
        side = "after" if day in after else "before" if day in before else ""
        if side:
            counts: Counts = getattr(sides[_campaign(touched.get(contact, ()), at)], side)
            _count(counts, rank, is_old=(today - day).days > YOUNG_DAYS)


def _count(counts: Counts, rank: int, *, is_old: bool) -> None:
    counts.known += 1
    if is_old:
        counts.old += 1
        counts.mql += rank >= MQL
        counts.sql += rank >= SQL


def _became_leads(user: User) -> dict[int, tuple[datetime, int]]:
    """Contact -> when it became a lead, and how far it has come."""
    leads = dict(
        Lead.objects.for_user(user)
        .filter(contact__isnull=False)
        .values_list("contact", "became_at")
    )
    rows = Contact.objects.for_user(user).filter(erased_at=None)
    found = {}
    for pk, lifecycle, created_at in rows.values_list("pk", "lifecycle", "created_at"):
        rank = max(stage_of(lifecycle), LEAD if pk in leads else 0)
        at = leads.get(pk) or created_at
        if rank and at:
            found[pk] = at, rank
    return found


def _touches(user: User, contacts: Sequence[int]) -> dict[int, list[tuple[datetime, int]]]:
    """Contact -> its touches of known campaigns, oldest first."""
    rows = Touchpoint.objects.for_user(user).filter(contact__in=contacts, line__isnull=False)
    found: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for contact, at, campaign in rows.order_by("at").values_list("contact", "at", "line__campaign"):
        found[contact].append((at, campaign))
    return found


def _campaign(touches: Sequence[tuple[datetime, int]], at: datetime) -> int:
    """The campaign of the last touch up to the day on which somebody became a lead; 0 unknown."""
    until = bisect_right([when for when, _ in touches], at + DAY)
    return touches[until - 1][1] if until else 0
