"""How a source wants to be watched."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core import events
from core.errors import Invalid
from integrations.choices import Severity
from integrations.models import MonitorSetting, Source
from integrations.rules.monitors import SPECS
from integrations.selectors.quality import Setting, settings_of


@transaction.atomic
def monitor_set(
    source: Source,
    *,
    monitor: str,
    severity: str,
    threshold: Decimal,
    holds: bool,
    user: User,
    at: datetime,
) -> Setting:
    """Override a monitor for a source; raises ``Invalid`` with where and why."""
    require(user, Act.CONFIRM_PARTIAL, team=source.team, owner_id=user.pk)
    spec = SPECS.get(monitor)
    if spec is None:
        raise Invalid(f"There is no monitor “{monitor}”.", where="monitor")
    if severity not in Severity.values:
        raise Invalid("A monitor is off, a warning or an error.", where="severity")
    if threshold <= 0:
        raise Invalid("A threshold is more than nothing.", where="threshold")
    if holds and (severity != Severity.ERROR or not spec.may_hold):
        raise Invalid(
            "Only an error about single rows can hold them back.",
            where="holds",
            remedy="Make it an error, or leave the rows where they are.",
        )
    before = settings_of(source)[monitor]
    MonitorSetting.objects.update_or_create(
        source=source,
        monitor=monitor,
        defaults={"severity": severity, "threshold": threshold, "holds": holds},
    )
    after = settings_of(source)[monitor]
    events.record(
        actor=user.as_actor(),
        action="monitor.set",
        subject=source,
        at=at,
        before={"monitor": monitor, **asdict(before)},
        after={"monitor": monitor, **asdict(after)},
        team_path=source.team.path,
    )
    return after
