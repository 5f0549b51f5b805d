"""Nobody learns by asking whether a thing outside their sight exists.

Every number that an operation takes, in its body or behind the question mark, is asked
twice: with the number of a thing of the other division, and with one that does not exist.
The answers must not differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from approvals.models import ChangeRequest, Option
from budgets.models import BudgetLine, FiscalYear, Order, OrderLine
from campaigns.models import AdAccount, Audience, Channel
from core.routes import routes
from insights.models import AttributionRun, LifetimeRun
from integrations.models import ImportRun, QuarantinedRow
from tests.api.test_schema import described
from tests.budgets.world import AT
from tests.cast import Cast
from tests.config.test_permissions import address
from tests.examples import load_examples
from tests.insights.scoring import come_in
from tests.world import make_campaign, make_line

NOWHERE = 2**31
load_examples()
ROUTES = {one.name: one for one in routes() if one.is_ours and one.is_api}
# Numbers that name no record.
PLAIN = {
    "page", "per_page", "limit", "shift_days", "days", "week_start", "fiscal_start_month",
    "version", "tolerance_percent", "year", "size", "id", "count", "payment_days", "active_users",
    "by", "cap_micros", "notice_days", "seats", "positions", "lookback_days", "every_hours", "hour",
    "planned_looks", "end_units", "daily_units", "arms", "shift",
}  # fmt: skip


@pytest.fixture
def foreign(cast: Cast) -> dict[str, int]:
    """A thing of the Americas for each kind of number; Jonas of DACH sees none of them."""
    campaign = make_campaign(cast, team=cast.us, owner=cast.other_manager)
    line = make_line(cast, campaign)
    team, person = cast.us.pk, cast.other_manager.pk
    account = AdAccount.objects.create(
        platform="other", external_id="x", name="US", currency="USD", team=cast.us
    )
    audience = Audience.objects.create(team=cast.us, name="Hikers")
    budget = BudgetLine.objects.create(
        name="Search US", team=cast.us, owner=cast.other_manager, currency="USD",
        channel=Channel.objects.get(key="search"),
        fiscal_year=FiscalYear.objects.create(
            year=2026, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)
        ),
    )  # fmt: skip
    order, option = order_of(cast, budget), option_of(cast)
    return {
        "order_line": order.lines.get().pk, "orders": order.pk, "blanket": order.pk,
        "replaces": order.pk, "owners": person, "delegate": person, "substitute": person,
        # Vendors are everybody's.
        "vendor": NOWHERE + 1, "option": option.pk, "choice": NOWHERE + 1, "lines": budget.pk, "corrects": NOWHERE + 1,
        "team": team, "parent": team, "campaign": campaign.pk, "campaigns": campaign.pk,
        "add": campaign.pk, "remove": campaign.pk, "line": line.pk, "campaign_line": line.pk,
        "campaign_lines": line.pk, "owner": person, "user": person, "to": person,
        "requester": person, "requested_by": person, "ad_account": account.pk,
        "audiences": audience.pk, "audience": audience.pk, "source": NOWHERE + 1, "channel": NOWHERE + 1,
        "fiscal_year": NOWHERE + 1, "request_id": NOWHERE + 1, "subject_id": campaign.pk,
        "budget_line": budget.pk, "ids": row_of(cast).pk, "responsible": person,
        "subject": come_in(cast.us, 1)[0].pk, "run": analysed(cast),
    }  # fmt: skip


def order_of(cast: Cast, line: BudgetLine) -> Order:
    """A placeholder of the US."""
    day = date(2026, 11, 20)
    order = Order.objects.create(
        kind="placeholder", number=9_001, title="US", team=cast.us, owner=cast.other_manager,
        currency="USD", ordered_on=day, expected_on=day, reason="x", created_at=AT, state="open",
    )  # fmt: skip
    OrderLine.objects.create(
        order=order, position=1, description="x", budget_line=line, month="2026-12",
        amount_micros=1, borne_micros=1,
    )  # fmt: skip
    return order


def analysed(cast: Cast) -> int:
    """A run of attribution and one of lifetime value of the US, both with this number."""
    day = date(2026, 11, 20)
    told: dict[str, Any] = {
        "pk": 9_001, "team": cast.us, "first_day": day, "last_day": day, "known_at": AT,
        "data_sha256": "0" * 64, "currency": "USD", "ran_at": AT, "cpu_seconds": 0,
    }  # fmt: skip
    AttributionRun.objects.create(
        **told, conversion="won", touches=0, people=0, conversions=0, unattributed=0,
        value_micros=0, unattributed_value_micros=0,
    )  # fmt: skip
    LifetimeRun.objects.create(**told, customers=0, purchases=0)
    return 9_001


def row_of(cast: Cast) -> QuarantinedRow:
    """A row of a file of the US that could not be read."""
    run = ImportRun.objects.create(
        team=cast.us, file_name="us.csv", stored_as="us", size=1, sha256="0" * 64, uploaded_at=AT
    )
    return QuarantinedRow.objects.create(run=run, row=2, code="BAD_NUMBER", message="x")


def option_of(cast: Cast) -> Option:
    """An alternative of a request of the US."""
    request = ChangeRequest.objects.create(
        kind="approvals.choice", number=9_001, title="US", reason="x", team=cast.us, payload={},
        content_hash="", currency="EUR", requested_by=cast.other_manager, created_at=AT,
    )  # fmt: skip
    return Option.objects.create(request=request, position=1, label="A")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Route name, method and description of every operation."""
    schema = described()
    by_path = {"/" + one.path.replace("<int:", "{").replace("<str:", "{").replace("<slug:", "{").replace(">", "}"): one.name for one in ROUTES.values()}  # fmt: skip
    renamed = {_nameless(path): name for path, name in by_path.items()}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield renamed[_nameless(path)], method, operation


