"""Issuing forecasts: every metric at every level at once, frozen, quoted by number from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from time import process_time

import numpy as np
from django.db import transaction

from accounts.models import Team
from campaigns.models import Channel
from core import events
from core.events import AUTOMATION
from insights.models import ForecastIssue, ModelVersion
from insights.rules.forecast_run import Block, Ratio, Series, Settings, blocks
from insights.rules.forecast_series import subjects_of
from insights.selectors.versions import champion_of
from insights.services.forecast_inputs import Inputs, inputs_read, top_team
from insights.services.forecast_rows import forecasts_write
from insights.services.versions import Trained, version_add
from metrics.selectors import METRICS

# Too few cut-offs with a known truth to say how good a version was.
FEWEST_TESTED = 8


__all__ = ["RATIOS", "Settings", "forecasts_issue", "issue_with"]


def forecasts_issue(*, now: datetime) -> dict[str, int]:
    """Schedule: forecast everything from what is known, unless that was done from the same data.

    The version in use does it; the first is registered by the first run. Runs after the nightly
    import, and again when it is asked to.
    """
    if not Team.objects.filter(parent=None).exists():
        return {"issued": 0, "too_thin": 0}
    champion = champion_of(ModelVersion.Kind.FORECAST, top_team())
    settings = Settings.of(champion.params) if champion else Settings()
    return issue_with(settings=settings, version=champion, now=now)


def issue_with(
    *, settings: Settings, version: ModelVersion | None, now: datetime
) -> dict[str, int]:
    """Issue with these settings, as ``version``; without one they become a version."""
    began = process_time()
    inputs = inputs_read(now=now, history_days=settings.history_days, horizon=settings.horizon)
    if inputs is None or not inputs.kept.any() or _is_issued(inputs, version):
        return {"issued": 0, "too_thin": 0}
    top = top_team()
    told = list(blocks(_series(inputs, top), RATIOS, settings))
    with transaction.atomic():
        version = version or _registered(settings, inputs, told, top, began, now)
        return _kept(version, inputs, told, settings, top, began, now)


RATIOS = [
    Ratio(one.key, one.numerator, one.denominator, one.factor)
    for one in METRICS.values()
    if one.is_ratio
]


def _is_issued(inputs: Inputs, version: ModelVersion | None) -> bool:
    newest = ForecastIssue.objects.filter(version=version).first() if version else None
    return newest is not None and newest.data_sha256 == inputs.sha256


def _series(inputs: Inputs, top: Team) -> Series:
    channels = dict(Channel.objects.values_list("pk", "key"))
    return Series(
        days=inputs.days,
        values=inputs.values,
        ahead=inputs.ahead,
        kept=inputs.kept,
        lines=[line.pk for line in inputs.lines],
        levels=subjects_of(inputs.lines, top.pk, channels),
    )


def _registered(
    settings: Settings,
    inputs: Inputs,
    told: Sequence[Block],
    top: Team,
    began: float,
    now: datetime,
) -> ModelVersion:
    trained = Trained(
        sha256=inputs.sha256,
        rows=inputs.rows,
        batch=inputs.batch,
        known_at=inputs.known_at,
        params=asdict(settings),
        scores=_scores(told),
        cpu_seconds=process_time() - began,
    )
    return version_add(
        kind=ModelVersion.Kind.FORECAST, team=top, trained=trained, user=None, at=now
    )


def _scores(told: Sequence[Block]) -> dict[str, float]:
    """1 - WAPE of each measure's first week at the company, at the earlier cut-offs."""
    found = {}
    for block in told:
        past = block.running.past
        if block.level == "company" and block.method == "sum":
            truth, said = past.truth[:, 0, 6], past.forecast[:, 0, 6]
            known = ~np.isnan(truth)
            size = float(np.abs(truth[known]).sum())
            if known.sum() >= FEWEST_TESTED and size > 0:
                off = float(np.abs(truth - said)[known].sum())
                found[f"{block.metric}_week_accuracy"] = round(1 - off / size, 4)
    return found


def _kept(
    version: ModelVersion,
    inputs: Inputs,
    told: Sequence[Block],
    settings: Settings,
    top: Team,
    began: float,
    now: datetime,
) -> dict[str, int]:
    thin = sum(reason is not None for block in told for reason in block.told.reason)
    issue = ForecastIssue.objects.create(
        version=version,
        cutoff=inputs.cutoff,
        issued_at=now,
        known_at=inputs.known_at,
        horizon=settings.horizon,
        currency=inputs.currency,
        data_sha256=inputs.sha256,
        series=sum(len(block.told.names) for block in told),
        too_thin=thin,
        cpu_seconds=process_time() - began,
    )
    forecasts_write(issue, told, inputs, top)
    events.record(
        actor=AUTOMATION,
        action="forecast.issued",
        subject=issue,
        at=now,
        after={"cutoff": issue.cutoff.isoformat(), "series": issue.series, "too_thin": thin},
        live=["forecasts"],
    )
    return {"issued": issue.series, "too_thin": thin}
