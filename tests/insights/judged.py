"""Forecasts that were issued and what came of them, planted so that the answer is known.

Six campaigns of DACH spend 100 a day, on Mondays 160 and on Sundays 40, with a little noise that the
seed fixes. ``issue`` plants forecasts that miss by a known share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np

from campaigns.models import CampaignLine
from insights.models import Forecast, ForecastIssue, ModelVersion
from insights.services.versions import Trained, version_add
from tests.cast import Cast
from tests.world import load_rows, make_campaign, make_line

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
DAYS = 150
DAY = timedelta(days=1)
# Files come in at three, forecasts are issued at four.
EARLY = timedelta(hours=3)
WEEK = np.array([160.0, 100, 100, 100, 100, 100, 40])
Says = Callable[[np.ndarray, np.ndarray], np.ndarray]


def plant(
    cast: Cast, *, campaigns: int = 6, mornings: Iterable[int] = (), seed: int = 3
) -> list[CampaignLine]:
    """Lines with their days until yesterday; files came in today and so many mornings ago."""
    lines = [
        make_line(cast, make_campaign(cast, f"Planted {number}")) for number in range(campaigns)
    ]
    rng, came = np.random.default_rng(seed), {0, *mornings}
    files: dict[int, list[dict[str, object]]] = {back: [] for back in sorted(came, reverse=True)}
    for number in range(DAYS, 0, -1):
        day, back = TODAY - number * DAY, max(one for one in came if one < number)
        for line in lines:
            spend = WEEK[day.weekday()] * (1 + 0.1 * rng.standard_normal())
            files[back].append(
                {"line": line, "day": day, "spend": f"{spend:.2f}", "clicks": round(spend * 2)}
            )
    for back, rows in files.items():
        morning = datetime.combine(TODAY - back * DAY, datetime.min.time(), UTC)
        load_rows(rows, known_at=morning + EARLY)
    return lines


def version_of(cast: Cast, **params: object) -> ModelVersion:
    trained = Trained(sha256="d" * 64, rows=900, batch=None, known_at=NOW, params=params)
    return version_add(
        kind="forecast", team=cast.company, trained=trained, user=None, at=NOW - 90 * DAY
    )


def exactly(truth: np.ndarray, naive: np.ndarray) -> np.ndarray:
    """What came, a little smoothed: as good as a forecast can be."""
    return truth * 1.01


def twice(truth: np.ndarray, naive: np.ndarray) -> np.ndarray:
    """A planted bad model."""
    return truth * 2


def issue(
    version: ModelVersion,
    lines: Sequence[CampaignLine],
    *,
    back: int,
    says: Says = exactly,
    horizon: int = 30,
    width: float = 0.3,
    metric: str = "spend",
) -> ForecastIssue:
    """Forecasts of the campaigns as if issued ``back`` days ago, from the plain week."""
    cutoff = TODAY - (back + 1) * DAY
    at = datetime.combine(cutoff + DAY, datetime.min.time(), UTC) + timedelta(hours=4)
    made = ForecastIssue.objects.create(
        version=version, cutoff=cutoff, issued_at=at, known_at=at, horizon=horizon, currency="EUR",
        data_sha256=f"{back:064d}", series=len(lines),
    )  # fmt: skip
    plain = np.array([WEEK[(cutoff + n * DAY).weekday()] for n in range(1, horizon + 1)])
    mean = says(plain * (1 if metric == "spend" else 2), plain)
    for line in lines:
        Forecast.objects.create(
            issue=made, version=version, metric=metric, level="campaign", method="combined",
            subject=f"campaign:{line.campaign_id}", team=line.campaign.team, campaign=line.campaign,
            currency="EUR" if metric == "spend" else "", cutoff=cutoff, issued_at=at, known_at=at,
            horizon=horizon, base7=700.0, call=0, chances=[0.1, 0.8, 0.1],
            **_arrays(mean, width), **_arrays(mean.cumsum(), width, "sum_"),
        )  # fmt: skip
    return made


def _arrays(mean: np.ndarray, width: float, before: str = "") -> dict[str, list[float]]:
    ends = {
        "yhat": 1.0,
        "lo80": 1 - width,
        "hi80": 1 + width,
        "lo95": 1 - 2 * width,
        "hi95": 1 + 2 * width,
    }
    return {f"{before}{name}": (mean * by).tolist() for name, by in ends.items()}