def _nameless(path: str) -> str:
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))


SCHEMAS: dict[str, Any] = described()["components"]["schemas"]


def taken(operation: dict[str, Any]) -> dict[str, bool]:
    """The numbers that an operation's body takes, and whether each is a list."""
    contents: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    bodies: list[dict[str, Any]] = [one["schema"] for one in contents.values()]
    body: dict[str, Any] = bodies[0] if bodies else {}
    shape = SCHEMAS.get(body.get("$ref", "").rpartition("/")[2], body)
    fields = shape.get("properties", {})
    return {name: "items" in kind for name, kind in fields.items() if _is_number(kind)}


def _is_number(kind: dict[str, Any]) -> bool:
    return "integer" in (kind.get("type"), kind.get("items", {}).get("type"))


def asked(operation: dict[str, Any]) -> list[str]:
    """The numbers that stand behind an operation's question mark."""
    found = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    return [one["name"] for one in found if _is_number(one["schema"])]


BODIES = [(n, m, taken(o)) for n, m, o in operations() if taken(o).keys() - PLAIN]
QUERIES = [(n, asked(o)) for n, m, o in operations() if m == "get" and set(asked(o)) - PLAIN]


def send(client: Client, method: str, url: str, name: str, value: Any) -> tuple[int, str]:
    body = json.dumps({name: value})
    answer = client.generic(method.upper(), url, body, "application/json")
    if answer.status_code == 415:
        answer = client.post(url, {name: value})
    return answer.status_code, answer.content.decode()


def told(answer: tuple[int, str], number: int) -> tuple[int, str]:
    """The answer without the number that was asked for."""
    return answer[0], answer[1].replace(str(number), "#")


def readers(cast: Cast) -> list[User]:
    return [cast.manager, cast.director]


@pytest.mark.feature("9.6")
@pytest.mark.parametrize(("name", "method", "fields"), BODIES, ids=lambda value: str(value)[:40])
def test_a_number_in_the_body_tells_nothing(
    name: str, method: str, fields: dict[str, bool], cast: Cast, foreign: dict[str, int]
) -> None:
    url = address(ROUTES[name], cast)
    for user in readers(cast):
        client = Client()
        client.force_login(user)
        for field, is_list in fields.items():
            if field in PLAIN:
                continue
            number = foreign[field]
            there, nowhere = (
                told(send(client, method, url, field, [n] if is_list else n), n)
                for n in (number, NOWHERE)
            )
            assert there == nowhere, f"{method} {name} tells that {field} {number} exists"


@pytest.mark.parametrize(("name", "fields"), QUERIES, ids=lambda value: str(value)[:40])
def test_a_number_behind_the_question_mark_tells_nothing(
    name: str, fields: list[str], cast: Cast, foreign: dict[str, int]
) -> None:
    url = address(ROUTES[name], cast).partition("?")[0]
    for user in readers(cast):
        client = Client()
        client.force_login(user)
        for field in set(fields) - PLAIN:
            answers = []
            for number in (foreign[field], NOWHERE):
                answer = client.get(url, {field: number})
                answers.append(told((answer.status_code, answer.content.decode()), number))
            assert answers[0] == answers[1], f"{name} tells that {field} exists"


@pytest.mark.parametrize("field", ["campaign", "line", "team", "owner"])
def test_the_query_tells_nothing_of_what_is_out_of_sight(
    field: str, cast: Cast, foreign: dict[str, int]
) -> None:
    client = Client()
    client.force_login(cast.manager)
    answers = []
    for number in (foreign[field], NOWHERE):
        asked_for: dict[str, str | int] = {"metrics": "clicks", "period": "2026-10", field: number}
        answer = client.get("/api/v1/query/", asked_for)
        answers.append(told((answer.status_code, answer.content.decode()), number))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("field", ["budget_line", "campaign_line"])
def test_a_move_tells_nothing_of_lines_out_of_sight(
    field: str, cast: Cast, foreign: dict[str, int]
) -> None:
    client = Client()
    client.force_login(cast.manager)
    answers = []
    for number in (foreign[field], NOWHERE):
        move = {"budget_line": NOWHERE + 5, "campaign_line": NOWHERE + 6, field: number}
        moves = [move | {"month": "2026-12", "amount_micros": amount} for amount in (-5, 5)]
        body = {
            "kind": "budget.reallocation", "title": "x", "reason": "x",
            "payload": {"moves": moves, "currency": "USD"},
        }  # fmt: skip
        answer = client.post("/api/v1/requests/", json.dumps(body), content_type="application/json")
        answers.append(told((answer.status_code, answer.content.decode()), number))
    assert answers[0] == answers[1]
    assert answers[0][0] in {404, 422}
