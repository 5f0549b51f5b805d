"""Example objects of advice: move money within DACH."""

from datetime import timedelta

from insights.models import Recommendation
from insights.rules.attribution import Asked
from insights.services.dismissals import anomaly_dismiss
from insights.services.forecast_overrides import override_set
from insights.services.journeys import analysis_order
from insights.services.scoring import table_build
from insights.services.training import train_request
from insights.services.versions import Trained, version_add
from metrics.services import competitor_create
from tests.automation.examples import NOW, make_finding
from tests.budgets.world import DEC, create_world, payload
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.insights.forecasting import by_hand
from tests.insights.outage import by_rule
from tests.insights.responding import kept_split
from tests.insights.scoring import a_chance, come_in
from tests.trials import make_experiment, read, run_experiment

EVIDENCE = {
    "amount_micros": 4_000_000_000, "chance_of_loss": "0.12", "binding": "", "considered": 12,
    "month": "December", "method": "Marginal return of the last 28 days",
    "giver": {"name": "Display DE", "before_micros": 100_000_000_000, "marginal": "0.9"},
    "receiver": {"name": "Shopping DE", "before_micros": 200_000_000_000, "marginal": "2.1"},
}  # fmt: skip


@example(
    "insights:recommendation", "insights:recommendation-dismiss", "api-recommendation",
    "api-recommendation-propose", "api-recommendation-dismiss",
)  # fmt: skip
def recommendation(cast: Cast) -> Keywords:
    world = create_world(cast)
    moves = payload(
        (world.display, world.winter_display, DEC, -4),
        (world.shopping, world.winter_shopping, DEC, 4),
    )
    made = Recommendation.objects.create(
        finding=make_finding(cast), team=cast.dach, action="budget.reallocation",
        title="Move €4k from Display to Shopping", payload=moves, evidence=EVIDENCE, metric="revenue",
        currency="EUR", effect_low_micros=-3_000_000, effect_micros=61_000_000,
        effect_high_micros=128_000_000, confidence="80 % interval", created_at=NOW,
        expires_at=NOW + timedelta(days=14),
    )  # fmt: skip
    return {"pk": made.pk}


@example("api-finding")
def finding(cast: Cast) -> Keywords:
    return {"pk": make_finding(cast).pk}


@example("insights:competitor-edit", "api-competitor")
def competitor(cast: Cast) -> Keywords:
    made = competitor_create(
        team=cast.dach, name="Alpine", domains=["alpine.example"], user=cast.director, at=NOW
    )
    return {"pk": made.pk}


@example("insights:score", "api-score")
def chance(cast: Cast) -> Keywords:
    return {"pk": a_chance(cast.dach).pk}


@example("api-score-now")
def chance_now(cast: Cast) -> Keywords:
    return {"kind": "leads", "query": f"subject={a_chance(cast.dach).lead_id}"}


@example("insights:score-features", "api-score-features")
def features(cast: Cast) -> Keywords:
    come_in(cast.dach, 3)
    return {"pk": table_build(kind="leads", team=cast.dach, at=NOW).pk}


@example(
    "insights:forecast", "insights:forecast-override", "insights:forecast-scenario",
    "insights:forecast-what-if", "api-forecast", "api-forecast-override", "api-forecast-scenario",
    "api-forecast-what-if",
)  # fmt: skip
def forecast(cast: Cast) -> Keywords:
    return {"pk": by_hand(cast).pk}


@example("insights:forecast-override-undo", "api-forecast-override-undo")
def forecast_override(cast: Cast) -> Keywords:
    made = override_set(
        forecast=by_hand(cast), user=cast.manager, days=7, value=90, reason="A fair", at=NOW
    )
    return {"pk": made.pk}


@example(
    "insights:experiment", "insights:experiment-conclude", "insights:experiment-ask",
    "campaigns:experiment-readings", "campaigns:experiment-step", "api-experiment",
    "api-experiment-steps", "api-experiment-readings", "api-experiment-result",
    "api-experiment-conclude", "api-experiment-ask",
)  # fmt: skip
def experiment(cast: Cast) -> Keywords:
    made = run_experiment(cast)
    read(made, {"control": (9000, 900), "green": (9000, 1000)})
    return {"pk": made.pk}


@example("campaigns:experiment-edit")
def experiment_draft(cast: Cast) -> Keywords:
    return {"pk": make_experiment(cast).pk}


@example(
    "insights:experiment-policy", "api-experiment-policy", "api-experiment-decide",
    "api-experiment-rewards",
)  # fmt: skip
def experiment_by_segment(cast: Cast) -> Keywords:
    made = run_experiment(cast, kind="personal", end_units=None, looks="any_time")
    return {"pk": made.pk}


@example(
    "insights:allocation-kept", "insights:allocation-ask", "insights:allocation-scenario",
    "api-allocation-kept", "api-allocation-propose", "api-allocation-scenario",
)  # fmt: skip
def allocation(cast: Cast) -> Keywords:
    return {"pk": kept_split(cast).pk}


@example("insights:model", "insights:model-promote", "api-model", "api-model-promote")
def model_version(cast: Cast) -> Keywords:
    """A challenger of DACH beside the version in use."""
    trained = Trained(sha256="a" * 64, rows=90, batch=None, known_at=NOW)
    made = [
        version_add(kind="forecast", team=cast.dach, trained=trained, user=None, at=NOW)
        for _ in range(2)
    ]
    return {"pk": made[1].pk}


@example("insights:training", "insights:training-stop", "api-training", "api-training-stop")
def training(cast: Cast) -> Keywords:
    """A training that the analyst asked for and no worker has begun."""
    item = train_request(kind="forecast", team=cast.dach, user=cast.analyst, at=NOW)
    return {"pk": item.pk}


@example("insights:analysis", "insights:analysis-stop", "api-analysis", "api-analysis-stop")
def analysis(cast: Cast) -> Keywords:
    made = analysis_order(user=cast.manager, team=cast.dach, kind="customer", asked=Asked(), at=NOW)
    return {"pk": made.pk}


@example(
    "insights:anomaly", "insights:anomaly-dismiss", "insights:anomaly-raise", "api-anomaly",
    "api-anomaly-dismiss", "api-anomaly-raise",
)  # fmt: skip
def an_incident(cast: Cast) -> Keywords:
    return {"pk": by_rule(cast).pk}


@example("insights:anomaly-restore", "api-anomaly-restore")
def a_dismissed_incident(cast: Cast) -> Keywords:
    made = by_rule(cast)
    anomaly_dismiss(finding=made, user=cast.manager, reason="A sale", at=NOW)
    return {"pk": made.pk}
