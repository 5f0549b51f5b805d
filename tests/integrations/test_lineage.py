"""From a fact back to the rows of the stored file that it was added up from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import CampaignLine
from core import events
from integrations import services
from integrations.models import ImportRun
from integrations.services.files import stored_path
from metrics.selectors.origins import Place, batch_origins, file_rows
from metrics.services import batch_undo
from tests.cast import Cast
from tests.world import AT, TODAY

pytestmark = pytest.mark.django_db
FILE = """Campaign,Day,Currency code,Keyword,Impr.,Clicks,Cost
Winter,2026-11-01,EUR,coat,100,5,10.25
Winter,2026-11-01,EUR,parka,50,2,4.75
Winter,2026-11-02,EUR,coat,100,6,11.00
Summer,2026-11-01,EUR,tent,10,1,1.00
"""


@pytest.fixture
def run(cast: Cast, tmp_path: Path) -> ImportRun:
    file = tmp_path / "export.csv"
    file.write_text(FILE, encoding="utf-8")
    made = services.run_upload(
        team=cast.dach, file=file, name=file.name, actor=cast.analyst.as_actor(), at=AT,
        user=cast.analyst,
    )  # fmt: skip
    services.run_check(made, today=TODAY)
    services.run_import(made, actor=cast.analyst.as_actor(), user=cast.analyst, at=AT, today=TODAY)
    return made


def place(run: ImportRun, name: str = "Winter") -> Place:
    assert run.batch
    line = CampaignLine.objects.select_related("campaign").get(name=name)
    return Place(run.batch, line, date(2026, 11, 1))


def test_the_rows_of_a_line_and_day_with_their_numbers(run: ImportRun, cast: Cast) -> None:
    found = file_rows(cast.analyst, place(run))
    assert found.file_name == "export.csv"
    assert [row.number for row in found.rows] == [2, 3]
    spend = list(found.heads).index("Spend")
    assert [row.cells[spend] for row in found.rows] == ["10.25", "4.75"]
    assert found.url == reverse("integrations:run", args=[run.pk])


def test_a_batch_leads_to_its_import_and_an_undo_to_what_it_undid(
    run: ImportRun, cast: Cast
) -> None:
    assert run.batch
    undo = batch_undo(batch=run.batch, actor=events.SYSTEM, at=AT)
    found = batch_origins(cast.analyst, [run.batch.pk, undo.pk])
    assert found[run.batch.pk].words == f"Import {run.pk}: export.csv"
    assert found[undo.pk].words == f"Undo of import {run.pk}: export.csv"
    assert batch_origins(cast.uk_manager, [run.batch.pk]) == {}


def test_why_rows_cannot_be_shown(run: ImportRun, cast: Cast) -> None:
    assert "your role does not see" in file_rows(cast.admin, place(run)).reason
    assert "may see" in file_rows(cast.uk_manager, place(run)).reason
    CampaignLine.objects.filter(name="Summer").update(name="Renamed")
    line = CampaignLine.objects.select_related("campaign").get(name="Renamed")
    line.campaign.name = "Another"
    assert run.batch
    moved = file_rows(cast.analyst, Place(run.batch, line, date(2026, 11, 1)))
    assert "renamed or moved" in moved.reason
    stored_path(run.stored_as).unlink()
    assert "no longer kept" in file_rows(cast.analyst, place(run)).reason


def test_the_page_ends_at_the_row_of_the_file(run: ImportRun, cast: Cast, client: Client) -> None:
    client.force_login(cast.analyst)
    where = place(run)
    asked: dict[str, str | int] = {
        "metrics": "spend", "period": "2026-11", "line": where.line.pk,
    }  # fmt: skip
    behind = client.get(reverse("metrics:lineage"), asked).content.decode()
    url = reverse("metrics:lineage-rows", args=[where.batch.pk, where.line.pk, "2026-11-01"])
    assert url in behind
    assert f"Import {run.pk}: export.csv" in behind
    rows = client.get(url).content.decode()
    assert "10.25" in rows
    assert "4.75" in rows
    twin = client.get(url.replace("/goals/", "/api/v1/")).json()
    assert [row["row"] for row in twin["rows"]] == [2, 3]
    client.force_login(cast.uk_manager)
    assert client.get(url).status_code == 404
