"""Example objects of budgets: a line of DACH, and a request to move its money."""

from tests.budgets.world import DEC, create_world, move
from tests.cast import Cast
from tests.examples import Keywords, example


@example("budgets:line-edit", "api-budget-line")
def line(cast: Cast) -> Keywords:
    return {"pk": create_world(cast).shopping.pk}


@example("budgets:reallocate-edit")
def request(cast: Cast) -> Keywords:
    return {"pk": move(create_world(cast), cast.manager).pk}


@example("api-budget-line-plan")
def plan(cast: Cast) -> Keywords:
    return {"pk": create_world(cast).shopping.pk, "month": DEC}


@example("api-budget-months", seen_by_all=True)
def year(cast: Cast) -> Keywords:
    return {"year": create_world(cast).year.year}
