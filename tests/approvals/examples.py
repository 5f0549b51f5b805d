"""Example objects of approvals: Jonas asks to move money of DACH; Mara got the mail."""

from approvals.services.links import confirm_url
from tests.budgets.world import create_world, move
from tests.cast import Cast
from tests.examples import Keywords, example


@example(
    "approvals:request", "approvals:request-comment", "approvals:request-decide",
    "approvals:request-submit", "approvals:request-withdraw", "api-request",
    "api-request-comments", "api-request-decide", "api-request-submit", "api-request-withdraw",
)  # fmt: skip
def request(cast: Cast) -> Keywords:
    return {"pk": move(create_world(cast), cast.manager).pk}


@example("approvals:confirm")
def link(cast: Cast) -> Keywords:
    asked = move(create_world(cast), cast.manager)
    return {"token": confirm_url(asked, cast.director).rstrip("/").rpartition("/")[2]}


@example("api-approval-who")
def question(cast: Cast) -> Keywords:
    return {"query": f"kind=budget.reallocation&amount=100.00&team={cast.dach.pk}"}
