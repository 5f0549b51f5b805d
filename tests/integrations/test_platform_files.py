"""An approved budget move as a file for the platforms' editors."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from pyarrow import parquet
from python_calamine import CalamineWorkbook

from approvals import services as approvals
from core import outbox
from core.models import OutboxItem
from integrations.models import BulkFile
from tests.budgets.world import AT, World, create_world, decide, move
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)


def carried_out(world: World, cast: Cast) -> str:
    """The address of a move that was approved, done, and handed to the worker."""
    request = decide(move(world, cast.manager), cast.director)
    approvals.request_execute(request=request, at=AT)
    for item in OutboxItem.objects.filter(kind="bulk_file"):
        outbox.deliver(item.pk, now=AT)
    return reverse("approvals:request", args=[request.pk])


def page_of(user: object, path: str) -> str:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client.get(path).content.decode()


@pytest.mark.feature("3.8")
def test_the_request_leads_to_the_file_and_to_the_log(world: World, cast: Cast) -> None:
    text = page_of(cast.manager, carried_out(world, cast))
    file = BulkFile.objects.get()
    assert "What came of it" in text
    assert reverse("integrations:bulk-file", args=[file.pk]) in text
    assert text.count("Logged as a change of") == 2
    assert reverse("reporting:campaign", args=[world.winter_display.campaign_id]) in text


def test_nothing_came_of_a_request_that_waits(world: World, cast: Cast) -> None:
    request = move(world, cast.manager)
    text = page_of(cast.manager, reverse("approvals:request", args=[request.pk]))
    assert "What came of it" not in text


def test_the_file_holds_the_new_daily_budget_of_every_line(world: World, cast: Cast) -> None:
    carried_out(world, cast)
    file = BulkFile.objects.get()
    rows = list(csv.DictReader(io.StringIO(file.content)))
    assert {row["Campaign"] for row in rows} == {
        world.winter_display.name,
        world.winter_shopping.name,
    }
    assert len(rows) == file.rows == 2


def test_made_once_however_often_the_worker_runs(world: World, cast: Cast) -> None:
    carried_out(world, cast)
    item = OutboxItem.objects.get(kind="bulk_file")
    OutboxItem.objects.update(state=OutboxItem.State.PENDING)
    outbox.deliver(item.pk, now=AT)
    assert BulkFile.objects.count() == 1


@pytest.mark.feature("3.8")
def test_the_same_file_as_a_workbook_as_json_and_as_parquet(world: World, cast: Cast) -> None:
    carried_out(world, cast)
    file = BulkFile.objects.get()
    rows = list(csv.DictReader(io.StringIO(file.content)))
    path, client = reverse("integrations:bulk-file", args=[file.pk]), Client()
    client.force_login(cast.manager)
    assert client.get(path, {"format": "json"}).json() == rows
    book = client.get(path, {"format": "xlsx"})
    assert book.headers["Content-Disposition"].endswith('.xlsx"')
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0)
    assert sheet.to_python()[1] == list(rows[0].values())
    columns = client.get(path, {"format": "parquet"}).content
    assert parquet.read_table(io.BytesIO(columns)).to_pylist() == rows
    assert client.get(path, {"format": "exe"}).status_code == 404
