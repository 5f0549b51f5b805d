"""Opening fiscal years, making budget lines, and saying which campaign lines they pay for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import can, require
from budgets.models import BudgetLine, Draw, FiscalYear, LedgerAccount
from budgets.rules.month_names import month_name
from campaigns.models import CampaignLine, Channel
from core import events
from core.errors import Conflict, Invalid, NotAllowed
from core.events import SYSTEM, Actor
from core.models import Organisation

OPENS_YEARS = (Act.MOVE_BUDGET, Act.CLOSE_PERIOD)


@transaction.atomic
def year_open(*, user: User | None, year: int, at: datetime, actor: Actor = SYSTEM) -> FiscalYear:
    """Open the books of a fiscal year as the organisation's calendar cuts it; once.

    Directors and finance may; ``user`` None is the product itself.
    """
    if user and not any(can(user, act) for act in OPENS_YEARS):
        raise NotAllowed("Directors and finance open fiscal years.")
    if not 2000 <= year <= 2100:
        raise Invalid(f"{year} is not a fiscal year.", where="year")
    period = Organisation.current().calendar.year(year)
    row, is_new = FiscalYear.objects.get_or_create(
        year=year, defaults={"starts_on": period.start, "ends_on": period.end}
    )
    if is_new:
        _event(
            row, user, actor, "fiscal_year.opened", at, {"days": f"{period.start} to {period.end}"}
        )
    return row


@transaction.atomic
def line_create(
    *,
    user: User | None,
    fiscal_year: FiscalYear,
    team: Team,
    channel: Channel,
    name: str,
    owner: User,
    currency: str,
    at: datetime,
    gl_code: str = "",
    campaign_lines: Iterable[CampaignLine] = (),
    actor: Actor = SYSTEM,
) -> BudgetLine:
    """A budget line without money; money comes by an approved plan change.

    Directors make lines for the teams below them, managers for themselves.
    """
    if user:
        require(user, Act.DRAFT_REQUEST, team=team, owner_id=owner.pk)
    line = BudgetLine(
        fiscal_year=fiscal_year,
        team=team,
        channel=channel,
        name=name.strip(),
        owner=owner,
        currency=currency.upper(),
        gl_code=gl_code.strip(),
    )
    _clean(line)
    line.save()
    after = {"name": line.name, "owner": owner.name, "currency": line.currency}
    _event(line, user, actor, "budget_line.created", at, after)
    draws_set(line=line, user=user, campaign_lines=campaign_lines, at=at, actor=actor)
    return line


@transaction.atomic
def line_edit(
    *, line: BudgetLine, user: User, name: str, owner: User, gl_code: str, at: datetime
) -> BudgetLine:
    """Rename a line, hand it on, or change its account in the books."""
    require(user, Act.DRAFT_REQUEST, team=line.team, owner_id=line.owner_id)
    before = {"name": line.name, "owner": line.owner.name, "gl_code": line.gl_code}
    line.name, line.owner, line.gl_code = name.strip(), owner, gl_code.strip()
    _clean(line)
    line.save()
    after = {"name": line.name, "owner": line.owner.name, "gl_code": line.gl_code}
    if after != before:
        _event(line, user, SYSTEM, "budget_line.edited", at, after, before)
    return line


@transaction.atomic
def line_change(
    *,
    line: BudgetLine,
    user: User,
    name: str,
    owner: User,
    gl_code: str,
    campaign_lines: Iterable[CampaignLine],
    at: datetime,
) -> BudgetLine:
    """Change a line and what it pays for, both or neither.

    Campaign lines that the person does not see stay as they are.
    """
    seen = CampaignLine.objects.for_user(user).values_list("pk", flat=True)
    unseen = line.campaign_lines.exclude(pk__in=list(seen))
    draws_set(line=line, user=user, campaign_lines=[*campaign_lines, *unseen], at=at)
    return line_edit(line=line, user=user, name=name, owner=owner, gl_code=gl_code, at=at)


@transaction.atomic
def draws_set(
    *,
    line: BudgetLine,
    user: User | None,
    campaign_lines: Iterable[CampaignLine],
    at: datetime,
    actor: Actor = SYSTEM,
) -> None:
    """Say which campaign lines are paid from a budget line; one that has money stays."""
    if user:
        require(user, Act.DRAFT_REQUEST, team=line.team, owner_id=line.owner_id)
    wanted = {campaign_line.pk: campaign_line for campaign_line in campaign_lines}
    present = {draw.campaign_line_id: draw for draw in line.draws.select_related("campaign_line")}
    gone = [draw for pk, draw in present.items() if pk not in wanted]
    added = [row for pk, row in wanted.items() if pk not in present]
    _require_empty(line, [draw.campaign_line for draw in gone])
    Draw.objects.filter(pk__in=[draw.pk for draw in gone]).delete()
    Draw.objects.bulk_create([Draw(budget_line=line, campaign_line=row) for row in added])
    if gone or added:
        before = {"no longer pays for": [str(draw.campaign_line) for draw in gone]}
        after = {"pays for": [str(row) for row in added]}
        _event(line, user, actor, "budget_line.draws_changed", at, after, before)


def _require_empty(line: BudgetLine, gone: list[CampaignLine]) -> None:
    funded = LedgerAccount.objects.filter(
        budget_line=line, campaign_line__in=gone, balance_micros__gt=0
    ).first()
    if funded:
        raise Conflict(
            f"{funded.campaign_line} still has money of {line} in {month_name(funded.month)}.",
            where="campaign_lines",
            remedy="Move the money first.",
        )


def _clean(line: BudgetLine) -> None:
    try:
        line.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        where = "name" if field == "__all__" else field
        text = "There is a line of this name." if field == "__all__" else messages[0]
        raise Invalid(text, where=where) from error


def _event(
    subject: FiscalYear | BudgetLine,
    user: User | None,
    actor: Actor,
    action: str,
    at: datetime,
    after: dict[str, Any],
    before: dict[str, Any] | None = None,
) -> None:
    events.record(
        actor=user.as_actor() if user else actor,
        action=action,
        subject=subject,
        at=at,
        before=before,
        after=after,
        team_path=subject.team.path if isinstance(subject, BudgetLine) else "",
        live=["budgets"],
    )
