"""Endpoints of findings and recommendations under /api/v1/."""

from django.urls import path

from insights.api import (
    allocation,
    attribution,
    competitors,
    efficiency,
    experiments,
    forecasts,
    honesty,
    maturity,
    past,
    registry,
    response,
    scores,
    views,
)
from insights.api import anomalies as changes

urlpatterns = [
    path("analyses/", attribution.Analyses.as_view(), name="api-analyses"),
    path("analyses/<int:pk>/", attribution.AnalysisDetail.as_view(), name="api-analysis"),
    path("analyses/<int:pk>/stop/", attribution.AnalysisStop.as_view(), name="api-analysis-stop"),
    path("attribution/", attribution.AttributionView.as_view(), name="api-attribution"),
    path("attribution/runs/", attribution.AttributionRuns.as_view(), name="api-attribution-runs"),
    path("impact/", attribution.ImpactView.as_view(), name="api-impact"),
    path("journeys/", attribution.JourneysView.as_view(), name="api-journeys"),
    path("lifetime/", attribution.LifetimeView.as_view(), name="api-lifetime"),
    path("allocation/", allocation.AllocationView.as_view(), name="api-allocation"),
    path("allocation/try/", allocation.AllocationTry.as_view(), name="api-allocation-try"),
    path("allocations/", allocation.Allocations.as_view(), name="api-allocations"),
    path(
        "allocations/<int:pk>/", allocation.AllocationDetail.as_view(), name="api-allocation-kept"
    ),
    path(
        "allocations/<int:pk>/propose/",
        allocation.AllocationPropose.as_view(),
        name="api-allocation-propose",
    ),
    path(
        "allocations/<int:pk>/scenario/",
        allocation.AllocationScenario.as_view(),
        name="api-allocation-scenario",
    ),
    path("measured-returns/", response.MeasuredReturns.as_view(), name="api-measured-returns"),
    path("response-curves/", response.CurvesView.as_view(), name="api-response-curves"),
    path("anomalies/", changes.Anomalies.as_view(), name="api-anomalies"),
    path("anomalies/<int:pk>/", changes.AnomalyDetail.as_view(), name="api-anomaly"),
    path(
        "anomalies/<int:pk>/dismiss/", changes.AnomalyDismiss.as_view(), name="api-anomaly-dismiss"
    ),
    path(
        "anomalies/<int:pk>/restore/", changes.AnomalyRestore.as_view(), name="api-anomaly-restore"
    ),
    path("anomalies/<int:pk>/raise/", changes.AnomalyRaise.as_view(), name="api-anomaly-raise"),
    path("benchmarks/", past.BenchmarksView.as_view(), name="api-benchmarks"),
    path("drivers/", changes.DriversView.as_view(), name="api-drivers"),
    path("leads/", past.LeadsView.as_view(), name="api-leads"),
    path("risks/", changes.RisksView.as_view(), name="api-risks"),
    path("competition/", competitors.CompetitionView.as_view(), name="api-competition"),
    path("competitors/", competitors.Competitors.as_view(), name="api-competitors"),
    path("competitors/<int:pk>/", competitors.CompetitorDetail.as_view(), name="api-competitor"),
    path("efficiency/", efficiency.EfficiencyView.as_view(), name="api-efficiency"),
    path("forecasts/", forecasts.Forecasts.as_view(), name="api-forecasts"),
    path("forecasts/<int:pk>/", forecasts.ForecastDetail.as_view(), name="api-forecast"),
    path(
        "forecasts/<int:pk>/override/",
        forecasts.ForecastOverrides.as_view(),
        name="api-forecast-override",
    ),
    path(
        "forecasts/<int:pk>/scenario/",
        forecasts.ForecastScenario.as_view(),
        name="api-forecast-scenario",
    ),
    path(
        "forecasts/<int:pk>/what-if/",
        forecasts.ForecastWhatIf.as_view(),
        name="api-forecast-what-if",
    ),
    path(
        "forecasts/overrides/<int:pk>/undo/",
        forecasts.ForecastOverrideUndo.as_view(),
        name="api-forecast-override-undo",
    ),
    path(
        "experiments/calendar/",
        experiments.ExperimentCalendar.as_view(),
        name="api-experiments-calendar",
    ),
    path(
        "experiments/learnings/",
        experiments.ExperimentLearnings.as_view(),
        name="api-experiments-learnings",
    ),
    path(
        "experiments/holdouts/",
        experiments.ExperimentHoldouts.as_view(),
        name="api-experiments-holdouts",
    ),
    path(
        "experiments/<int:pk>/result/",
        experiments.ExperimentResultView.as_view(),
        name="api-experiment-result",
    ),
    path(
        "experiments/<int:pk>/conclude/",
        experiments.ExperimentConclude.as_view(),
        name="api-experiment-conclude",
    ),
    path(
        "experiments/<int:pk>/ask/",
        experiments.ExperimentAsk.as_view(),
        name="api-experiment-ask",
    ),
    path(
        "experiments/<int:pk>/decide/",
        experiments.ExperimentDecide.as_view(),
        name="api-experiment-decide",
    ),
    path(
        "experiments/<int:pk>/rewards/",
        experiments.ExperimentRewards.as_view(),
        name="api-experiment-rewards",
    ),
    path(
        "experiments/<int:pk>/policy/",
        experiments.ExperimentPolicy.as_view(),
        name="api-experiment-policy",
    ),
    path("findings/", views.Findings.as_view(), name="api-findings"),
    path("findings/<int:pk>/", views.FindingDetail.as_view(), name="api-finding"),
    path("forecasts/honesty/", honesty.HonestyView.as_view(), name="api-forecast-honesty"),
    path("maturity/", maturity.MaturityView.as_view(), name="api-maturity"),
    path("models/", registry.Models.as_view(), name="api-models"),
    path("models/train/", registry.ModelTrain.as_view(), name="api-model-train"),
    path("models/training/<int:pk>/", registry.Training.as_view(), name="api-training"),
    path(
        "models/training/<int:pk>/stop/", registry.TrainingStop.as_view(), name="api-training-stop"
    ),
    path("models/<int:pk>/", registry.ModelDetail.as_view(), name="api-model"),
    path("models/<int:pk>/promote/", registry.ModelPromote.as_view(), name="api-model-promote"),
    path("recommendations/", views.Recommendations.as_view(), name="api-recommendations"),
    path(
        "recommendations/<int:pk>/", views.RecommendationDetail.as_view(), name="api-recommendation"
    ),
    path(
        "recommendations/<int:pk>/propose/",
        views.RecommendationPropose.as_view(),
        name="api-recommendation-propose",
    ),
    path(
        "recommendations/<int:pk>/dismiss/",
        views.RecommendationDismiss.as_view(),
        name="api-recommendation-dismiss",
    ),
    path("scores/", scores.Scores.as_view(), name="api-scores"),
    path("scores/given/<int:pk>/", scores.ScoreDetail.as_view(), name="api-score"),
    path("scores/features/<int:pk>/", scores.ScoreFeatures.as_view(), name="api-score-features"),
    path("scores/<str:kind>/", scores.ScoreNow.as_view(), name="api-score-now"),
]
