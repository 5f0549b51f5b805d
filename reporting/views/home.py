"""The first page after signing in, made for the role that signs in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act, Role
from accounts.models import User
from accounts.permissions import can, gate, person, require, sees_money
from core import clock, formats
from core.exports import export_response
from core.known import page_as_known
from core.needs import needs_of
from core.pages import page
from core.parts import Entry, Need
from core.tables import Cell, Column, Table
from metrics.selectors import METRICS, QueryResult, where_from
from reporting.selectors import home as selectors
from reporting.selectors import home_cards, home_goals
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

# Who is greeted with the newest reports.
READERS = (Role.EXECUTIVE, Role.DIRECTOR, Role.AUDITOR)


class GroupTable(Table):
    """Channels, teams or campaigns and what they bring."""

    key = "groups"
    columns = (
        Column("label", "Name", kind="link", priority=1),
        Column("spend", "Spend", kind="money", priority=2),
        Column("revenue", "Revenue", kind="money", priority=1),
        Column("share", "Revenue compared", kind="bar", priority=3),
        Column("change", "vs days before", kind="delta", sortable=False, priority=2),
        Column("roas", "ROAS", kind="ratio", priority=2),
        Column("conversions", "Conversions", kind="compact", priority=3),
        Column("cpa", "CPA", kind="money", priority=3),
    )
    default_sort = "-spend"
    noun = "rows"
    empty_title = "No figures in this period"
    empty_text = "Choose another period above, or import an export of your ad platform."

    by = "channel"
    window: Window

    def where_from(self, record: Group) -> str:
        metrics = [key for key in record.values if key in METRICS]
        return where_from(metrics, self.window.to_date, {self.by: record.key}, self.window.currency)

    def link(self, record: Group) -> str:
        """A campaign's page, or the list of campaigns of the channel or team."""
        if self.by == "campaign":
            return reverse("reporting:campaign", args=[record.key])
        return f"{reverse('reporting:campaigns')}?{self.by}={record.key}"

    def cell(self, record: Group, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "label":
            cell.url = self.link(record)
            if self.by == "channel":
                cell.column = replace(column, kind="channel")
                cell.value = (record.channel, record.label)
        return cell


START_WITH_FILE = "Start with a file from your ad platform"
START_WITH_PEOPLE = "Start with the people who bring the figures"


@gate()
@require_safe
@page_as_known
def home(request: HttpRequest) -> HttpResponse:
    user = person(request)
    persona = next((role for role in PERSONAS if role in user.roles), None)
    if persona is None:
        return page(request, "reporting/home_empty.html", {"crumbs": [("Home", "")]})
    if not selectors.has_data():
        return page(request, "reporting/home_start.html", _start(user))
    if persona == Role.ADMIN:
        return page(request, "reporting/home_admin.html", _admin(user))
    window = window_of(request, now=clock.now())
    answer = selectors.headline(user, window)
    table = _groups(request, user, persona, window, answer)
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(
            table,
            wanted,
            title=f"Figures by {table.by}",
            filters=[("Period", window.period.label), ("Currency", window.currency)],
            as_of=answer.as_of,
            classification=window.organisation.classification,
        )
    return page(request, "reporting/home.html", _numbers(user, persona, window, answer, table))


def _groups(
    request: HttpRequest, user: User, persona: Role, window: Window, answer: QueryResult
) -> GroupTable:
    by = SPLIT_BY[persona]
    rows = selectors.groups(user, window, by, limit=25)
    total = {m.key: answer.value(m.key, answer.totals) for m in answer.metrics}
    table = GroupTable(request, rows, totals=total if len(rows) > 1 else None)
    table.by, table.window = by, window
    return table


def _numbers(
    user: User, persona: Role, window: Window, answer: QueryResult, table: GroupTable
) -> dict[str, Any]:
    now = clock.now()
    goals = home_goals.team_goals(user, window)
    own = home_goals.campaign_goals(user, window) if persona == Role.MANAGER else goals
    waiting = needs_of(user, now)
    return {
        "persona": persona,
        "window": window,
        "title": selectors.situation(answer, window, goals),
        "kicker": f"{formats.day(window.today, window.today)} · {window.period.label}{_days_gone(window)}",
        "status": data_status(answer, window),
        "tiles": selectors.headline_tiles(answer, goals, window),
        "chart": selectors.trend(user, window, "revenue" if sees_money(user) else "conversions"),
        "table": table,
        "table_title": _ranking(list(table.all_rows), table.by),
        "table_sub": f"{window.period.label} to date, {window.currency} · beside as many days before",
        "needs": [item.need for item in waiting[:6]],
        "needs_title": _needs_title(len(waiting)),
        "goals": home_goals.ranked_goals(own)[:6],
        "goals_title": home_goals.goals_title(own),
        "stakes": selectors.at_stake(user) if sees_money(user) else [],
        "outcomes": selectors.outcomes(user),
        "imports": home_cards.newest_imports(user) if persona == Role.ANALYST else [],
        "reports": home_cards.reports_to_read(user) if persona in READERS else [],
        "chain": selectors.chain_state() if persona == Role.AUDITOR else None,
        "may_upload": can(user, Act.UPLOAD_IMPORT),
        "may_create": can(user, Act.DRAFT_REQUEST),
        "live": "alerts changerequests batchs",
        "crumbs": [("Home", "")],
    }


def _days_gone(window: Window) -> str:
    """How far a running period is: `` · day 53 of 92``."""
    if not window.period.start <= window.today <= window.period.end:
        return ""
    return f" · day {(window.today - window.period.start).days + 1} of {window.period.days}"


def _start(user: User) -> dict[str, Any]:
    """Before the first import: what comes first, and who does it."""
    may_upload = can(user, Act.UPLOAD_IMPORT)
    steps = [
        Need(
            "Import your first file",
            reverse("integrations:imports") if may_upload else "",
            "upload",
            "An export of Google Ads, Meta, LinkedIn, Microsoft or GA4, or any CSV or XLSX · columns are recognised, nothing is written before you say so",
        ),
        Need(
            "See which campaigns it brought",
            reverse("reporting:campaigns"),
            "speakerphone",
            "Each gets an owner, channels and a flight",
        ),
        Need(
            "Set the first target",
            reverse("metrics:goals"),
            "target",
            "From then on every page says whether you are ahead or behind",
        ),
        Need(
            "Plan the year’s budget",
            reverse("budgets:centre") if sees_money(user) else "",
            "wallet",
            "Pace and moves of money need a plan",
        ),
    ]
    if can(user, Act.INVITE_USER):
        steps.insert(
            0,
            Need(
                "Invite the people you work with",
                reverse("accounts:people"),
                "users",
                "Roles decide what each of them sees and may do; analysts and managers import files",
            ),
        )
    return {
        "title": START_WITH_FILE if may_upload else START_WITH_PEOPLE,
        "steps": [step for step in steps if step.url],
        "may_upload": may_upload,
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
        "slow_url": reverse("reporting:slow"),
        "roles": selectors.people_by_role(),
        "events": _security(user),
        "needs": [item.need for item in needs_of(user, now)[:6]],
        "crumbs": [("Home", "")],
    }


def _security(user: User) -> list[Entry]:
    """The newest security events."""
    return [
        Entry(
            home_cards.action_words(e.action),
            when=formats.moment(e.at),
            who=e.actor_name,
            text=e.subject_label,
            url=reverse("reporting:event", args=[e.pk]),
        )
        for e in events_for(user)[:8]
    ]
