"""Files kept with orders: by content, not by name; given out only as downloads, to who may see."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from budgets.models import Attachment
from budgets.rules.files import clean_name, kind_of
from budgets.services import attachments as services
from core.models import Event
from tests.budgets.orders import PDF, attach, draft, sent
from tests.budgets.world import World
from tests.cast import Cast

FEATURE = pytest.mark.feature("2.1")


@FEATURE
def test_a_contract_is_kept_and_given_out_as_a_download(
    world: World, cast: Cast, client: Client
) -> None:
    order = draft(cast.manager, world)
    client.force_login(cast.manager)
    upload = SimpleUploadedFile("../../Contract <b>.pdf", PDF, content_type="text/html")
    assert client.post(f"/budgets/orders/{order.pk}/files/", {"file": upload}).status_code == 302
    kept = Attachment.objects.get()
    assert kept.name == "Contract <b>.pdf"
    assert "Contract" not in kept.file.name
    assert PurePosixPath(kept.file.name).suffix == ".pdf"
    answer = client.get(f"/budgets/files/{kept.pk}/")
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "Contract &lt;b&gt;.pdf" in client.get(order.get_absolute_url()).content.decode()
    assert Event.objects.filter(action="attachment.added").count() == 1


@FEATURE
def test_files_are_seen_by_who_sees_the_order(world: World, cast: Cast, client: Client) -> None:
    kept = attach(draft(cast.manager, world), cast.manager)
    for user, status in ((cast.other_director, 404), (cast.admin, 403), (cast.auditor, 200)):
        client.force_login(user)
        for url in (f"/budgets/files/{kept.pk}/", f"/api/v1/files/{kept.pk}/"):
            answer = client.get(url)
            assert answer.status_code == status
            # Closing the answer itself would end the test's database connection too.
            for close_file in answer._resource_closers:  # type: ignore[attr-defined]
                close_file()


@FEATURE
def test_a_file_can_be_taken_away_only_from_a_draft(
    world: World, cast: Cast, client: Client, django_capture_on_commit_callbacks: object
) -> None:
    order = draft(cast.manager, world)
    first = attach(order, cast.manager)
    client.force_login(cast.manager)
    path, storage = first.file.name, first.file.storage
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post(f"/budgets/files/{first.pk}/delete/")
    assert not Attachment.objects.exists()
    assert not storage.exists(path)
    evidence = attach(sent(cast.manager, world), cast.manager)
    refused = client.delete(f"/api/v1/files/{evidence.pk}/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_draft")


@FEATURE
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("offer.pdf", b"MZ\x90\x00 a program"),
        ("offer.pdf", b"<html><script>alert(1)</script>"),
        ("offer.svg", b"<?xml version='1.0'?><svg/>"),
        ("offer.txt", b"#!/bin/sh\nrm"),
        ("offer.docx", b"PK\x03\x04 no office document"),
        ("offer.xlsx", b"PK\x03\x04[Content_Types].xml xl/vbaProject.bin"),
        ("empty.pdf", b""),
    ],
)
def test_what_is_no_document_is_not_kept_whatever_it_is_called(
    world: World, cast: Cast, client: Client, name: str, content: bytes
) -> None:
    order = draft(cast.manager, world)
    client.force_login(cast.manager)
    upload = SimpleUploadedFile(name, content)
    answer = client.post(f"/api/v1/orders/{order.pk}/files/", {"file": upload})
    assert answer.status_code in {400, 422}
    assert not Attachment.objects.exists()


@FEATURE
def test_a_file_beyond_20_mb_or_kept_already_is_refused(
    world: World, cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = draft(cast.manager, world)
    attach(order, cast.manager)
    client.force_login(cast.manager)
    url = f"/api/v1/orders/{order.pk}/files/"
    twin = client.post(url, {"file": SimpleUploadedFile("again.pdf", PDF)})
    assert (twin.status_code, twin.json()["error"]["code"]) == (409, "same_file")
    monkeypatch.setattr(services, "MOST_BYTES", 10)
    large = client.post(url, {"file": SimpleUploadedFile("large.pdf", PDF + b"!")})
    assert (large.status_code, large.json()["error"]["code"]) == (422, "too_large")


def test_the_content_says_what_a_file_is() -> None:
    assert kind_of(b"\x89PNG\r\n\x1a\n...") == "png"
    assert kind_of(b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml") == "xlsx"
    assert kind_of(b"date;amount\n2026-11-01;4") == "txt"
    assert kind_of(b"\xff\xfe\x00binary") is None
    assert clean_name("a/b\\évil\x00.exe", "pdf") == "évil.pdf"
    assert clean_name("rows.csv", "txt") == "rows.csv"
    assert clean_name("...", "png") == "file.png"
