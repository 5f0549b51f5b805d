"""What no browser sends: characters that no column takes, numbers too long, and "all" under a search."""

from __future__ import annotations

import pytest
from django.urls import reverse

from integrations.models import Mapping, QuarantinedRow
from tests.cast import Cast
from tests.integrations.test_quarantine import PARTLY, browser, imported, mend

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.4")]

DISMISS = "integrations:quarantine-dismiss"


def left(cast: Cast) -> set[int]:
    return set(QuarantinedRow.objects.waiting().values_list("row", flat=True))


def test_all_means_the_rows_that_the_search_box_left(cast: Cast) -> None:
    client = browser(cast.manager)
    imported(client, cast)
    data = {"all": "1", "filters": "?q=n%2Fa+today", "reason": "A test row"}
    client.post(reverse(DISMISS), data)
    assert left(cast) == {4}


def test_filters_that_cannot_be_read_dismiss_nothing(cast: Cast) -> None:
    client = browser(cast.manager)
    imported(client, cast)
    for filters in ("?team=999999", "?code=%00", "?state=no"):
        data = {"all": "1", "filters": filters, "reason": "A test row"}
        assert client.post(reverse(DISMISS), data).status_code == 422
    assert left(cast) == {3, 4}


def test_all_forgets_only_the_layouts_that_the_search_box_left(cast: Cast) -> None:
    client = browser(cast.manager)
    imported(client, cast)
    kept = Mapping.objects.filter(is_current=True).count()
    assert kept
    client.post(
        reverse("integrations:mapping-forget"), {"all": "1", "filters": "?q=no+such+column"}
    )
    assert Mapping.objects.filter(is_current=True).count() == kept


@pytest.mark.parametrize("key", ["9" * 30, "9" * 5_000])
def test_a_key_too_long_names_nothing(cast: Cast, key: str) -> None:
    client = browser(cast.manager)
    imported(client, cast)
    client.post(reverse(DISMISS), {"ids": [key], "reason": "A test row"})
    assert left(cast) == {3, 4}
    assert client.get(reverse("integrations:naming-edit"), {"team": key}).status_code == 200


def test_a_nul_character_is_dropped_from_what_is_typed(cast: Cast) -> None:
    client = browser(cast.manager)
    run = imported(client, cast)
    assert mend(client, run, row3_5="1\x00.00").status_code == 302
    assert left(cast) == {4}
    row = run.quarantine.get(row=4)
    far = {f"cell.{row.pk}.{'9' * 5_000}": "x"}
    assert client.post(reverse("integrations:mend-rows", args=[run.pk]), far).status_code != 500
    client.post(reverse(DISMISS), {"ids": [row.pk], "reason": "Not\x00 paid"})
    assert run.quarantine.get(row=4).reason == "Not paid"


def test_an_answer_with_a_nul_character_is_an_answer_without_it(cast: Cast) -> None:
    client = browser(cast.manager)
    run = imported(client, cast, PARTLY.replace("2026-11-01", "2026-11-31"), "waits.csv")
    run.state = "checked"
    run.save(update_fields=["state"])
    address = reverse("integrations:run-check", args=[run.pk])
    data = {"answer.currency": "E\x00UR", "answer.\x00year": "2026", "column.0": "da\x00y"}
    assert client.post(address, data).status_code == 302
    run.refresh_from_db()
    assert run.settings["currency"] == "EUR"


def test_a_month_with_a_nul_character_is_not_there(cast: Cast) -> None:
    assert browser(cast.manager).get("/goals/months/2026-10%00/").status_code == 404


def test_one_row_is_said_in_the_singular(cast: Cast) -> None:
    client = browser(cast.manager)
    run = imported(
        client, cast, "Day,Campaign,Impr.,Cost\n2026-11-01,Winter,100,12.50\n", "one.csv"
    )
    assert b"One row is imported" in client.get(reverse("integrations:run", args=[run.pk])).content
