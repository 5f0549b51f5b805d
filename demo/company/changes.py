"""What was changed in the campaigns, and what was hoped for, as the managers logged it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from campaigns.services import optimisation_log
from demo.company.records import Company
from demo.market.model import MICROS, Change

# The level from which an expectation in percent is written down as a value.
LEVEL_DAYS = 28


def plan_changes(company: Company) -> None:
    """Let every change of the market be logged on the day it was made."""
    for number, change in enumerate(company.market.changes):
        at = company.moments.on(change.made_on, 10 + number % 6, 7 * number % 60)
        company.timeline.add(at, "changes", partial(_log, company, change))


def _log(company: Company, change: Change, at: datetime) -> None:
    line = company.lines[change.line]
    percents = (
        change.expected_low_percent,
        change.expected_percent,
        change.expected_high_percent,
    )
    level = _return_before(company, change)
    company.changes[change.key] = optimisation_log(
        campaign=line.campaign,
        line=line,
        kind=change.kind,
        what=change.what,
        old_value=change.old_value,
        new_value=change.new_value,
        hypothesis=change.hypothesis,
        expected_metric=change.metric,
        expected=tuple(level * percent // 100 for percent in percents),  # type: ignore[arg-type]
        made_on=change.made_on,
        user=line.campaign.owner,
        at=at,
    )


def _return_before(company: Company, change: Change) -> int:
    """Revenue per spend of the line in the weeks before, in micros."""
    market, facts = company.market, company.market.facts
    position = next(i for i, line in enumerate(market.lines) if line.key == change.line)
    until = change.made_on.toordinal()
    first = (change.made_on - timedelta(days=LEVEL_DAYS)).toordinal()
    own = facts.where((facts.line == position) & (facts.day >= first) & (facts.day < until))
    return int(own.revenue_micros.sum()) * MICROS // max(int(own.spend_micros.sum()), 1)
