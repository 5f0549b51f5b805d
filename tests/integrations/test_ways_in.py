"""Files that come by themselves: dropped, mailed, fetched; taken once, held when in doubt."""

from __future__ import annotations

import io
import os
import sys
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core import fetching, needs, outbox
from core.errors import Invalid, NotAllowed
from core.fetching import Fetched, FetchFailed
from core.models import Event, OutboxItem
from integrations.models import ImportRun, WayIn
from integrations.selectors import folder_of, mail_address
from integrations.services import ways
from integrations.services.ways import WayInput
from metrics.models import Fact
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.8")]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()
GOOD = b"Date,Campaign,Cost,Currency\n2026-11-01,Winter,12.50,EUR\n2026-11-02,Winter,7.25,EUR\n"
PARTLY = GOOD + b"2026-11-03,Winter,n/a today,EUR\n"
SECRET = "https://public.test/export.csv?from={from}&to={to}&token=secret"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: Any) -> None:
    settings.DROP_FOLDERS = tmp_path / "drop"
    settings.MAIL_IN_DOMAIN = "adroit.test"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make(cast: Cast, kind: str, **more: Any) -> WayIn:
    given = WayInput(name="Daily", responsible=cast.manager, **more)
    return ways.way_create(kind=kind, team=cast.dach, given=given, user=cast.manager, at=NOW)


@pytest.fixture
def folder(cast: Cast) -> WayIn:
    way = make(cast, "folder")
    ways.folder_look(way, at=NOW)  # makes the folders
    return way


def drop(way: WayIn, name: str, content: bytes = GOOD, age: int = 60) -> Path:
    file = folder_of(way) / name
    file.write_bytes(content)
    then = (NOW - timedelta(seconds=age)).timestamp()
    os.utime(file, (then, then))
    return file


def inside(way: WayIn, name: str) -> list[str]:
    return sorted(file.name for file in (folder_of(way) / name).iterdir())


class TestFolder:
    def test_a_file_is_taken_once_and_moved_with_a_word(self, folder: WayIn) -> None:
        drop(folder, "export.csv")
        assert ways.folders_look(now=NOW) == {"in": 1, "held": 0}
        assert ways.folders_look(now=NOW) == {"in": 0, "held": 0}
        assert inside(folder, "done") == [
            "20261122-120000 export.csv",
            "20261122-120000 export.csv.txt",
        ]
        word = (folder_of(folder) / "done" / inside(folder, "done")[1]).read_text()
        assert word == "2 rows imported.\n"
        run = ImportRun.objects.get()
        assert (run.origin, run.way, run.state) == ("folder", folder, "imported")
        assert Event.objects.get(action="import.imported").actor_name == "Drop folder “Daily”"
        assert Fact.objects.count() == 2

    def test_the_same_file_again_changes_nothing(self, folder: WayIn) -> None:
        for name in ("a.csv", "b.csv"):
            drop(folder, name)
            ways.folder_look(folder, at=NOW)
        assert list(ImportRun.objects.order_by("pk").values_list("state", flat=True)) == [
            "imported",
            "unchanged",
        ]
        folder.refresh_from_db()
        assert folder.last_word == "b.csv: All of it was known already."

    def test_what_is_in_doubt_is_held_for_whoever_answers_for_it(
        self, cast: Cast, folder: WayIn
    ) -> None:
        drop(folder, "good.csv")
        drop(folder, "part.csv", PARTLY)
        drop(folder, "page.csv", b"<html>Sign in</html>")
        taken = {item.name: item.is_in for item in ways.folder_look(folder, at=NOW)}
        assert taken == {"good.csv": True, "page.csv": False, "part.csv": False}
        assert Fact.objects.count() == 2
        assert len(inside(folder, "failed")) == 4
        waiting = [item.need.title for item in needs.needs_of(cast.manager, NOW)]
        assert "Decide on the import of part.csv" in waiting
        assert "Look at page.csv" in waiting
        page = browser(cast.manager).get(reverse("reporting:home")).content.decode()
        assert "Look at page.csv" in page

    def test_links_hidden_and_unfinished_files_are_left_alone(
        self, folder: WayIn, tmp_path: Path
    ) -> None:
        secret = tmp_path / "secret.csv"
        secret.write_bytes(GOOD)
        (folder_of(folder) / "link.csv").symlink_to(secret)
        drop(folder, ".hidden.csv")
        drop(folder, "half.csv.part")
        drop(folder, "still-written.csv", age=2)
        assert ways.folder_look(folder, at=NOW) == []
        assert secret.exists()

    def test_what_a_dead_worker_took_is_taken_again(self, folder: WayIn) -> None:
        drop(folder, "lost.csv").rename(folder_of(folder) / "taken" / "lost.csv")
        assert ways.folder_look(folder, at=datetime.now(UTC)) == []
        later = datetime.now(UTC) + timedelta(hours=1)
        assert [item.is_in for item in ways.folder_look(folder, at=later)] == [True]

    def test_a_closed_folder_is_not_looked_into(self, cast: Cast, folder: WayIn) -> None:
        ways.way_switch(folder, is_active=False, user=cast.manager, at=NOW)
        drop(folder, "export.csv")
        assert ways.folders_look(now=NOW) == {"in": 0, "held": 0}

    def test_whoever_lost_the_right_imports_nothing(self, cast: Cast, folder: WayIn) -> None:
        cast.manager.memberships.all().delete()
        drop(folder, "export.csv")
        taken = ways.folder_look(WayIn.objects.get(pk=folder.pk), at=NOW)
        assert [item.is_in for item in taken] == [False]
        assert not Fact.objects.exists()


