"""How good the forecasts of past mornings turned out, and a second version of the model beside them."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Team
from insights.models import ModelVersion
from insights.services.forecast_bench import forecasts_judge
from insights.services.training import model_train


def judge(at: datetime) -> None:
    """Score what became final, as the nights do."""
    forecasts_judge(now=at)


def challenger(at: datetime) -> None:
    """The weekly training: settings chosen and scored on past cut-offs, beside the version in use."""
    top = Team.objects.get(parent=None)
    model_train(kind=ModelVersion.Kind.FORECAST, team=top, user=None, at=at)
