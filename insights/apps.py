"""What insights gives to the rooms below it, and where its pages stand in the rail."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from core.models import OutboxItem

# key, label, icon, group, order; the page is ``insights:<key>`` unless named in ``PAGES``.
PLACES = (
    ("anomalies", "Anomalies", "activity-heartbeat", "Understand", 15),
    ("forecasts", "Forecasts", "chart-dots", "Understand", 20),
    ("attribution", "Attribution", "route", "Understand", 22),
    ("allocation", "Allocation", "arrows-split", "Understand", 26),
    ("scores", "Scores", "target-arrow", "Understand", 28),
    ("competitors", "Competitors", "affiliate", "Understand", 30),
    ("experiments", "Experiments", "flask", "Understand", 40),
    ("decisions", "Recommendations", "bulb", "Act", 15),
)
PAGES = {"decisions": "insights:recommendations"}
# Pages that lie beside the place to which they belong.
BELONG = {
    "forecasts": ("insights:models",),
    "attribution": (
        "insights:journeys",
        "insights:lifetime",
        "insights:impact",
        "insights:analysis-new",
    ),
    "allocation": ("insights:response",),
    "anomalies": (
        "insights:drivers",
        "insights:risks",
        "insights:benchmarks",
        "insights:leads",
    ),
    "experiments": (
        "campaigns:experiment-create",
        "campaigns:experiment-edit",
        "campaigns:experiment-readings",
    ),
}


class InsightsConfig(AppConfig):
    name = "insights"

    def ready(self) -> None:
        _say_where_pages_stand()
        _listen()
        _register_work()
        _register_training()


def _say_where_pages_stand() -> None:
    from accounts.choices import Act
    from core.shell import NavItem, register_nav, register_page

    needs = {
        "attribution": Act.VIEW_MONEY,
        "allocation": Act.VIEW_MONEY,
        "decisions": Act.DRAFT_REQUEST,
    }
    for key, label, icon, group, order in PLACES:
        page = PAGES.get(key, f"insights:{key}")
        act = needs.get(key, Act.VIEW_CAMPAIGNS)
        register_nav(NavItem(key, label, icon, page, group=group, order=order, action=act))
    for key, pages in BELONG.items():
        for page in pages:
            register_page(page, key)


def _listen() -> None:
    from approvals.services import register_action, register_listener
    from core import features, personal
    from insights.approval_actions import Promote
    from insights.choices import ADVICE
    from insights.selectors import concluded_from, days_growing
    from insights.services import note_request
    from insights.services.scores import Holder
    from metrics.selectors import register_dependents, register_growth

    register_action(Promote())
    register_listener(note_request)
    register_growth(days_growing)
    register_dependents(concluded_from)
    personal.register_holder(Holder())
    features.register(
        features.Feature(
            ADVICE,
            "Recommendations",
            "Turns what the daily check finds into typed actions with their expected effect.",
            level=2,
        )
    )


def _register_work() -> None:
    from core import outbox
    from insights.selectors.analyses import KIND as ANALYSIS
    from insights.selectors.versions import TRAIN
    from insights.services import daily_check
    from insights.services.journeys import analysis_work
    from insights.services.training import train_item

    def check(item: "OutboxItem", now: datetime) -> dict[str, Any]:  # noqa: ARG001
        return dict(daily_check(now=now))

    outbox.register_handler("insights.check", check)
    outbox.register_handler(ANALYSIS, analysis_work)
    outbox.register_handler(TRAIN, train_item)


def _register_training() -> None:
    from insights.rules.scores import KINDS
    from insights.services.forecast_training import forecast_train
    from insights.services.response_training import KIND as RESPONSE
    from insights.services.response_training import response_trained
    from insights.services.scoring import trainer_of
    from insights.services.training import register_trainer

    register_trainer("forecast", forecast_train)
    register_trainer(RESPONSE, response_trained)
    for kind in KINDS:
        register_trainer(kind, trainer_of(kind))
