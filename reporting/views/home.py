"""The first page after signing in, made for the role that signs in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act, Role
from accounts.models import User
from accounts.permissions import can, gate, person, sees_money
from core import clock, formats
from core.needs import needs_of
from core.pages import page
from core.parts import Entry
from core.tables import Cell, Column, Table
from reporting.selectors import home as selectors
from reporting.selectors.audit import events_for
from reporting.selectors.home import Group
from reporting.selectors.status import data_status
from reporting.selectors.window import Window, window_of

# The order in which a person with several roles is greeted.
PERSONAS = (
    Role.EXECUTIVE,
    Role.DIRECTOR,
    Role.MANAGER,
    Role.AUDITOR,
    Role.ANALYST,
    Role.ADMIN,
)
SPLIT_BY = {
    Role.EXECUTIVE: "channel",
    Role.DIRECTOR: "team",
    Role.MANAGER: "campaign",
    Role.AUDITOR: "team",
    Role.ANALYST: "channel",
}


class GroupTable(Table):
    """Channels, teams or campaigns and what they bring."""

    key = "groups"
    columns = (
        Column("label", "Name", kind="link", priority=1),
        Column("spend", "Spend", kind="money", priority=2),
        Column("revenue", "Revenue", kind="money", priority=1),
        Column("roas", "ROAS", kind="ratio", priority=2),
        Column("conversions", "Conversions", kind="compact", priority=3),
        Column("cpa", "CPA", kind="money", priority=3),
    )
    default_sort = "-spend"
    empty_title = "No figures in this period"
    empty_text = "Choose another period above, or import an export of your ad platform."

    by = "channel"

    def link(self, record: Group) -> str:
        """A campaign's page, or the list of campaigns of the channel or team."""
        if self.by == "campaign":
            return reverse("reporting:campaign", args=[record.key])
        return f"{reverse('reporting:campaigns')}?{self.by}={record.key}"

    def cell(self, record: Group, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "label":
            cell.url = self.link(record)
        return cell


@gate()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = person(request)
    persona = next((role for role in PERSONAS if role in user.roles), None)
    if persona is None:
        return page(request, "reporting/home_empty.html", {"crumbs": [("Home", "")]})
    if persona == Role.ADMIN:
        return page(request, "reporting/home_admin.html", _admin(user))
    window = window_of(request, now=clock.now())
    return page(request, "reporting/home.html", _numbers(request, user, persona, window))


def _numbers(request: HttpRequest, user: User, persona: Role, window: Window) -> dict[str, Any]:
    now = clock.now()
    answer = selectors.headline(user, window)
    by = SPLIT_BY[persona]
    rows = selectors.groups(user, window, by, limit=25)
    table = GroupTable(request, rows)
    table.by = by
    waiting = needs_of(user, now)
    return {
        "persona": persona,
        "title": selectors.situation(answer, window),
        "kicker": f"{formats.day(window.today, window.today)} · {window.period.label}",
        "status": data_status(answer, window),
        "tiles": selectors.headline_tiles(answer),
        "chart": selectors.trend(user, window, "revenue" if sees_money(user) else "conversions"),
        "table": table,
        "table_title": _ranking(rows, by),
        "needs": [item.need for item in waiting[:6]],
        "needs_title": _needs_title(len(waiting)),
        "stakes": selectors.at_stake(user) if sees_money(user) else [],
        "outcomes": selectors.outcomes(user),
        "chain": selectors.chain_state() if persona == Role.AUDITOR else None,
        "may_upload": can(user, Act.UPLOAD_IMPORT),
        "may_create": can(user, Act.DRAFT_REQUEST),
        "live": "alerts changerequests batchs",
        "crumbs": [("Home", "")],
    }


def _ranking(rows: list[Group], by: str) -> str:
    """The finding above the table: who earns most for what is spent."""
    returns = [
        (roas, row.label) for row in rows if isinstance(roas := row.values.get("roas"), Decimal)
    ]
    if len(returns) < 2:
        return f"Figures by {by}"
    (lowest, worst), (highest, best) = min(returns), max(returns)
    return f"{best} returns {formats.ratio(highest)} on spend, {worst} {formats.ratio(lowest)}"


def _needs_title(count: int) -> str:
    if not count:
        return "Nothing waits for you"
    return f"{count} things need you" if count > 1 else "One thing needs you"


def _admin(user: User) -> dict[str, Any]:
    """Administrators run people and the system; they see no amounts."""
    now = clock.now()
    health = selectors.system_health(now)
    wrong = [item for item in health if item.tone == "bad"]
    return {
        "title": f"{len(wrong)} things need a look" if wrong else "Everything runs",
        "health": health,
        "roles": selectors.people_by_role(),
        "events": _security(user),
        "needs": [item.need for item in needs_of(user, now)[:6]],
        "crumbs": [("Home", "")],
    }


def _security(user: User) -> list[Entry]:
    """The newest security events."""
    return [
        Entry(
            e.action,
            when=formats.moment(e.at),
            who=e.actor_name,
            text=e.subject_label,
            url=reverse("reporting:event", args=[e.pk]),
        )
        for e in events_for(user)[:8]
    ]
