"""How an alert is shown: its row, its facts, its picture."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.permissions import sees_money
from automation.forms import AssignForm, SnoozeForm
from automation.models import Alert
from automation.services.alerts import may_handle
from core import formats
from core.charts import Chart, Series, Unit, Young
from core.models import Event
from core.money import Money
from core.parts import Entry, Fact
from core.tables import Cell, Column, Table
from insights.models import Finding, Recommendation

TONES = {"critical": "bad", "warning": "warn", "info": "accent"}
STATE_TONES = {"open": "bad", "acknowledged": "accent", "snoozed": "neutral", "recovered": "good"}


class AlertTable(Table):
    """The list of alerts."""

    key = "alerts"
    columns = (
        Column("title", "Alert", kind="link", url="get_absolute_url", priority=1),
        Column("get_severity_display", "Severity", kind="badge", sort="urgency", priority=2),
        Column("get_state_display", "State", kind="badge", sort="state", priority=2),
        Column("campaign", "Campaign"),
        Column("owner", "Owner", kind="user"),
        Column("opened_at", "Open since", kind="datetime", priority=2),
    )
    search = ("title",)
    noun = "alerts"
    empty_title = "Nothing is wrong that we know of"
    empty_text = "Checks run every morning after the data has arrived, and whenever an import ends."

    def cell(self, record: Alert, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "get_severity_display":
            cell.tone = TONES[record.severity]
        elif column.key == "get_state_display":
            cell.tone = STATE_TONES[record.state]
        return cell


def money_or_nothing(micros: int | None, currency: str) -> str:
    """An amount, or an en dash."""
    return formats.NOTHING if micros is None else formats.money(Money(micros, currency))


def evidence_chart(finding: Finding) -> Chart | None:
    """The periods a finding was made from, as it saw them."""
    periods = finding.evidence.get("periods", [])
    if len(periods) < 2:
        return None
    series = [Series("Actual", [Decimal(p["value"]) for p in periods])]
    if target := finding.evidence.get("target"):
        series.append(Series("Target", [Decimal(target)] * len(periods), style="target"))
    return Chart(
        kind="line",
        title=finding.title,
        sub=finding.evidence.get("method", ""),
        x=[p["label"] for p in periods],
        unit=unit_of(finding.evidence),
        series=series,
        young=_young(finding),
        id=f"finding-{finding.pk}",
    )


def _young(finding: Finding) -> Young | None:
    """The periods that still grew when the finding was made."""
    young = finding.evidence.get("young")
    return Young(young["labels"][0], young["labels"][-1], words=young["words"]) if young else None


def unit_of(evidence: dict[str, Any]) -> Unit:
    """The unit an evidence names."""
    kind = evidence.get("unit", "count")
    if kind == "money":
        return Unit.money(evidence.get("currency", ""))
    return {"percent": Unit.percent(), "ratio": Unit.ratio()}.get(kind, Unit.number())


def alert_context(user: User, alert: Alert, now: datetime) -> dict[str, Any]:
    """Everything the page of one alert shows."""
    finding = alert.finding
    trail = Event.objects.filter(subject_type="automation.alert", subject_id=str(alert.pk))
    return {
        "alert": alert,
        "tone": TONES[alert.severity],
        "finding": finding,
        "chart": evidence_chart(finding) if finding and sees_money(user) else None,
        "facts": _facts(alert),
        "evidence": finding.evidence.get("facts", []) if finding else [],
        "recommendations": _recommendations(alert),
        "may_handle": may_handle(user, alert) and alert.state != Alert.State.RECOVERED,
        "snooze_form": SnoozeForm(),
        "assign_form": AssignForm(alert),
        "history": [_entry(event) for event in trail],
        "now": now,
        "live": f"alert:{alert.pk}",
        "crumbs": [("Alerts", "/alerts/"), (alert.title, "")],
    }


def _recommendations(alert: Alert) -> list[Recommendation]:
    if not alert.finding:
        return []
    known = alert.finding.recommendations.exclude(state=Recommendation.State.DISMISSED)
    return list(known.order_by("-effect_micros"))


def _facts(alert: Alert) -> list[Fact]:
    facts = [
        Fact("Owner", person=alert.owner.name),
        Fact("Open since", formats.moment(alert.opened_at)),
        Fact("State", alert.get_state_display(), tone=STATE_TONES[alert.state]),
    ]
    if alert.finding:
        window = formats.span(alert.finding.window_start, alert.finding.window_end)
        facts.append(Fact("Window", window))
        if alert.finding.stake_micros is not None:
            stake = money_or_nothing(alert.finding.stake_micros, alert.finding.currency)
            facts.append(Fact("At stake", stake))
    return facts


def _entry(event: Event) -> Entry:
    verb = event.action.partition(".")[2].replace("_", " ").capitalize()
    return Entry(verb, when=formats.moment(event.at), who=event.actor_name, text=event.reason)
