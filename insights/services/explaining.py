"""Why an incident's result changed: worked out once when it was found, kept, and quoted by its number."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from accounts.permissions import sees_money
from core.periods import Period
from insights.models import Explanation, Finding
from insights.selectors.drivers import Why, period_before, why_changed

COUNT_OF = {"revenue": "conversions", "spend": "clicks"}


def anomalies_explain(*, at: datetime) -> int:
    """Keep an explanation for each open incident whose days have none yet; returns how many."""
    rows = Finding.objects.open().filter(kind=Finding.Kind.ANOMALY)
    todo = [finding for finding in rows if "explanation" not in finding.evidence]
    for finding in todo:
        _explain(finding, at)
    return len(todo)


def incident_why(finding: Finding, against: str, viewer: User | None) -> Why:
    """Why the result of an incident's lines changed, worked out from what is known now.

    For people who see no amounts the result is told in counts.
    """
    after = Period("after", finding.window_start, finding.window_end)
    result = finding.evidence["result"]
    sees_all = viewer is None or sees_money(viewer)
    return why_changed(
        metric=result if sees_all else COUNT_OF.get(result, result),
        before=period_before(after, against),
        after=after,
        viewer=viewer,
        where={"line": finding.evidence["lines"]},
        currency=finding.currency or None if sees_all else None,
    )


def _explain(finding: Finding, at: datetime) -> None:
    made = _keep(finding, incident_why(finding, "week", None), at)
    finding.evidence["explanation"] = made.pk
    finding.save(update_fields=["evidence"])


def _keep(finding: Finding, why: Why, at: datetime) -> Explanation:
    return Explanation.objects.create(
        finding=finding,
        metric=why.metric.key,
        where={"line": finding.evidence["lines"]},
        before_first=why.before.start,
        before_last=why.before.end,
        after_first=why.after.start,
        after_last=why.after.end,
        currency=why.currency,
        step=why.step,
        tree=why.tree.as_json(),
        chain={
            "whole": [step.as_json() for step in why.chain],
            "path": [node.segment for node in why.path],
            "inner": [step.as_json() for step in why.inner],
        },
        known_at=why.known_at or at,
        made_at=at,
    )
