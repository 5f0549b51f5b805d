"""Saved views of lists: kept, shared, opened by address or by default, deleted and brought back."""

from __future__ import annotations

import json

import pytest

from accounts import services
from accounts.models import SavedView
from accounts.selectors import default_view, saved_views_for
from core.errors import Conflict, Invalid, NotAllowed
from tests.accounts.conftest import NOW, Enter, latest_event
from tests.cast import Cast

LIST = "/campaigns/"


def keep(cast: Cast, **more: object) -> SavedView:
    fields: dict = {
        "user": cast.manager, "page": "reporting:campaigns", "name": "Live",
        "query": "status=live&sort=-spend&page=3", "at": NOW,
    }  # fmt: skip
    return services.view_keep(**fields | more)


def test_filters_order_and_columns_are_kept_and_the_page_number_is_not(cast: Cast) -> None:
    assert keep(cast).query == "status=live&sort=-spend"
    assert latest_event().action == "saved_view.created"


def test_a_name_is_free_again_once_its_view_is_deleted(cast: Cast) -> None:
    view = keep(cast)
    with pytest.raises(Conflict):
        keep(cast)
    services.view_delete(view=view, user=cast.manager, at=NOW)
    again = keep(cast)
    with pytest.raises(Conflict):
        services.view_undelete(view=view, user=cast.manager, at=NOW)
    services.view_delete(view=again, user=cast.manager, at=NOW)
    assert services.view_undelete(view=view, user=cast.manager, at=NOW) == view


@pytest.mark.parametrize("wrong", [{"page": "x"}, {"name": " "}, {"query": "a" * 5000}])
def test_what_cannot_be_kept(cast: Cast, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        keep(cast, **wrong)


def test_a_team_shares_it_and_nobody_else_sees_or_changes_it(cast: Cast) -> None:
    view = keep(cast, team=cast.dach)
    sees = {one.name for one in cast.all() if saved_views_for(one).filter(pk=view.pk).exists()}
    assert {"Jonas Weber", "Mara Lindqvist"} <= sees
    assert not {"Rosa Diaz", "Dana Cole", "Eilidh Ross", "Nils Berg"} & sees
    with pytest.raises(NotAllowed):
        services.view_delete(view=view, user=cast.director, at=NOW)
    with pytest.raises(Invalid):
        keep(cast, name="Theirs", team=cast.us)


def test_a_list_opens_with_its_default_until_somebody_asks_for_more(
    cast: Cast, enter: Enter
) -> None:
    view, client = keep(cast, team=cast.dach), enter(cast.director)
    assert client.get(LIST).status_code == 200
    services.view_default(user=cast.director, page=view.page, view=view, at=NOW)
    answer = client.get(LIST)
    assert answer["Location"] == f"{LIST}?status=live&sort=-spend&saved={view.pk}"
    assert client.get(f"{LIST}?plain=1").status_code == 200
    assert client.get(LIST, headers={"HX-Request": "true"}).status_code == 200
    services.view_keep(user=cast.manager, page=view.page, name="Live", query="", at=NOW, view=view)
    assert default_view(cast.director, view.page) is None


def test_it_has_an_address_of_its_own(cast: Cast, enter: Enter) -> None:
    view = keep(cast)
    where = enter(cast.manager).get(f"/people/views/{view.pk}/")["Location"]
    page = enter(cast.manager).get(where).content.decode()
    assert 'id="filter-saved"' in page
    assert "Change this view" in page
    assert enter(cast.other_manager).get(f"/people/views/{view.pk}/").status_code == 404


def test_the_drawer_keeps_what_the_list_shows_now(cast: Cast, enter: Enter) -> None:
    client = enter(cast.manager)
    form = client.get(
        "/people/views/new/?page=reporting:campaigns&query=old",
        headers={"Referer": "http://testserver/campaigns/?status=paused&cols=spend"},
    )
    assert "status=paused&amp;cols=spend" in form.content.decode()
    data = {"page": "reporting:campaigns", "query": "status=paused", "name": "Paused", "is_default": "on"}  # fmt: skip
    assert client.post("/people/views/new/", data).status_code == 302
    kept = SavedView.objects.get()
    assert default_view(cast.manager, "reporting:campaigns") == kept
    gone = client.post(f"/people/views/{kept.pk}/delete/", follow=True)
    assert f'data-undo="/people/views/{kept.pk}/undelete/"' in gone.content.decode()
    client.post(f"/people/views/{kept.pk}/undelete/")
    assert saved_views_for(cast.manager).get() == kept


def test_the_api_does_the_same(cast: Cast, enter: Enter) -> None:
    client = enter(cast.manager)
    body = {"page": "automation:alerts", "name": "Mine", "query": "state=open", "team": cast.dach.pk}  # fmt: skip
    made = client.post("/api/v1/saved-views/", json.dumps(body), content_type="application/json")
    assert (made.status_code, made.json()["is_default"]) == (201, False)
    url = f"/api/v1/saved-views/{made.json()['id']}/"
    changed = client.patch(url, json.dumps({"is_default": True, "name": "Ours"}), content_type="application/json")  # fmt: skip
    assert (changed.json()["name"], changed.json()["is_default"]) == ("Ours", True)
    assert changed.json()["team"] == cast.dach.pk
    assert enter(cast.director).patch(url, '{"name": "x"}', content_type="application/json").status_code == 403  # fmt: skip
    assert client.delete(url).status_code == 204
    assert client.get("/api/v1/saved-views/").json()["count"] == 0
    assert client.post(f"{url}undelete/").status_code == 200
