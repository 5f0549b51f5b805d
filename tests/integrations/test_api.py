"""A file over the API, from upload to undo; the same rights as on the pages."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from integrations.models import ImportRun
from metrics.models import Fact
from tests.cast import Cast
from tests.integrations.examples import bulk_file

URL = "/api/v1/imports/"
GOOD = "Date,Campaign,Cost\n2026-11-01,Winter,12.50\n2026-11-02,Winter,7.25\n"
PARTLY = GOOD + "2026-11-03,Winter,n/a today\n"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, team: int, text: str = GOOD, **more: str) -> Any:
    file = SimpleUploadedFile("export.csv", text.encode())
    return client.post(URL, {"file": file, "team": team, "currency": "EUR", **more})


def send(client: Client, path: str, content: dict[str, Any]) -> Any:
    return client.post(URL + path, content, content_type="application/json")


def test_an_upload_is_checked_and_nothing_is_written(cast: Cast) -> None:
    answer = upload(browser(cast.manager), cast.dach.pk)
    run = answer.json()
    assert answer.status_code == 201
    assert (run["state"], run["verdict"], run["accepted"]) == ("checked", "ACCEPT", 2)
    assert run["totals"] == {"EUR": "19.75"}
    assert {column["target"] for column in run["columns"]} == {"day", "campaign_name", "spend"}
    assert len(run["sample"]["rows"]) == 2
    assert not Fact.objects.exists()


def test_import_then_undo(cast: Cast) -> None:
    client = browser(cast.director)
    pk = upload(client, cast.dach.pk).json()["id"]
    loaded = send(client, f"{pk}/import/", {}).json()
    assert (loaded["inserted"], loaded["unchanged"]) == (2, 0)
    assert send(client, f"{pk}/import/", {}).status_code == 409
    undone = send(client, f"{pk}/undo/", {"reason": "The wrong month"})
    assert (undone.status_code, undone.json()["state"]) == (200, "undone")


def test_left_out_rows_need_a_confirmation_and_can_be_read(cast: Cast) -> None:
    client = browser(cast.manager)
    pk = upload(client, cast.dach.pk, PARTLY).json()["id"]
    refused = send(client, f"{pk}/import/", {})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "PARTIAL")
    assert send(client, f"{pk}/import/", {"confirm": True}).json()["inserted"] == 2
    held = client.get(f"{URL}{pk}/quarantine/").json()["results"]
    assert [(row["row"], row["column"]) for row in held] == [(4, "Cost")]


def test_a_column_can_be_taken_away_and_the_file_is_read_again(cast: Cast) -> None:
    client = browser(cast.manager)
    pk = upload(client, cast.dach.pk).json()["id"]
    again = send(client, f"{pk}/answer/", {"columns": {"spend": ""}}).json()
    assert "spend" not in {column["target"] for column in again["columns"]}


def test_what_is_said_about_a_file_are_texts(cast: Cast) -> None:
    client = browser(cast.manager)
    assert upload(client, cast.dach.pk, settings='{"year": "2026"}').status_code == 201
    for wrong in ("[1]", '{"year": {"a": 1}}', '{"ye\\u0000ar": "2026"}', "{"):
        assert upload(client, cast.dach.pk, settings=wrong).status_code == 400, wrong
    pk = ImportRun.objects.get().pk
    assert send(client, f"{pk}/answer/", {"answers": ["x"]}).status_code == 400


def test_an_upload_can_be_put_aside(cast: Cast) -> None:
    client = browser(cast.manager)
    pk = upload(client, cast.dach.pk).json()["id"]
    assert send(client, f"{pk}/discard/", {}).json()["state"] == "discarded"
    assert [run["id"] for run in client.get(f"{URL}?state=discarded").json()["results"]] == [pk]
    assert client.get(f"{URL}?state=checked").json()["results"] == []


def test_the_file_comes_back_as_it_was(cast: Cast) -> None:
    client = browser(cast.manager)
    pk = upload(client, cast.dach.pk).json()["id"]
    answer: Any = client.get(f"{URL}{pk}/file/", headers={"Accept": "text/csv"})
    assert b"".join(answer.streaming_content).decode() == GOOD
    assert "attachment" in answer["Content-Disposition"]


def test_another_division_sees_and_touches_nothing(cast: Cast) -> None:
    pk = upload(browser(cast.manager), cast.dach.pk).json()["id"]
    stranger = browser(cast.other_director)
    assert stranger.get(URL).json()["results"] == []
    assert stranger.get(f"{URL}{pk}/").status_code == 404
    for path in ("import", "undo", "discard", "answer"):
        assert send(stranger, f"{pk}/{path}/", {"reason": "x"}).status_code == 404
    assert upload(stranger, cast.dach.pk).status_code == 400
    assert ImportRun.objects.get().state == "checked"


@pytest.mark.parametrize("accept", ["*/*", "text/csv", "application/json"])
def test_a_platform_file_is_listed_and_downloaded(cast: Cast, accept: str) -> None:
    pk = bulk_file(cast)["pk"]
    client = browser(cast.manager)
    assert [one["id"] for one in client.get("/api/v1/platform-files/").json()["results"]] == [pk]
    answer = client.get(f"/api/v1/platform-files/{pk}/", headers={"Accept": accept})
    assert answer.content == b"Campaign,Budget\n"
    assert answer["Content-Type"].startswith("text/csv")
    missing = client.get("/api/v1/platform-files/99999/", headers={"Accept": accept})
    assert missing.json()["error"]["code"] == "not_found"