def message(way: WayIn, sender: str = "ads@agency.test", **files: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, mail_address(way), "Report"
    mail.set_content("Here it is.")
    for name, content in files.items():
        mail.add_attachment(content, maintype="text", subtype="csv", filename=f"{name}.csv")
    return mail.as_bytes()


class TestMail:
    @pytest.fixture
    def address(self, cast: Cast) -> WayIn:
        return make(cast, "mail", senders=["ads@agency.test", "@group.test"])

    def test_attachments_go_through_the_same_reader(self, address: WayIn) -> None:
        mail = message(address, good=GOOD, part=PARTLY)
        delivery = ways.mail_take(mail, today=TODAY, at=NOW)
        assert [(file.name, file.is_in) for file in delivery.files] == [
            ("good.csv", True),
            ("part.csv", False),
        ]
        assert set(ImportRun.objects.values_list("origin", flat=True)) == {"mail"}

    def test_the_envelope_counts_before_the_headers(self, address: WayIn) -> None:
        mail = message(address, sender="ads@agency.test", good=GOOD)
        with pytest.raises(NotAllowed):
            ways.mail_take(mail, today=TODAY, at=NOW, sender="stranger@else.test")
        with pytest.raises(Invalid):
            ways.mail_take(mail, today=TODAY, at=NOW, to="imports+nobody@adroit.test")
        assert not ImportRun.objects.exists()

    @pytest.mark.parametrize(
        "sender",
        ["stranger@else.test", "x@agency.test", "ads@agency.test.else.test", "", "@group.test",
         "a@group.test, b@else.test", "x@sub.group.test"],
    )  # fmt: skip
    def test_other_senders_are_refused_and_noted(self, address: WayIn, sender: str) -> None:
        if sender == "@group.test":
            return  # no address at all
        with pytest.raises(NotAllowed):
            ways.mail_take(message(address, sender, good=GOOD), today=TODAY, at=NOW)
        assert not ImportRun.objects.exists()
        assert Event.objects.get(action="way.refused").is_security
        address.refresh_from_db()
        assert "not on the list" in address.last_word

    def test_anybody_of_a_listed_domain_may(self, address: WayIn) -> None:
        mail = message(address, "Somebody <any@GROUP.test>", good=GOOD)
        assert ways.mail_take(mail, today=TODAY, at=NOW).files[0].is_in

    def test_a_mail_without_a_file_says_so(self, address: WayIn) -> None:
        with pytest.raises(Invalid, match="no attachment"):
            ways.mail_take(message(address), today=TODAY, at=NOW)

    def test_pictures_and_signatures_are_no_data(self, address: WayIn) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"] = "ads@agency.test", mail_address(address)
        mail.set_content("Hello")
        mail.add_attachment(b"x", maintype="image", subtype="png", filename="logo.png")
        mail.add_attachment(b"x", maintype="application", subtype="pgp", filename="sign.asc")
        with pytest.raises(Invalid, match="no attachment"):
            ways.mail_take(mail.as_bytes(), today=TODAY, at=NOW)

    @pytest.mark.parametrize(
        ("sender", "to", "code"),
        [
            ("ads@agency.test", "", 0),
            ("who@else.test", "", 77),
            ("ads@agency.test", "x@y.test", 67),
        ],
    )
    def test_the_command_tells_the_mail_server(
        self, address: WayIn, monkeypatch: pytest.MonkeyPatch, sender: str, to: str, code: int
    ) -> None:
        data = message(address, sender, good=GOOD)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        if not code:
            call_command("import_mail", to=to)
            assert Fact.objects.count() == 2
            return
        with pytest.raises(SystemExit) as end:
            call_command("import_mail", to=to)
        assert end.value.code == code

    @pytest.mark.parametrize("data", [b"", b"\0\xff" * 100, b"From: x\nTo: y\n\n"])
    def test_garbage_is_no_crash(self, address: WayIn, data: bytes) -> None:
        with pytest.raises(Invalid):
            ways.mail_take(data, today=TODAY, at=NOW, sender="ads@agency.test")

    def test_an_empty_file_is_held(self, address: WayIn) -> None:
        delivery = ways.mail_take(message(address, good=b""), today=TODAY, at=NOW)
        assert [file.is_in for file in delivery.files] == [False]


class TestFetch:
    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What was fetched; the answer is the good file."""
        urls: list[str] = []

        def answer(url: str, **_: Any) -> Fetched:
            urls.append(url)
            if "fails" in url:
                raise FetchFailed("public.test gave no answer.")
            status = 403 if "denied" in url else 200
            return Fetched(
                url, status, {"content-disposition": 'attachment; filename="x.csv"'}, GOOD
            )

        monkeypatch.setattr(fetching, "fetch", answer)
        monkeypatch.setattr(fetching, "refuse_address", lambda url: None)
        return urls

    def test_the_last_days_are_asked_for_and_the_address_is_sealed(
        self, cast: Cast, asked: list[str]
    ) -> None:
        way = make(cast, "url", url=SECRET, lookback_days=30)
        taken = ways.fetch_way(way, today=TODAY, at=NOW)
        assert taken.is_in
        assert asked == [
            "https://public.test/export.csv?from=2026-10-23&to=2026-11-21&token=secret"
        ]
        assert ImportRun.objects.get().file_name == "x.csv"
        assert way.shown_url == "https://public.test/export.csv"
        assert b"secret" not in bytes(way.sealed_url)
        assert "secret" not in str(list(Event.objects.values_list("after", flat=True)))
        page = browser(cast.manager).get(reverse("integrations:way", args=[way.pk]))
        assert "secret" not in page.content.decode()

    def test_each_slot_is_fetched_once(self, cast: Cast, asked: list[str]) -> None:
        make(cast, "url", url=SECRET, hour=6)
        tomorrow = NOW + timedelta(days=1)
        assert ways.fetches_due(now=NOW) == {"fetches": 0}  # today's slot was before it was made
        assert ways.fetches_due(now=tomorrow) == {"fetches": 1}
        assert ways.fetches_due(now=tomorrow) == {"fetches": 0}
        for item in OutboxItem.objects.filter(kind="fetch_url"):
            outbox.deliver(item.pk, now=tomorrow)
        assert len(asked) == 1
        assert Fact.objects.count() == 2

    @pytest.mark.parametrize("path", ["fails", "denied"])
    def test_what_fails_is_said(self, cast: Cast, asked: list[str], path: str) -> None:
        way = make(cast, "url", url=f"https://public.test/{path}.csv")
        assert not ways.fetch_way(way, today=TODAY, at=NOW).is_in
        way.refresh_from_db()
        assert way.last_failed
        assert "public.test" in way.last_word

    @pytest.mark.parametrize("days", [0, 61])
    def test_at_most_sixty_days_are_looked_back_on(
        self, cast: Cast, asked: list[str], days: int
    ) -> None:
        answer = browser(cast.manager).post(
            reverse("integrations:way-create", args=["url"]),
            {"name": "Daily", "team": cast.dach.pk, "responsible": cast.manager.pk, "every": "daily",
             "hour": 6, "url": SECRET, "lookback_days": days},
        )  # fmt: skip
        assert answer.status_code == 422
        assert not WayIn.objects.exists()

    def test_a_private_address_is_refused_when_it_is_entered(self, cast: Cast) -> None:
        for url in ("http://127.0.0.1/a.csv", "http://169.254.169.254/", "file:///etc/passwd"):
            with pytest.raises(fetching.FetchRefused):
                make(cast, "url", url=url)


class TestPages:
    def test_a_way_is_made_changed_closed_and_seen_by_its_team_alone(self, cast: Cast) -> None:
        client = browser(cast.manager)
        said = {"name": "Agency", "team": cast.dach.pk, "responsible": cast.manager.pk}
        client.post(
            reverse("integrations:way-create", args=["mail"]), {**said, "senders": "@agency.test"}
        )
        way = WayIn.objects.get()
        page = reverse("integrations:way", args=[way.pk])
        assert mail_address(way) in client.get(page).content.decode()
        assert browser(cast.other_manager).get(page).status_code == 404
        seen = browser(cast.auditor).get(page).content.decode()
        assert way.key not in seen  # who knows the address may try it
        edit = reverse("integrations:way-edit", args=[way.pk])
        assert client.post(edit, {**said, "senders": "nobody"}).status_code == 422
        client.post(edit, {**said, "name": "Agency two", "senders": "a@agency.test"})
        client.post(reverse("integrations:way-switch", args=[way.pk]), {"active": "0"})
        way.refresh_from_db()
        assert (way.name, way.senders, way.is_active) == ("Agency two", ["a@agency.test"], False)
        assert [*Event.objects.filter(action__startswith="way.").values_list("action", flat=True)]
        assert "Agency two" in client.get(reverse("integrations:ways")).content.decode()

    def test_somebody_must_be_able_to_answer_for_it(self, cast: Cast) -> None:
        given = WayInput(name="Daily", responsible=cast.auditor)
        with pytest.raises(Invalid, match="may not import"):
            ways.way_create(kind="folder", team=cast.dach, given=given, user=cast.manager, at=NOW)

    def test_the_api_does_the_same(self, cast: Cast) -> None:
        client = browser(cast.manager)
        said = {
            "kind": "folder",
            "team": cast.dach.pk,
            "name": "Drop",
            "responsible": cast.manager.pk,
        }
        made = client.post("/api/v1/ways-in/", said, content_type="application/json")
        assert made.status_code == 201, made.content
        way = WayIn.objects.get()
        ways.folder_look(way, at=NOW)
        drop(way, "export.csv")
        taken = client.post(f"/api/v1/ways-in/{way.pk}/take/").json()
        assert [item["is_in"] for item in taken] == [True]
        closed = client.post(
            f"/api/v1/ways-in/{way.pk}/switch/",
            {"is_active": False},
            content_type="application/json",
        )
        assert closed.json()["is_active"] is False
        assert browser(cast.other_manager).get(f"/api/v1/ways-in/{way.pk}/").status_code == 404
