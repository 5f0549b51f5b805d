"""Rows that could not be read: the queue, mending in place, dismissing, and what undoing touches."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.models import Event
from integrations.models import ImportRun, QuarantinedRow
from metrics.models import Fact
from tests.cast import Cast
from tests.integrations.files import workbook

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.4", "3.8")]

HEAD = "Day,Campaign,Campaign ID,Device,Impr.,Cost\n"
PARTLY = (
    HEAD
    + "2026-11-01,Winter,7,mobile,100,12.50\n"
    + "2026-11-01,Winter,7,desktop,100,n/a today\n"
    + "2026-13-02,Winter,7,mobile,100,7.25\n"
    + '2026-11-03,Winter,7,mobile,"1,100","1,000.50"\n'
)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def imported(
    client: Client, cast: Cast, content: str | bytes = PARTLY, name: str = "part.csv"
) -> ImportRun:
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile(name, data)
    client.post(
        reverse("integrations:imports"), {"file": file, "team": cast.dach.pk, "currency": "EUR"}
    )
    run = ImportRun.objects.latest("pk")
    client.post(reverse("integrations:run-import", args=[run.pk]))
    run.refresh_from_db()
    return run


def mend(client: Client, run: ImportRun, **cells: str) -> Any:
    """``row3_5="1.00"``: the sixth cell of row 3."""
    ids = dict(run.quarantine.values_list("row", "pk"))
    content = {}
    for place, value in cells.items():
        row, column = place.removeprefix("row").split("_")
        content[f"cell.{ids[int(row)]}.{column}"] = value
    return client.post(reverse("integrations:mend-rows", args=[run.pk]), content)


def spent() -> dict[str, int]:
    found: dict[str, int] = {}
    for fact in Fact.objects.all():
        found[str(fact.day)] = found.get(str(fact.day), 0) + (fact.spend or 0)
    return found


def test_the_queue_shows_the_rows_of_every_import_and_the_rail_counts_them(cast: Cast) -> None:
    client = browser(cast.manager)
    imported(client, cast)
    imported(
        client, cast, HEAD + "2026-11-09,Spring,8,mobile,1,1\n2026-11-09,Spring,8,mobile,1,x\n"
    )
    shown = client.get(reverse("integrations:quarantine")).content.decode()
    assert "3 rows wait in quarantine" in shown
    assert "n/a today" in shown
    only = client.get(reverse("integrations:quarantine"), {"code": "INVALID_DATE"}).content.decode()
    assert "2026-13-02" in only
    assert "n/a today" not in only
    other = browser(cast.other_manager).get(reverse("integrations:quarantine")).content.decode()
    assert "No row is in quarantine" in other


def test_a_mended_row_is_imported_as_a_following_batch(cast: Cast) -> None:
    client = browser(cast.manager)
    run = imported(client, cast)
    assert spent() == {"2026-11-01": 12_500_000, "2026-11-03": 1_000_500_000}
    shown = client.get(reverse("integrations:mend", args=[run.pk])).content.decode()
    assert "2 rows to mend" in shown
    mend(client, run, row3_5="3.00", row4_0="2026-11-02")
    assert spent() == {
        "2026-11-01": 15_500_000,
        "2026-11-02": 7_250_000,
        "2026-11-03": 1_000_500_000,
    }
    rows = list(run.quarantine.all())
    assert {row.resolution for row in rows} == {"mended"}
    assert {row.batch_id for row in rows} == {rows[0].batch_id}
    assert rows[0].batch_id
    assert run.batch_id
    assert rows[0].batch_id > run.batch_id
    assert rows[0].cells[5] == "n/a today"  # what the file said stays
    event = Event.objects.get(action="quarantine.mended")
    assert event.after
    assert event.after["rows"] == [3, 4]
    assert (
        "Every row of this file is decided"
        in client.get(reverse("integrations:mend", args=[run.pk])).content.decode()
    )


def test_the_same_rules_hold_for_what_is_written(cast: Cast) -> None:
    client = browser(cast.manager)
    run = imported(client, cast)
    mend(client, run, row3_5="still not", row4_0="2026-11-02")
    held = run.quarantine.get(row=3)
    assert (held.resolved_at, held.mended[5]) == (None, "still not")
    assert "still not" in held.message or held.value == "still not"
    assert spent()["2026-11-02"] == 7_250_000
    assert "still not" in client.get(reverse("integrations:mend", args=[run.pk])).content.decode()


def test_a_row_may_not_change_how_the_others_are_read(cast: Cast) -> None:
    client = browser(cast.manager)
    run = imported(client, cast)
    # The same day, campaign and device as a good row, with another cost: a contradiction.
    answer = mend(client, run, row4_0="2026-11-03")
    assert answer.status_code == 422
    assert "would change how other rows" in answer.content.decode()
    assert "2026-11-03" in answer.content.decode()
    assert run.quarantine.filter(resolved_at=None).count() == 2


def test_a_later_import_is_not_overwritten_by_an_old_row(cast: Cast) -> None:
    client = browser(cast.manager)
    run = imported(client, cast)
    imported(client, cast, HEAD + "2026-11-02,Winter,7,mobile,100,9.00\n", "later.csv")
    answer = mend(client, run, row4_0="2026-11-02")
    assert answer.status_code == 422
    assert "stated the same facts after this file" in answer.content.decode()
    assert spent()["2026-11-02"] == 9_000_000


def test_a_workbook_is_mended_too(cast: Cast) -> None:
    client = browser(cast.manager)
    rows: list[list[object]] = [
        ["Day", "Campaign", "Cost"],
        ["2026-11-01", "Winter", 1.5],
        ["2026-11-02", "Winter", "none"],
    ]
    run = imported(client, cast, workbook(rows), "book.xlsx")
    mend(client, run, row3_2="2.25")
    assert spent() == {"2026-11-01": 1_500_000, "2026-11-02": 2_250_000}


def test_a_cell_too_many_is_mended_by_moving_cells(cast: Cast) -> None:
    client = browser(cast.manager)
    text = "Day,Campaign,Cost\n2026-11-01,Winter,1.00\n2026-11-02,Winter,1,234.56\n"
    run = imported(client, cast, text)
    mend(client, run, row3_2="1234.56", row3_3="")
    assert spent()["2026-11-02"] == 1_234_560_000


def test_undoing_takes_the_mended_rows_back_as_well(cast: Cast) -> None:
    client = browser(cast.manager)
    run = imported(client, cast)
    mend(client, run, row3_5="3.00")
    browser(cast.director).post(
        reverse("integrations:run-undo", args=[run.pk]), {"reason": "Wrong account"}
    )
    assert spent() == {}
    run.refresh_from_db()
    assert run.state == "undone"
    assert not QuarantinedRow.objects.waiting().exists()


def test_rows_are_dismissed_with_a_reason_and_in_bulk(cast: Cast) -> None:
    client = browser(cast.manager)
    run = imported(client, cast)
    address = reverse("integrations:quarantine-dismiss")
    ids = list(run.quarantine.values_list("pk", flat=True))
    assert client.post(address, {"ids": ids}).status_code == 422
    browser(cast.other_manager).post(address, {"ids": ids, "reason": "Not mine"})
    assert run.quarantine.filter(resolved_at=None).count() == 2
    client.post(address, {"all": "1", "filters": "?code=INVALID_DATE", "reason": "A test row"})
    assert [row.row for row in run.quarantine.filter(resolution="dismissed")] == [4]
    client.post(address, {"ids": ids[:1], "reason": "Not paid"})
    assert run.quarantine.get(row=3).reason == "Not paid"
    assert Event.objects.filter(action="quarantine.dismissed").count() == 2
    assert mend(client, run, row3_5="1").status_code == 422


def test_whoever_may_only_look_changes_nothing(cast: Cast) -> None:
    run = imported(browser(cast.manager), cast)
    client = browser(cast.auditor)
    assert client.get(reverse("integrations:mend", args=[run.pk])).status_code == 200
    assert mend(client, run, row3_5="3.00").status_code == 403
    assert run.quarantine.filter(resolved_at=None).count() == 2


def test_before_an_undo_what_stands_on_the_import_is_shown(cast: Cast) -> None:
    client = browser(cast.manager)
    run = imported(client, cast)
    path, director = reverse("integrations:run-undo", args=[run.pk]), browser(cast.director)
    assert "Nothing stands on this import yet" in director.get(path).content.decode()
    imported(client, cast, HEAD + "2026-11-01,Winter,7,mobile,100,9.00\n", "later.csv")
    shown = director.get(path).content.decode()
    assert "A later import of the same campaigns and days" in shown
    assert "later.csv" in shown
    run.refresh_from_db()
    assert run.state == "imported"
