"""Zero characters reach no view, and names hold nothing that nobody sees: on pages, in the API, in files."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Team
from campaigns.models import Campaign, Optimisation
from core.middleware import PlainText
from core.routes import routes
from core.text import UNSEEN, holds_name, kept, plain_name
from tests.cast import Cast
from tests.config.test_permissions import address
from tests.examples import load_examples
from tests.integrations.test_pages import browser, latest, upload
from tests.world import make_campaign

# Views that read raw texts of a form, of every app that has them.
RAW = {
    "accounts:person-deactivate": "admin",
    "accounts:proposal-reject": "executive",
    "automation:stop": "director",
    "campaigns:log-undo": "manager",
    "campaigns:move": "manager",
    "budgets:decide": "director",
    "customers:find": "admin",
    "integrations:run-undo": "director",
    "integrations:quality-exclude": "manager",
    "automation:feature-off": "admin",
    "metrics:goal": "director",
}
EVIL = "a\x00b"
FIELDS = (
    "reason",
    "to",
    "outcome",
    "kind",
    "value",
    "content_hash",
    "name",
    "comment",
    "do",
    "month",
)


@pytest.mark.parametrize("name", sorted(RAW))
def test_no_view_breaks_on_a_zero_character(cast: Cast, name: str) -> None:
    load_examples()
    found = {route.name: route for route in routes()}
    if name not in found:
        pytest.fail(f"there is no {name} any more; name another view of its app")
    url, client = address(found[name], cast), browser(getattr(cast, RAW[name]))
    for method in (client.post, client.get):
        with transaction.atomic():
            answer = method(url, dict.fromkeys(FIELDS, EVIL))
            assert answer.status_code < 500
            transaction.set_rollback(True)


def test_a_reason_is_kept_without_the_zero_character(cast: Cast) -> None:
    load_examples()
    found = next(route for route in routes() if route.name == "campaigns:log-undo")
    browser(cast.manager).post(address(found, cast), {"reason": "Wrong\x00 line"})
    assert Optimisation.objects.get().undone_at


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Winter \u202egnp.exe\u202c", "Winter gnp.exe"),
        ("\u2066Winter\u2069", "Winter"),
        ("Win\x07ter\x85 \x7f", "Winter"),
        ("Winter\tLayers\nDACH", "Winter Layers DACH"),
        ("חורף Été 冬 👩‍🚀 \u200fRTL", "חורף Été 冬 👩‍🚀 \u200fRTL"),
    ],
)
def test_what_nobody_sees_leaves_a_name_and_letters_stay(text: str, plain: str) -> None:
    assert plain_name(text) == plain
    assert kept("name", text) == (plain if UNSEEN.search(text) else text)


def test_only_fields_of_names_are_made_plain() -> None:
    assert all(map(holds_name, ("name", "form-0-name", "first_name", "title", "label")))
    assert not any(map(holds_name, ("reason", "password", "named", "filename_hash", "text")))
    assert kept("reason", "one\u202etwo\x00") == "one\u202etwo"


def test_a_form_without_such_characters_is_not_touched() -> None:
    request = RequestFactory().post("/x/", {"name": "Winter", "reason": "two\r\nlines"})
    said = request.POST
    PlainText(lambda _: HttpResponse()).process_view(request)
    assert request.POST is said


def test_repeated_fields_and_the_query_are_cleaned_as_well() -> None:
    request = RequestFactory().post("/x/?q=a%00b", {"ids": ["1", "2\x00"], "na\x00me": "\u202eX"})
    PlainText(lambda _: HttpResponse()).process_view(request)
    assert request.POST.getlist("ids") == ["1", "2"]
    assert request.POST["name"] == "X"
    assert request.GET["q"] == "ab"


def test_a_campaign_made_on_a_page_or_by_the_api_has_a_plain_name(cast: Cast) -> None:
    client: Client = browser(cast.director)
    made = make_campaign(cast)
    client.post(
        reverse("campaigns:edit", args=[made.pk]),
        {"name": "Sp\u202eoof\x9d", "team": cast.dach.pk, "owner": cast.manager.pk,
         "objective": "sales", "version": made.version},
    )  # fmt: skip
    made.refresh_from_db()
    assert made.name == "Spoof"
    answer = client.patch(
        reverse("api-campaign", args=[made.pk]),
        {"name": "Ot\u2067her", "version": made.version},
        content_type="application/json",
    )
    made.refresh_from_db()
    assert (answer.status_code, made.name) == (200, "Other")


def test_a_team_and_a_file_bring_plain_names(cast: Cast) -> None:
    browser(cast.admin).post(
        reverse("accounts:team-create"), {"name": "Nor\u202edics", "parent": cast.europe.pk}
    )
    assert Team.objects.get(parent=cast.europe, name__startswith="Nor").name == "Nordics"
    assert not Team.objects.filter(name__contains="\u202e").exists()
    client = browser(cast.manager)
    rows = "2026-11-01,Win\u202eter,12.50\n2026-11-02,Winter,1.00\n"
    upload(client, cast, f"Date,Campaign,Cost\n{rows}", currency="EUR")
    client.post(reverse("integrations:run-import", args=[latest().pk]))
    assert list(Campaign.objects.values_list("name", flat=True)) == ["Winter"]
