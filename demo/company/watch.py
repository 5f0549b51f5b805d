"""What was noticed and what people did about it: the daily checks of some past days, alerts handled."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from automation.models import Alert
from automation.services import alert_acknowledge, alert_raise, alert_recover, alert_snooze
from budgets.selectors import local_day
from core.events import AUTOMATION
from demo.company.records import Company
from demo.market import stories
from insights.services import daily_check
from insights.services.risks import risks_keep

# Mornings on which the checks of the past are told, counted back from today.
CHECKED = (28, 10, 0)
# Further mornings whose list of risks is kept, so that its total has a course.
LISTED = (21, 14, 5)
PACE_IS_KNOWN = "Known: the plan is even, the season is not. I look again next week."


def plan_checks(company: Company) -> None:
    """Let the checks run on some mornings, and people act on what they found."""
    add, at = company.timeline.add, company.moments.ago
    for days in CHECKED:
        add(at(days, 6), "checks", _check)
    for days in LISTED:
        add(at(days, 6), "checks", lambda at: risks_keep(at=at, today=local_day(at)))
    add(at(20, 11, 15), "alerts", partial(_acknowledge, company))
    add(at(6, 9, 20), "alerts", partial(_acknowledge, company))
    add(at(1, 9, 35), "alerts", partial(_snooze, company))
    _plan_outage(company)


def _check(at: datetime) -> None:
    daily_check(now=at)


def _waiting(company: Company) -> list[Alert]:
    """Open alerts, oldest first; the one the tour is about stays for the visitor."""
    falling = stories.FALLING_LINE.rpartition("-")[0]
    told = company.campaigns[falling].pk
    open_alerts = Alert.objects.filter(state=Alert.State.OPEN).exclude(campaign=told)
    return list(open_alerts.select_related("owner").order_by("opened_at", "pk"))


def _acknowledge(company: Company, at: datetime) -> None:
    """Somebody takes on the older half of what waits."""
    waiting = _waiting(company)
    for alert in waiting[: len(waiting) // 2]:
        alert_acknowledge(alert=alert, user=alert.owner, at=at)


def _snooze(company: Company, at: datetime) -> None:
    quiet = [alert for alert in _waiting(company) if alert.severity != Alert.Severity.CRITICAL]
    for alert in quiet[:1]:
        until = company.moments.now + timedelta(days=6)
        alert_snooze(alert=alert, user=alert.owner, until=until, reason=PACE_IS_KNOWN, at=at)


def _plan_outage(company: Company) -> None:
    """The lost tag, as people met it: noticed by an analyst, fixed, closed."""
    first = company.market.last_day - timedelta(days=stories.OUTAGE_FIRST)
    last = company.market.last_day - timedelta(days=stories.OUTAGE_LAST)
    made: list[Alert] = []
    add, on = company.timeline.add, company.moments.on
    add(
        on(first + timedelta(days=1), 8, 50),
        "alerts",
        lambda at: made.append(_report_outage(company, first, at)),
    )
    add(
        on(first + timedelta(days=1), 9, 25),
        "alerts",
        lambda at: alert_acknowledge(alert=made[0], user=company.people["jonas"], at=at),
    )
    add(
        on(last + timedelta(days=1), 16, 30),
        "alerts",
        lambda at: alert_recover(
            alert=made[0],
            actor=AUTOMATION,
            at=at,
            reason=f"The tag is back since {last + timedelta(days=1):%-d %B}.",
        ),
    )


def _report_outage(company: Company, first: date, at: datetime) -> Alert:
    campaign = company.campaigns["dach-prospecting-video"]
    return alert_raise(
        user=company.people["ada"],
        team=company.teams["dach"],
        campaign=campaign,
        owner=company.people["jonas"],
        severity=Alert.Severity.CRITICAL,
        title=f"Meta Ads reports no orders since {first:%-d %B}, in all teams",
        reason="Clicks are as always, orders are not: the conversion tag was lost with the "
        "release of that evening. What was ordered in these days is missing for good.",
        at=at,
    )
