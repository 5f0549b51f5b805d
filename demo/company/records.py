"""The company while it is being built: the market's keys beside the records made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from accounts.models import Team, User
from approvals.models import ChangeRequest
from budgets.models import BudgetLine
from campaigns.models import AdAccount, Audience, Campaign, CampaignLine, Channel, Optimisation
from demo.company.timeline import Moments, Timeline
from demo.market import Market
from demo.market.model import Line

# Team key, channel key, fiscal year.
Pot = tuple[str, str, int]


@dataclass(slots=True)
class Company:
    """Everything made so far, by the market's keys. ``move`` adds what requests will have moved
    of a line's month (micros), so that plans end where the market spent."""

    market: Market
    moments: Moments
    timeline: Timeline
    people: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    accounts: dict[str, AdAccount] = field(default_factory=dict)
    audiences: dict[str, Audience] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    lines: dict[str, CampaignLine] = field(default_factory=dict)
    creatives: dict[str, int] = field(default_factory=dict)
    pots: dict[Pot, BudgetLine] = field(default_factory=dict)
    moved: dict[tuple[str, str], int] = field(default_factory=dict)
    requests: dict[str, ChangeRequest] = field(default_factory=dict)
    changes: dict[str, Optimisation] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.moments.today

    def market_line(self, key: str) -> Line:
        return next(line for line in self.market.lines if line.key == key)

    def pot_of(self, line: Line, year: int) -> BudgetLine:
        """The budget line that pays for a campaign line in a fiscal year."""
        return self.pots[line.team, line.channel, year]


def month_key(month: date) -> str:
    """How the books name a month."""
    return f"{month:%Y-%m}"
