"""Example objects of alerts: the return of a campaign of DACH and Jonas falls."""

from datetime import UTC, date, datetime

from automation.models import Alert
from insights.models import Finding
from insights.services.listeners import OPENED, tell
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.world import make_campaign

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)


def make_finding(cast: Cast) -> Finding:
    """An open finding about a campaign of DACH."""
    campaign = make_campaign(cast)
    return Finding.objects.create(
        kind=Finding.Kind.TREND, cause=f"trend:roas:campaign:{campaign.pk}", team=cast.dach,
        campaign=campaign, metric="roas", title="Return fell from 1.88× to 0.89×",
        reason="Three months in a row.", window_start=date(2026, 8, 1),
        window_end=date(2026, 10, 31), evidence={"severity": "critical", "unit": "ratio"},
        stake_micros=12_000_000_000, currency="EUR", found_at=NOW, seen_at=NOW,
    )  # fmt: skip


@example(
    "automation:alert", "automation:acknowledge", "automation:assign", "automation:snooze",
    "api-alert",
)  # fmt: skip
def alert(cast: Cast) -> Keywords:
    finding = make_finding(cast)
    tell(finding, OPENED, NOW)
    return {"pk": Alert.objects.get(finding=finding).pk}


@example("automation:for-finding")
def alert_of_a_finding(cast: Cast) -> Keywords:
    finding = make_finding(cast)
    tell(finding, OPENED, NOW)
    return {"finding_pk": finding.pk}


@example("automation:feature-ask", "automation:feature-off", "api-automation-feature")
def feature(cast: Cast) -> Keywords:
    return {"key": "advice"}
