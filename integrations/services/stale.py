"""An export that is older than what is known of the same campaigns and days is held, never loaded over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.db.models import Q
from django.db.models.functions import Coalesce

from campaigns.models import CampaignLine
from core import formats
from integrations.choices import RunState
from integrations.models import ImportRun
from integrations.rules import Outcome, Reading, RowProblem
from integrations.rules.codes import Code
from integrations.rules.market import MARKET
from integrations.services.auctions import auctions_fit


def held_when_stale(reading: Reading, run: ImportRun) -> Reading:
    """``reading``, refused when an import that stands was exported later and covers the same.

    Only a file that says when it was made can be older. Its counterpart is as old as it says
    itself, or at least as its last day: an export cannot hold a day that was still to come.
    """
    if reading.layout and reading.layout.kind == MARKET:
        return auctions_fit(reading, run, account_said(run))
    made = reading.evidence.exported_on
    if made is None or reading.outcome == Outcome.REFUSE or reading.rows.empty:
        return reading
    if run.settings.get("override") == Code.STALE_EXPORT or "campaign_name" not in reading.rows:
        return reading
    newer = _newer(reading, run, made)
    if newer is None:
        return reading
    message = (
        f"This file was exported on {formats.day(made)}, but “{newer.file_name}”, which covers the "
        f"same campaigns and days, is of {formats.day(_age(newer))} or later. An older export never "
        "replaces a newer one: export these days again."
    )
    problem = RowProblem(None, "", Code.STALE_EXPORT, message)
    return replace(reading, outcome=Outcome.REFUSE, problems=(problem, *reading.problems))


def account_said(run: ImportRun) -> str:
    """The ad account somebody named for the file; "" when nobody did."""
    said: str = run.settings.get("account") or run.settings.get("ad_account", "")
    return said


def _age(run: ImportRun) -> date:
    return run.exported_on or run.last_day or date.min


def _newer(reading: Reading, run: ImportRun, made: date) -> ImportRun | None:
    first, last = reading.period or (made, made)
    standing = ImportRun.objects.filter(
        state=RunState.IMPORTED,
        team=run.team,
        batch__lines__line__in=_lines(reading, run),
        batch__lines__first_day__lte=last,
        batch__lines__last_day__gte=first,
    )
    if run.source_id:
        standing = standing.filter(source=run.source_id)
    aged = standing.annotate(age=Coalesce("exported_on", "last_day"))
    return aged.filter(age__gt=made).order_by("-age").first()


def _lines(reading: Reading, run: ImportRun) -> list[int]:
    """The known lines the file speaks of, by the platform's number, else by name."""
    rows = reading.rows
    numbers = set(rows["campaign_external_id"].unique()) - {""}
    nameless = rows["campaign_external_id"] == ""
    names = set(rows.loc[nameless, "campaign_name"].unique())
    meant = Q(external_id__in=numbers) | Q(name__in=names)
    lines = CampaignLine.objects.filter(meant, campaign__team=run.team)
    if account := account_said(run):
        lines = lines.filter(ad_account__external_id=account)
    return list(lines.values_list("pk", flat=True))
