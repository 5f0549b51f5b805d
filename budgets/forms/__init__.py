"""Forms and filters of budgets; one module per topic."""

from budgets.forms.lines import LineFilter, LineForm, PlanForm, YearForm
from budgets.forms.moves import GIVES, RECEIVES, MoveRows, MovesForm, month_choices
from budgets.forms.rates import RateFileForm, RateFilter, RateForm, RateSendForm

__all__ = [
    "GIVES",
    "RECEIVES",
    "LineFilter",
    "LineForm",
    "MoveRows",
    "MovesForm",
    "PlanForm",
    "RateFileForm",
    "RateFilter",
    "RateForm",
    "RateSendForm",
    "YearForm",
    "month_choices",
]
