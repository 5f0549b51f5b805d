"""Two people import at one moment: the same new file, or two levels of the same campaigns."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from campaigns.models import Campaign
from integrations import services
from integrations.models import ImportRun, LevelTotal, Mapping, Source
from metrics.models import Fact
from tests.cast import Cast
from tests.integrations.test_levels import ADS, CAMPAIGNS, spend
from tests.world import AT, TODAY

pytestmark = [pytest.mark.feature("3.4"), pytest.mark.django_db(transaction=True)]
ROW = "2026-11-01,Winter,EUR,1000,20,50.00\n"
OTHER = "2026-11-02,Winter,EUR,1000,20,50.00\n"


def checked(cast: Cast, folder: Path, name: str, text: str) -> ImportRun:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    run = services.run_upload(
        team=cast.dach, file=file, name=name, actor=cast.manager.as_actor(), at=AT,
        user=cast.manager,
    )  # fmt: skip
    services.run_check(run, today=TODAY)
    return run


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    """Start everything at one moment, each with a connection of its own; what went wrong."""
    start, wrong = threading.Barrier(len(acts)), []

    def one(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            start.wait(10)
            act()
        except BaseException as error:  # noqa: BLE001 -- the test looks at all of them
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


def importing(cast: Cast, run: ImportRun) -> Callable[[], object]:
    return lambda: services.run_import(
        run, actor=cast.manager.as_actor(), user=cast.manager, at=AT, today=TODAY
    )


@pytest.mark.parametrize("times", range(3))
def test_the_same_new_file_twice_is_one_import_and_one_that_changes_nothing(
    cast: Cast, tmp_path: Path, times: int
) -> None:
    del times
    runs = [checked(cast, tmp_path, "a.csv", CAMPAIGNS + ROW + OTHER) for _ in range(4)]
    assert at_once(*(importing(cast, run) for run in runs)) == []
    states = sorted(ImportRun.objects.values_list("state", flat=True))
    assert states == ["imported", "unchanged", "unchanged", "unchanged"]
    assert (Fact.objects.count(), Campaign.objects.count(), Source.objects.count()) == (2, 1, 1)
    assert Mapping.objects.filter(is_current=True).count() == 1
    assert spend() == 100_000_000


def test_campaigns_and_ads_at_once_are_never_added(cast: Cast, tmp_path: Path) -> None:
    services.run_import(
        checked(cast, tmp_path, "first.csv", CAMPAIGNS + OTHER),
        actor=cast.manager.as_actor(), at=AT, today=TODAY,
    )  # fmt: skip
    whole = checked(cast, tmp_path, "whole.csv", CAMPAIGNS + ROW)
    ads = checked(cast, tmp_path, "ads.csv", ADS + "2026-11-01,Winter,A,EUR,900,18,45.00\n")
    assert at_once(importing(cast, whole), importing(cast, ads)) == []
    assert spend() in (95_000_000, 100_000_000)
    assert LevelTotal.objects.count() == 1


def test_one_upload_imported_by_two_clicks_is_imported_once(cast: Cast, tmp_path: Path) -> None:
    run = checked(cast, tmp_path, "a.csv", CAMPAIGNS + ROW)
    (refused,) = at_once(importing(cast, run), importing(cast, run))
    assert "imported already" in str(refused)
    assert spend() == 50_000_000
