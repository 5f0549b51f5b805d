"""What people type and choose on the pages of insights, by topic."""

from insights.forms.allocation import AllocationForm, CurvesFilter, MeasuredReturnForm
from insights.forms.competitors import GRAINS, CompetitionFilter, CompetitorForm, NewCompetitorForm
from insights.forms.efficiency import EfficiencyFilter
from insights.forms.experiments import ConcludeForm, ExperimentFilter, LearningFilter
from insights.forms.forecasts import ForecastFilter, OverrideForm, ScenarioForm, TurnForm
from insights.forms.models import HonestyFilter, PromoteForm, ScoreFilter, TrainForm
from insights.forms.recommendations import (
    DismissForm,
    FindingFilter,
    ProposeForm,
    RecommendationFilter,
)

__all__ = [
    "GRAINS",
    "AllocationForm",
    "CompetitionFilter",
    "CompetitorForm",
    "ConcludeForm",
    "CurvesFilter",
    "DismissForm",
    "EfficiencyFilter",
    "ExperimentFilter",
    "FindingFilter",
    "ForecastFilter",
    "HonestyFilter",
    "LearningFilter",
    "MeasuredReturnForm",
    "NewCompetitorForm",
    "OverrideForm",
    "PromoteForm",
    "ProposeForm",
    "RecommendationFilter",
    "ScenarioForm",
    "ScoreFilter",
    "TrainForm",
    "TurnForm",
]
