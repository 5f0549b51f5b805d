"""What people keep beside the figures: initiatives with their milestones, remarks, saved views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from accounts.services import view_keep
from campaigns.models import Campaign, Initiative
from campaigns.services import initiative_campaigns, initiative_save, milestone_save
from demo.company.records import Company
from demo.market import stories
from reporting.services import annotation_add


@dataclass(frozen=True, slots=True)
class Undertaking:
    """An initiative of a team, carried by the campaigns whose names begin with ``carried_by``.

    Milestones are (name, due in days from today, done in days from today or None).
    """

    team: str
    by: str
    name: str
    goal: str
    carried_by: tuple[str, ...]
    due_in: int
    begun: int
    milestones: tuple[tuple[str, int, int | None], ...]


@dataclass(frozen=True, slots=True)
class View:
    """A list as somebody keeps it: ``{me}`` is the person's number, ``shared_with`` a team's key."""

    by: str
    page: str
    name: str
    query: str
    shared_with: str = ""


UNDERTAKINGS = (
    Undertaking(
        "europe", "mara", "A winter that pays for itself",
        "Winter brings 4.3 in revenue for each unit of spend, and half of the buyers are new.",
        ("Winter layers 2026", "Black Friday 2026", "Rain is a season"), 45, 74,
        (
            ("Range and stock agreed", -60, -58),
            ("Films and photographs ready", -50, -44),
            ("Retargeting without third-party cookies", -9, None),
            ("What we learned, for the spring", 40, None),
        ),
    ),
    Undertaking(
        "na", "rosa", "Marketplaces as a second shop",
        "A fifth of revenue comes through marketplaces, at no more than 25 per order.",
        ("Marketplace listings", "Shopping core range"), 120, 200,
        (
            ("Feed without errors", -170, -171),
            ("Prices follow the shop within the hour", -40, -22),
            ("Second marketplace live", 30, None),
        ),
    ),
)  # fmt: skip
VIEWS = (
    View(
        "mara",
        "reporting:campaigns",
        "Live, weakest return first",
        "status=live&sort=roas",
        "europe",
    ),
    View("jonas", "reporting:campaigns", "Mine", "owner={me}"),
    View("ben", "reporting:audit", "Decisions", "action=request"),
)
PARCEL_STRIKE = "Parcel strike in Germany: deliveries took four days longer"


def plan_notes(company: Company) -> None:
    """Let initiatives begin, remarks be written and views be kept, each at its time."""
    for one in UNDERTAKINGS:
        begun, joined = company.moments.ago(one.begun, 11, 5), company.moments.ago(3, 16, 20)
        company.timeline.add(begun, "campaigns", partial(_begin, company, one))
        company.timeline.add(joined, "campaigns", partial(_join, company, one))
    company.timeline.add(company.moments.ago(26, 9, 35), "campaigns", partial(_strike, company))
    silent = company.moments.ago(stories.OUTAGE_LAST, 15, 10)
    company.timeline.add(silent, "campaigns", partial(_outage, company))
    for n, view in enumerate(VIEWS):
        at = company.moments.ago(9 - n, 10, 5)
        company.timeline.add(at, "people", partial(_keep, company, view))


def _begin(company: Company, one: Undertaking, at: datetime) -> None:
    user, team, today = company.people[one.by], company.teams[one.team], company.today
    made = initiative_save(
        user=user, at=at, team=team, owner=user, name=one.name, goal=one.goal,
        due_on=today + timedelta(days=one.due_in),
    )  # fmt: skip
    for name, due, done in one.milestones:
        milestone_save(
            initiative=made, user=user, at=at, name=name, due_on=today + timedelta(days=due),
            done_on=None if done is None else today + timedelta(days=done),
        )  # fmt: skip


def _join(company: Company, one: Undertaking, at: datetime) -> None:
    """Campaigns are named as those that carry it once all of them are drawn up."""
    below = Campaign.objects.filter(team__path__startswith=company.teams[one.team].path)
    initiative_campaigns(
        initiative=Initiative.objects.get(name=one.name),
        user=company.people[one.by],
        at=at,
        add=[campaign for campaign in below if campaign.name.startswith(one.carried_by)],
    )


def _strike(company: Company, at: datetime) -> None:
    first = company.today - timedelta(days=29)
    annotation_add(
        user=company.people["jonas"], team=company.teams["dach"], at=at,
        first_day=first, last_day=first + timedelta(days=3), text=PARCEL_STRIKE,
    )  # fmt: skip


def _outage(company: Company, at: datetime) -> None:
    """The days without conversions, so that nobody reads them as a slump."""
    last_day = company.today - timedelta(days=1)
    annotation_add(
        user=company.people["mara"],
        team=company.teams["europe"], at=at,
        first_day=last_day - timedelta(days=stories.OUTAGE_FIRST),
        last_day=last_day - timedelta(days=stories.OUTAGE_LAST),
        text="Meta reported no conversions: its tag was broken by a release of the shop",
    )  # fmt: skip


def _keep(company: Company, view: View, at: datetime) -> None:
    user = company.people[view.by]
    view_keep(
        user=user, page=view.page, name=view.name, query=view.query.format(me=user.pk), at=at,
        team=company.teams[view.shared_with] if view.shared_with else None,
    )  # fmt: skip
