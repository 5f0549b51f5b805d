"""From rows as a file names things to facts as the product numbers them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from accounts.choices import Role
from accounts.models import Membership, Team, User
from campaigns.models import AdAccount, CampaignLine, Channel
from campaigns.services import (
    ImportedCampaign,
    NamedCreative,
    creatives_ensure,
    imported_lines_ensure,
)
from core.errors import Invalid
from core.events import Actor
from integrations.models import ImportRun, Source
from integrations.rules import MEASURES
from integrations.services.sources import CHANNEL_OF_PLATFORM, DEFAULT_CHANNEL
from metrics.services import segment_ensure

CAMPAIGN = ["campaign_name", "campaign_external_id", "channel", "currency"]
CREATIVE = ["creative_name", "creative_external_id"]
KEY = ["line_id", "day", "creative_id", "segment_id", "period_days"]


def facts_of(
    rows: pd.DataFrame, *, run: ImportRun, source: Source, actor: Actor, at: datetime
) -> pd.DataFrame:
    """Standard rows as facts; campaigns, lines, creatives and segments they name are ensured.

    Rows that fall on one key (several keywords of a campaign, say) are added up; a
    measure that none of them reports stays missing.
    """
    facts = pd.DataFrame(
        {
            "line_id": _line_ids(rows, run, source, actor, at),
            "day": rows["day"],
            "segment_id": _segment_ids(rows),
            "period_days": (rows["day"] - rows["period_start"]).dt.days + 1,
        }
    )
    facts["creative_id"] = _creative_ids(rows, facts["line_id"])
    reported = [measure for measure in MEASURES if rows[measure].notna().any()]
    for measure in reported:
        facts[measure] = rows[measure]
    summed = facts.groupby(KEY, as_index=False, sort=False)[reported].sum(min_count=1)
    return summed.assign(source=source.pk)


def _numbered(rows: pd.DataFrame, columns: Sequence[str]) -> tuple[pd.Series, pd.DataFrame]:
    """A group number per row, and the distinct combinations in the order of those numbers."""
    groups = rows.groupby(list(columns), observed=True, sort=False)
    distinct = rows[list(columns)].drop_duplicates().astype(str)
    return groups.ngroup(), distinct


def _line_ids(
    rows: pd.DataFrame, run: ImportRun, source: Source, actor: Actor, at: datetime
) -> pd.Series:
    numbers, distinct = _numbered(rows, CAMPAIGN)
    owner = owner_of(run.team, run.uploaded_by)
    lines: dict[tuple[str, str], dict[ImportedCampaign, CampaignLine]] = {}
    parts: Any = distinct.groupby(["channel", "currency"])
    for (channel, currency), part in parts:
        found = [
            ImportedCampaign(name or number, number)
            for name, number in zip(
                part["campaign_name"], part["campaign_external_id"], strict=True
            )
        ]
        lines[channel, currency] = imported_lines_ensure(
            team=run.team,
            owner=owner,
            channel=channel_named(channel or run.settings.get("channel", ""), source),
            currency=currency or source.currency,
            ad_account=_account(source, currency),
            found=found,
            actor=actor,
            at=at,
        )
    campaigns: Any = distinct.itertuples()
    ids = [
        lines[c.channel, c.currency][
            ImportedCampaign(c.campaign_name or c.campaign_external_id, c.campaign_external_id)
        ].pk
        for c in campaigns
    ]
    return numbers.map(dict(enumerate(ids)))


def _account(source: Source, currency: str) -> AdAccount | None:
    account = source.ad_account
    if account and currency and account.currency != currency:
        raise Invalid(
            f"{account} is paid in {account.currency}, but the file says {currency}.",
            code="MIXED_CURRENCY",
            where="currency",
            remedy="Choose the ad account this file belongs to.",
        )
    return account


def channel_named(name: str, source: Source) -> Channel:
    wanted = name or CHANNEL_OF_PLATFORM.get(source.platform, DEFAULT_CHANNEL)
    found = (
        Channel.objects.filter(key__iexact=wanted).first()
        or Channel.objects.filter(name__iexact=wanted).first()
    )
    fallback = CHANNEL_OF_PLATFORM.get(source.platform, DEFAULT_CHANNEL)
    return found or Channel.objects.get(key=fallback)


def owner_of(team: Team, uploader: User | None) -> User:
    """Who owns campaigns seen first in an import: the team's manager, else its director, else who uploads."""
    for role in (Role.MANAGER, Role.DIRECTOR, Role.EXECUTIVE):
        held = Membership.objects.filter(role=role, user__is_active=True).select_related(
            "user", "team"
        )
        near = [m for m in held if team.path.startswith(m.team.path)]
        if near:
            return max(near, key=lambda m: (len(m.team.path), -m.pk)).user
    if uploader is None:
        raise Invalid(
            f"Nobody could own the campaigns of {team}: it has no manager and no director.",
            remedy="Give somebody a role in the team first.",
        )
    return uploader


def _creative_ids(rows: pd.DataFrame, line_ids: pd.Series) -> pd.Series:
    if not (rows["creative_name"] != "").any():
        return pd.Series(0, index=rows.index)
    named = rows[CREATIVE].assign(line_id=line_ids)
    numbers, distinct = _numbered(named, ["line_id", *CREATIVE])
    wanted: Any = distinct["line_id"].unique()
    known = CampaignLine.objects.filter(pk__in=[int(pk) for pk in wanted])
    lines = dict(known.values_list("pk", "campaign_id"))
    named_creatives: Any = distinct.itertuples()
    found = [
        NamedCreative(lines[int(c.line_id)], c.creative_name, c.creative_external_id)
        for c in named_creatives
    ]
    numbered = creatives_ensure([creative for creative in found if creative.name])
    ids = [numbered[creative] if creative.name else 0 for creative in found]
    return numbers.map(dict(enumerate(ids)))


def _segment_ids(rows: pd.DataFrame) -> pd.Series:
    texts = [str(text) for text in rows["segment"].cat.categories]
    ids = segment_ensure([json.loads(text) if text else {} for text in texts])
    return rows["segment"].cat.codes.map(dict(enumerate(ids)))
