"""Controlled experiments: from the plan to a verdict that a manager can act on.

moments      sufficient statistics of arms, for one experiment or thousands at once
frequentist  the classical tests; relative lift by the delta method; ratio metrics
bayes        probability to beat and expected loss, exact for shares and rates
sequential   answers that may be looked at again and again; `spending` for planned looks
power        how many units are needed, and what can be seen
cuped        noise taken out by what units did before
checks       sample ratio mismatch; tests that lean on each other
corrections  probabilities over many metrics and arms
outliers     does the answer hang on one unit
factorial    several factors at once, and their interactions
bandit       weights that follow what is known; off-policy values
lift         what a campaign added against a held-out group
plan         the sealed pre-registration
design       a test with what its arms brought; `analysis` and `verdict` read it
"""

from analytics.experiments.analysis import analyse
from analytics.experiments.bandit import off_policy, thompson_shares, thompson_shares_of_means
from analytics.experiments.bayes import (
    beta_belief,
    beta_posterior,
    gamma_belief,
    normal_belief,
)
from analytics.experiments.checks import overlaps, split_check
from analytics.experiments.corrections import Correction, corrected
from analytics.experiments.cuped import cuped
from analytics.experiments.design import Kind, Metric, Role, Sample, Test
from analytics.experiments.factorial import factor_effects
from analytics.experiments.frequentist import (
    fisher_p,
    newcombe,
    normal_difference,
    proportion_details,
    proportions,
    rank_p,
    rates,
    relative_lift,
    welch,
)
from analytics.experiments.lift import holdout_lift
from analytics.experiments.moments import (
    Moments,
    PairMoments,
    count_moments,
    pair_moments,
    proportion_moments,
    ratio_moments,
    total_moments,
    value_moments,
)
from analytics.experiments.outliers import sensitivity
from analytics.experiments.plan import Plan, PlannedMetric, deviations
from analytics.experiments.power import (
    minimum_detectable,
    normal_power,
    size_cohen_h,
    size_pooled_null,
    size_t_test,
    size_unpooled,
    t_test_power,
)
from analytics.experiments.sequential import (
    Looks,
    Reading,
    horizon_critical,
    horizon_p,
    mixture_critical,
    mixture_p,
)
from analytics.experiments.spending import Spending, bounds
from analytics.experiments.tails import p_text

__all__ = [
    "Correction",
    "Kind",
    "Looks",
    "Metric",
    "Moments",
    "PairMoments",
    "Plan",
    "PlannedMetric",
    "Reading",
    "Role",
    "Sample",
    "Spending",
    "Test",
    "analyse",
    "beta_belief",
    "beta_posterior",
    "bounds",
    "corrected",
    "count_moments",
    "cuped",
    "deviations",
    "factor_effects",
    "fisher_p",
    "gamma_belief",
    "holdout_lift",
    "horizon_critical",
    "horizon_p",
    "minimum_detectable",
    "mixture_critical",
    "mixture_p",
    "newcombe",
    "normal_belief",
    "normal_difference",
    "normal_power",
    "off_policy",
    "overlaps",
    "p_text",
    "pair_moments",
    "proportion_details",
    "proportion_moments",
    "proportions",
    "rank_p",
    "rates",
    "ratio_moments",
    "relative_lift",
    "sensitivity",
    "size_cohen_h",
    "size_pooled_null",
    "size_t_test",
    "size_unpooled",
    "split_check",
    "t_test_power",
    "thompson_shares",
    "thompson_shares_of_means",
    "total_moments",
    "value_moments",
    "welch",
]
