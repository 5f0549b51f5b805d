"""Every hostile or malformed file gets its recorded answer through the command and the page too,
and writes nothing it was not allowed to write."""

from __future__ import annotations

import csv
import json
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from core import clock
from integrations.models import ImportRun, QuarantinedRow
from metrics.models import Batch, Fact
from tests.cast import Cast
from tests.integrations.test_reading_bad_inputs import IDS

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.1", "3.4")]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
# Their answer depends on what was imported before: the family is tested in its order below.
FAMILY = ("r01", "r03", "r05")
ALONE = [id_ for id_ in IDS if id_ not in FAMILY]
Entry = dict[str, str]


@pytest.fixture(autouse=True)
def the_day_of_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture(scope="module")
def index(shared_data: Path) -> dict[str, Entry]:
    with (shared_data / "bad_inputs/index.csv").open(encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def command(shared_data: Path, entry: Entry, *more: str) -> dict[str, Any]:
    """The answer of ``import_file``, which may refuse."""
    out, hint = StringIO(), ["--set", entry["hint"]] if entry["hint"] else []
    said = ["--currency", "USD", "--today", "2026-11-22", "--team", "DACH", *hint]
    with suppress(SystemExit):
        file = shared_data / "bad_inputs" / entry["file"]
        call_command("import_file", str(file), "--json", *said, *more, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def facts() -> tuple[int, int]:
    return Fact.objects.count(), Batch.objects.count()


def spent() -> Decimal:
    return sum((Decimal(f.spend or 0) for f in Fact.objects.all()), Decimal(0)) / 1_000_000


def expected(entry: Entry, name: str) -> int | None:
    return int(entry[name]) if entry[name] else None


def agrees(entry: Entry, answer: dict[str, Any]) -> None:
    """The recorded outcome, counts, reasons, warnings and sum."""
    assert answer["outcome"] in entry["expected"].split("|"), answer["reasons"]
    found = {reason["code"] for reason in answer["reasons"]}
    if answer["outcome"] != "ACCEPT":
        assert found & set(entry["reject_or_refuse_reasons"].split("|"))
    for warning in filter(None, entry["expected_warnings"].split("|")):
        assert warning in {w["code"] for w in answer["warnings"]} | found
    if answer["outcome"] == "REFUSE" and not answer["totals"]:
        assert answer["accepted"] == 0
        return
    for name in ("data_rows", "accepted", "rejected", "skipped"):
        assert expected(entry, name) in (None, answer[name]), name
    if entry["accepted_cost_sum"]:
        assert [f"{c}:{total}" for c, total in answer["totals"].items()] == [
            entry["accepted_cost_sum"]
        ]


@pytest.mark.parametrize("id_", ALONE)
def test_the_command_answers_as_recorded_and_writes_all_or_nothing(
    cast: Cast, shared_data: Path, index: dict[str, Entry], id_: str
) -> None:
    entry = index[id_]
    answer = command(shared_data, entry)
    agrees(entry, answer)
    if answer["outcome"] == "PARTIAL":
        assert facts() == (0, 0)
        answer = command(shared_data, entry, "--confirm")
        assert (
            QuarantinedRow.objects.filter(run__batch=answer["batch"]).count()
            == (answer["rejected"])
        )
    if answer["outcome"] == "REFUSE":
        assert facts() == (0, 0)
        assert not Campaign.objects.exists()
        return
    assert facts()[1] == 1
    assert spent() == Decimal(entry["accepted_cost_sum"].partition(":")[2] or spent())


def browser(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.manager)
    return client


def uploaded(client: Client, cast: Cast, shared_data: Path, entry: Entry) -> ImportRun | None:
    """The checked upload; None when not even an upload came of it."""
    data = (shared_data / "bad_inputs" / entry["file"]).read_bytes()
    file = SimpleUploadedFile(Path(entry["file"]).name, data)
    content = {"file": file, "team": cast.dach.pk, "currency": "USD"}
    answer = client.post(reverse("integrations:imports"), content)
    if answer.status_code == 422:
        assert entry["id"] == "s07"  # the browser's form knows an empty file by itself
        return None
    run = ImportRun.objects.latest("pk")
    assert answer.headers["Location"] == reverse("integrations:run", args=[run.pk])
    if entry["hint"]:
        key, value = entry["hint"].split("=", 1)
        client.post(reverse("integrations:run-check", args=[run.pk]), {f"answer.{key}": value})
        run.refresh_from_db()
    return run


def answer_of(run: ImportRun) -> dict[str, Any]:
    return {
        "outcome": run.verdict,
        "reasons": run.check_result["reasons"],
        "warnings": run.warnings,
        "totals": run.totals,
        **{name: getattr(run, name) for name in ("data_rows", "accepted", "rejected", "skipped")},
    }


@pytest.mark.parametrize("id_", ALONE)
def test_the_page_answers_as_recorded_and_imports_what_it_said(
    cast: Cast, shared_data: Path, index: dict[str, Entry], id_: str
) -> None:
    entry, client = index[id_], browser(cast)
    run = uploaded(client, cast, shared_data, entry)
    if run is None:
        assert facts() == (0, 0)
        return
    agrees(entry, answer_of(run))
    path = reverse("integrations:run", args=[run.pk])
    shown = client.get(path)
    assert shown.status_code == 200
    assert "\ufffd" not in shown.content.decode()
    assert facts() == (0, 0)
    pressed = client.post(reverse("integrations:run-import", args=[run.pk]))
    if run.verdict == "REFUSE":
        assert pressed.status_code in (409, 422)
        assert facts() == (0, 0)
        return
    assert pressed.status_code == 302
    assert spent() == Decimal(entry["accepted_cost_sum"].partition(":")[2] or spent())
    assert client.get(path).status_code == 200


def test_the_reimport_family_in_its_order(
    cast: Cast, shared_data: Path, index: dict[str, Entry]
) -> None:
    first = command(shared_data, index["r01"])
    agrees(index["r01"], first)
    again = command(shared_data, index["r01"])
    assert (again["unchanged"], again["batch"]) == (True, None)
    assert (facts()[0], spent()) == (6, Decimal("1855.00"))
    stale = command(shared_data, index["r03"])
    agrees(index["r03"], stale)
    assert "Tue 3 Nov 2026" in stale["reasons"][0]["message"]
    assert (facts()[0], spent()) == (6, Decimal("1855.00"))
    other = command(shared_data, index["r05"])
    agrees(index["r05"], other)
    mine = Fact.objects.filter(batch_id=first["batch"])
    assert sum(f.spend or 0 for f in mine) == 1_855_000_000
    assert mine.count() == 6


def test_the_family_on_the_page_is_held_until_a_second_person_lets_it_pass(
    cast: Cast, shared_data: Path, index: dict[str, Entry]
) -> None:
    client = browser(cast)
    first = uploaded(client, cast, shared_data, index["r01"])
    assert first
    client.post(reverse("integrations:run-import", args=[first.pk]))
    stale = uploaded(client, cast, shared_data, index["r03"])
    assert stale
    agrees(index["r03"], answer_of(stale))
    assert client.post(reverse("integrations:run-import", args=[stale.pk])).status_code in (
        409,
        422,
    )
    assert spent() == Decimal("1855.00")
    director = Client()
    director.force_login(cast.director)
    director.post(reverse("integrations:run-override", args=[stale.pk]), {"reason": "Corrected."})
    client.post(reverse("integrations:run-import", args=[stale.pk]))
    assert spent() == Decimal("1605.01")


def test_follow_up_one_id_is_one_campaign(
    cast: Cast, shared_data: Path, index: dict[str, Entry]
) -> None:
    command(shared_data, index["h07"])
    assert Campaign.objects.count() == 1
    command(shared_data, index["f05"])
    assert Campaign.objects.count() == 3


def test_follow_up_the_day_is_november(
    cast: Cast, shared_data: Path, index: dict[str, Entry]
) -> None:
    command(shared_data, index["d01"])
    days = set(Fact.objects.values_list("day", flat=True))
    assert date(2026, 11, 5) in days
    assert date(2026, 5, 11) not in days


def test_follow_up_more_clicks_than_impressions_shows_on_the_campaign(
    cast: Cast, shared_data: Path, index: dict[str, Entry]
) -> None:
    command(shared_data, index["n13"])
    client = browser(cast)
    for campaign in Campaign.objects.all():
        path = reverse("reporting:campaign", args=[campaign.pk])
        assert client.get(path).status_code == 200


def test_follow_up_formulas_are_text_in_exports(
    cast: Cast, shared_data: Path, index: dict[str, Entry]
) -> None:
    command(shared_data, index["h01"])
    client = browser(cast)
    answer = client.get(reverse("reporting:campaigns"), {"export": "csv"})
    rows = list(csv.reader(StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert len(rows) > 9
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(("=", "@", "\t", "\r")), cell
        assert not cell.startswith(("+", "-")) or cell.lstrip("+-").replace(",", "")[:1].isdigit()


def test_follow_up_missing_cost_leaves_what_is_known(
    cast: Cast, shared_data: Path, index: dict[str, Entry]
) -> None:
    command(shared_data, index["r01"])
    agrees(index["s03"], command(shared_data, index["s03"]))
    agrees(index["s07"], command(shared_data, index["s07"]))
    assert (facts()[0], spent()) == (6, Decimal("1855.00"))


def test_follow_up_hostile_names_are_kept_tame(
    cast: Cast, shared_data: Path, index: dict[str, Entry]
) -> None:
    entry, client = index["h09"], browser(cast)
    data = (shared_data / "bad_inputs" / entry["file"]).read_bytes()
    for name in entry["upload_as"].split(" || "):
        given = name.replace("\\r\\n", "\r\n")
        file = SimpleUploadedFile("x.csv", data)
        vars(file)["_name"] = given  # the form's own name field would tame it before we do
        client.post(
            reverse("integrations:imports"), {"file": file, "team": cast.dach.pk, "currency": "USD"}
        )
        run = ImportRun.objects.latest("pk")
        assert not set(run.file_name) & set("/\\\r\n<>%")
        answer = client.get(reverse("integrations:run-file", args=[run.pk]))
        assert "\r" not in answer.headers["Content-Disposition"]
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert b"".join(answer) == data
