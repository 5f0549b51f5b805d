"""A full disk is said to be one, on pages and in the API, and leaves nothing behind."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from core.models import Event
from integrations.models import ImportRun
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.4")]
LARGEST = 200_000
SIZES = [400_000, 4_000_000]  # in memory, and by way of Django's own temporary file
FULL_DISK = "DO $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"
Sender = Callable[..., Any]


@contextmanager
def small_disk() -> Iterator[None]:
    """No file may grow beyond 200 kB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def client(cast: Cast) -> Client:
    made = Client(raise_request_exception=False)
    made.force_login(cast.manager)
    return made


@pytest.fixture
def send(client: Client, cast: Cast) -> Sender:
    def upload(size: int, url: str = "api-imports") -> Any:
        file = SimpleUploadedFile("export.csv", b"Day,Cost\n" + b"2026-11-01,1\n" * (size // 13))
        return client.post(reverse(url), {"file": file, "team": cast.dach.pk})

    return upload


@pytest.fixture
def closed_at_last(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Django leaves a temporary file it could not write to the collector, which warns of it."""
    made: list[TemporaryUploadedFile] = []

    def remembered(*arguments: Any) -> TemporaryUploadedFile:
        made.append(TemporaryUploadedFile(*arguments))
        return made[-1]

    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryUploadedFile", remembered)
    yield
    for file in made:
        opened: Any = file.file
        opened.file.close()


def kept(settings: Any) -> set[Path]:
    return {path for path in Path(settings.UPLOADS).rglob("*") if path.is_file()}


@pytest.mark.usefixtures("closed_at_last")
@pytest.mark.parametrize("size", SIZES)
def test_an_upload_that_finds_no_space_leaves_no_file_and_no_row(
    send: Sender, settings: Any, size: int
) -> None:
    files, events = kept(settings), Event.objects.count()
    with small_disk():
        error, page = send(size), send(size, "integrations:imports")
    assert (error.status_code, error.json()["error"]["code"]) == (507, "no_space")
    assert (page.status_code, b"no space left" in page.content) == (507, True)
    assert (kept(settings), ImportRun.objects.count()) == (files, 0)
    assert Event.objects.count() == events
    assert send(size).status_code == 201, "with space again it works"


def test_a_database_without_space_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_user: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(FULL_DISK)

    monkeypatch.setattr("campaigns.api.views.campaigns_with_parts", full)
    answer = client.get("/api/v1/campaigns/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "no_space")


def test_other_failures_of_the_system_say_nothing_of_space(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_user: Any) -> Any:
        raise PermissionError

    monkeypatch.setattr("campaigns.api.views.campaigns_with_parts", denied)
    assert client.get("/api/v1/campaigns/").status_code == 500
