"""Pages of insights: recommendations, efficiency and competitors."""

from insights.views.allocation import allocation, allocation_try
from insights.views.allocation_kept import (
    allocation_ask,
    allocation_kept,
    allocation_save,
    allocation_to_scenario,
)
from insights.views.competitors import competitor_edit, competitor_new, competitors
from insights.views.efficiency import efficiency
from insights.views.experiment_lists import calendar as experiments_calendar
from insights.views.experiment_lists import experiments as experiments_list
from insights.views.experiment_lists import holdouts as experiments_holdouts
from insights.views.experiment_lists import learnings as experiments_learnings
from insights.views.experiment_result import (
    experiment,
    experiment_ask,
    experiment_conclude,
    experiment_policy,
)
from insights.views.forecast import (
    forecast,
    forecast_override,
    forecast_override_undo,
    forecast_scenario,
    forecast_what_if,
)
from insights.views.forecasts import forecasts
from insights.views.honesty import forecast_honesty
from insights.views.maturity import maturity
from insights.views.recommendations import dismiss, recommendation, recommendations
from insights.views.registry import (
    model,
    model_promote,
    model_train,
    models,
    training,
    training_stop,
)
from insights.views.response import response, response_return
from insights.views.scores import score, score_features, scores

__all__ = [
    "allocation",
    "allocation_ask",
    "allocation_kept",
    "allocation_save",
    "allocation_to_scenario",
    "allocation_try",
    "competitor_edit",
    "competitor_new",
    "competitors",
    "dismiss",
    "efficiency",
    "experiment",
    "experiment_ask",
    "experiment_conclude",
    "experiment_policy",
    "experiments_calendar",
    "experiments_holdouts",
    "experiments_learnings",
    "experiments_list",
    "forecast",
    "forecast_honesty",
    "forecast_override",
    "forecast_override_undo",
    "forecast_scenario",
    "forecast_what_if",
    "forecasts",
    "maturity",
    "model",
    "model_promote",
    "model_train",
    "models",
    "recommendation",
    "recommendations",
    "response",
    "response_return",
    "score",
    "score_features",
    "scores",
    "training",
    "training_stop",
]
