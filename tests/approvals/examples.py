"""Example objects of approvals: Jonas asks to move money of DACH; Mara got the mail."""

from datetime import timedelta

from approvals import services
from approvals.services import policy_ensure
from approvals.services.links import confirm_url
from core import clock
from tests.approvals.actions import AT
from tests.budgets.world import create_world, move
from tests.cast import Cast
from tests.examples import Keywords, example


@example(
    "approvals:request", "approvals:request-comment", "approvals:request-decide",
    "approvals:request-submit", "approvals:request-withdraw", "api-request",
    "api-request-comments", "api-request-decide", "api-request-submit", "api-request-withdraw",
    "approvals:request-recall", "approvals:request-ask-again", "approvals:request-clone",
    "api-request-recall", "api-request-ask-again", "api-request-clone",
    "approvals:request-record", "approvals:request-mentions", "api-request-mentions",
)  # fmt: skip
def request(cast: Cast) -> Keywords:
    return {"pk": move(create_world(cast), cast.manager).pk}


@example("approvals:confirm")
def link(cast: Cast) -> Keywords:
    asked = move(create_world(cast), cast.manager)
    return {"token": confirm_url(asked, cast.director).rstrip("/").rpartition("/")[2]}


@example("approvals:policy-version", "api-approval-version", seen_by_all=True)
def version(cast: Cast) -> Keywords:
    return {"version": policy_ensure(at=AT).version}


@example("api-approval-who")
def question(cast: Cast) -> Keywords:
    return {"query": f"kind=budget.reallocation&amount=100.00&team={cast.dach.pk}"}


@example("approvals:choice-edit", "approvals:request-vote", "api-request-votes")
def choice(cast: Cast) -> Keywords:
    """Jonas asks which of two it should be."""
    two = [{"label": "One"}, {"label": "Two"}]
    payload = services.choice_payload(question="Which?", team=cast.dach, options=two)
    asked = services.choice_ask(
        user=cast.manager, title="Which?", reason="To see", payload=payload, at=clock.now()
    )
    return {"pk": asked.pk}


@example("approvals:delegation-end", "api-delegation-end")
def delegation(cast: Cast) -> Keywords:
    """Mara handed her right to Greta."""
    now = clock.now()
    made = services.delegation_create(
        user=cast.director, delegate=cast.executive, starts_at=now,
        ends_at=now + timedelta(days=2), reason="To see", at=now,
    )  # fmt: skip
    return {"pk": made.pk}


@example("approvals:absence-end", "api-absence-end")
def absence(cast: Cast) -> Keywords:
    """Mara is away."""
    now = clock.now()
    made = services.absence_create(
        user=cast.director, starts_at=now, ends_at=now + timedelta(days=2), at=now
    )
    return {"pk": made.pk}


@example("approvals:calendar")
def calendar(cast: Cast) -> Keywords:
    return {"team": cast.dach.pk}
