"""What the upload page may be told about a file is what the command line may be told."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from integrations.choices import WayKind
from integrations.forms import WayForm
from integrations.forms.files import FileSettings
from integrations.models import ImportRun, WayIn
from tests.cast import Cast
from tests.integrations.test_pages import GOOD, browser, latest, page, upload

pytestmark = pytest.mark.feature("3.1")


def _send(cast: Cast, file: Path, **more: str) -> ImportRun:
    sent = SimpleUploadedFile(file.name, file.read_bytes())
    content = {"file": sent, "team": cast.dach.pk, **more}
    browser(cast.manager).post(reverse("integrations:imports"), content)
    return latest()


def test_a_report_of_another_time_zone_is_refused_when_the_page_is_told_the_accounts(
    cast: Cast, shared_data: Path
) -> None:
    file = shared_data / "bad_inputs" / "public" / "m05_time_zone_differs.csv"
    assert _send(cast, file).verdict == "ACCEPT"
    told = _send(cast, file, account_tz="America/Los_Angeles")
    assert told.verdict == "REFUSE"
    assert told.settings == {"account_tz": "America/Los_Angeles"}
    assert "America/Los_Angeles" in page(browser(cast.manager), told)


def test_how_dates_and_decimals_are_written_can_be_said_before_the_first_look(cast: Cast) -> None:
    text = 'Date,Campaign,Cost\n03/04/2026,Winter,"1,250"\n'
    client = browser(cast.manager)
    upload(client, cast, text, currency="EUR", date_order="dmy", decimal="comma")
    run = latest()
    assert str(run.first_day) == "2026-04-03"
    assert run.totals == {"EUR": "1.25"}
    upload(client, cast, text, currency="EUR", locale="en-US")
    run = latest()
    assert str(run.first_day) == "2026-03-04"
    assert run.totals == {"EUR": "1250.00"}


def test_a_wrong_setting_is_named_at_its_field_and_the_fields_stand_open(cast: Cast) -> None:
    answer = upload(browser(cast.manager), cast, GOOD, account_tz="Europe/Atlantis")
    assert answer.status_code == 422
    assert 'class="more more-plain" open' in answer.content.decode()


def test_every_setting_has_a_field_with_plain_words() -> None:
    assert set(FileSettings.base_fields) == {
        "currency", "account", "account_tz", "locale", "date_order", "decimal", "year", "sheet",
    }  # fmt: skip
    labels = [str(field.label or name) for name, field in FileSettings.base_fields.items()]
    assert not [label for label in labels if "_" in label]


@pytest.mark.django_db
def test_a_way_keeps_what_its_form_does_not_show(cast: Cast) -> None:
    way = WayIn(
        kind="folder", name="Daily", team=cast.dach, responsible=cast.manager,
        settings={"revenue": "Conv. value", "currency": "EUR"},
    )  # fmt: skip
    content = {"name": "Daily", "responsible": cast.manager.pk, "account_tz": "Europe/Berlin"}
    form = WayForm(cast.manager, WayKind.FOLDER, way, content)
    assert form.is_valid(), form.errors
    assert form.given().settings == {"revenue": "Conv. value", "account_tz": "Europe/Berlin"}
