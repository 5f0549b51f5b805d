"""Pages and API of customers: the pipeline, an account's story, and only what is in sight."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers import selectors
from customers.choices import Entity, System
from customers.models import Account
from customers.services import records_load
from tests.cast import Cast
from tests.customers.files import PAYMENTS, bring_in, bring_in_all
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.5")]


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def shown(user: object, name: str, *args: Any, query: str = "") -> str:
    return client_of(user).get(reverse(name, args=args) + query).content.decode()


def deals(cast: Cast, rows: Iterable[dict[str, Any]]) -> None:
    records_load(
        rows={Entity.OPPORTUNITY: list(rows)}, team=cast.dach, system=System.SALESFORCE,
        label="deals", known_at=AT, actor=cast.manager.as_actor(),
    )  # fmt: skip


def deal(number: int, stage: str, amount: int | None, currency: str = "EUR") -> dict[str, Any]:
    micros = None if amount is None else amount * 1_000_000
    return {
        "number": str(number), "name": f"Deal {number}", "stage": stage, "amount_micros": micros,
        "currency": currency, "created_at": AT - timedelta(days=number),
    }  # fmt: skip


def test_the_pipeline_adds_up_by_stage_and_never_across_currencies(cast: Cast) -> None:
    deals(cast, [deal(10, "Demo", 100), deal(20, "Demo", 50, "USD"), deal(30, "Demo", None),
                 deal(40, "Offer", 7)])  # fmt: skip
    demo, offer = selectors.pipeline_for(cast.director, AT)
    assert (demo.stage, demo.count, demo.without_amount) == ("Demo", 3, 1)
    assert [str(value.amount) for value in demo.values] == ["100", "50"]
    assert demo.age == timedelta(days=20)  # the median
    assert offer.count == 1


def test_its_page_says_the_worth_and_what_takes_longest(cast: Cast) -> None:
    deals(cast, [deal(10, "Demo", 100), deal(40, "Offer", 7)])
    text = shown(cast.director, "customers:pipeline")
    assert "2 opportunities are open, worth €107" in text
    assert "Offer takes longest: 40 days" in text


def test_whoever_sees_no_money_sees_no_amount(cast: Cast) -> None:
    deals(cast, [deal(10, "Demo", 123_456)])
    assert "123" in shown(cast.director, "customers:pipeline")
    for text in (shown(cast.admin, "customers:pipeline"), shown(cast.admin, "api-opportunities"),
                 shown(cast.admin, "api-pipeline")):  # fmt: skip
        assert "123" not in text


def test_an_account_tells_its_story(cast: Cast) -> None:
    bring_in_all(cast)
    bring_in(cast, PAYMENTS, at=AT + timedelta(hours=1))
    account = Account.objects.get(number="77")
    text = shown(cast.manager, "customers:account", account.pk)
    for words in ("Big – Müller", "Payment failed", "card expired", "Winter", "Proposal"):
        assert words in text


def test_out_of_sight_is_not_there(cast: Cast) -> None:
    bring_in_all(cast)
    account = Account.objects.get(number="77")
    client = client_of(cast.other_manager)
    assert client.get(reverse("customers:account", args=[account.pk])).status_code == 404
    assert client.get(reverse("api-account", args=[account.pk])).status_code == 404
    assert "Müller" not in shown(cast.other_manager, "customers:accounts")
    assert client.get(reverse("api-accounts")).json()["count"] == 0


def test_empty_pages_say_what_to_do(cast: Cast) -> None:
    for name in ("accounts", "pipeline", "contacts"):
        assert "Import" in shown(cast.manager, f"customers:{name}")


def test_search_finds_accounts_and_deals_in_sight(cast: Cast) -> None:
    bring_in_all(cast)
    kinds = [hit.kind for hit in selectors.find_accounts(cast.manager, "müller", 5)]
    assert kinds == ["Accounts", "Opportunities"]
    assert selectors.find_accounts(cast.other_manager, "müller", 5) == []


@pytest.mark.parametrize("name", ["accounts", "pipeline", "contacts"])
def test_a_longer_list_costs_no_more_queries(cast: Cast, name: str) -> None:
    def count(client: Client) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(f"customers:{name}")).status_code == 200
        return len(queries)

    client = client_of(cast.director)
    deals(cast, [deal(1, "Demo", 100)])
    few = count(client)
    deals(cast, [deal(number, "Demo", 100) for number in range(2, 22)])
    assert count(client) <= few


def test_the_privacy_page_shows_days_rights_and_certificates(cast: Cast) -> None:
    bring_in_all(cast)
    text = shown(cast.admin, "customers:privacy")
    for words in ("HMAC-SHA256", "Stored files", "Name hash", "Nobody has been erased"):
        assert words in text
    answer = client_of(cast.admin).post(
        reverse("customers:keep"), {"kind": "contacts", "days": "365"}, follow=True
    )
    assert "365" in answer.content.decode()
    assert "Set</button>" not in shown(cast.auditor, "customers:privacy")
