"""Example objects of imports: a file of DACH, and a change that is ready for a platform."""

from pathlib import Path
from tempfile import TemporaryDirectory

from campaigns.choices import Platform
from integrations import services
from integrations.models import (
    BulkFile,
    Hold,
    Mapping,
    PlatformOrder,
    QualityIssue,
    Source,
    SyncRun,
    WayIn,
)
from tests.budgets.world import create_world
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.integrations.connected import connect
from tests.integrations.streams import make_stream
from tests.world import AT, make_line


@example(
    "integrations:run", "integrations:run-check", "integrations:run-import",
    "integrations:mend", "integrations:mend-rows", "api-import-mend", "api-import-dismiss",
    "api-import-dependents", "integrations:run-progress", "integrations:run-stop", "api-import-stop",
    "integrations:run-undo", "integrations:run-override", "integrations:run-discard", "integrations:run-file",
    "api-import", "api-import-answer", "api-import-confirm", "api-import-undo", "api-import-override",
    "api-import-discard", "api-import-quarantine", "api-import-file",
)  # fmt: skip
def run(cast: Cast) -> Keywords:
    with TemporaryDirectory() as folder:
        file = Path(folder, "export.csv")
        file.write_text("Date,Campaign,Cost\n2026-11-01,Winter,12.50\n", encoding="utf-8")
        made = services.run_upload(
            team=cast.dach, file=file, name=file.name, actor=cast.manager.as_actor(), at=AT,
            user=cast.manager,
        )  # fmt: skip
    return {"pk": made.pk}


@example("integrations:bulk-file", "api-platform-file")
def bulk_file(cast: Cast) -> Keywords:
    made = BulkFile.objects.create(
        request_id=1, team=cast.dach, platform=Platform.values[0], name="changes.csv",
        content="Campaign,Budget\n", rows=0, made_at=AT,
    )  # fmt: skip
    return {"pk": made.pk}


@example("api-mapping")
def mapping(cast: Cast) -> Keywords:
    made = Mapping.objects.create(
        team=cast.dach, name="Weekly sheet", header_hash="0" * 64, created_at=AT
    )
    return {"pk": made.pk}


@example("integrations:budget-sheet-file", seen_by_all=True)
def plan_sheet(cast: Cast) -> Keywords:
    return {"year": create_world(cast).year.year}


@example("api-stream", "api-stream-events")
def stream(cast: Cast) -> Keywords:
    return {"pk": make_stream(cast).pk}


@example(
    "integrations:connection", "integrations:connection-edit", "integrations:credentials",
    "integrations:connection-test", "integrations:connection-pause", "integrations:connection-sync",
    "integrations:order-ask", "api-connection", "api-connection-credentials", "api-connection-test",
    "api-connection-pause", "api-connection-syncs",
)  # fmt: skip
def connection(cast: Cast) -> Keywords:
    return {"pk": connect(cast, credentials=False).pk}


@example(
    "integrations:sync", "integrations:sync-stop", "integrations:sync-go-on", "api-sync",
    "api-sync-stop", "api-sync-go-on",
)  # fmt: skip
def sync_run(cast: Cast) -> Keywords:
    made = SyncRun.objects.create(
        connection=connect(cast, credentials=False), kind="manual", state="failed", parts=1,
        first_day=AT.date(), last_day=AT.date(), asked_at=AT,
    )  # fmt: skip
    return {"pk": made.pk}


@example(
    "integrations:order", "integrations:order-retry", "integrations:order-settle",
    "api-platform-order", "api-platform-order-retry", "api-platform-order-settle",
)  # fmt: skip
def platform_order(cast: Cast) -> Keywords:
    made = PlatformOrder.objects.create(
        key="example", connection=connect(cast, credentials=False), line=make_line(cast),
        kind="pause", target="9", wanted="paused", state="needs_person", asked_by_name="Jonas Weber",
        asked_at=AT,
    )  # fmt: skip
    return {"pk": made.pk}


@example("integrations:connect", seen_by_all=True)
def platform_key(cast: Cast) -> Keywords:
    return {"platform": "google_ads"}


def _quality_source(cast: Cast) -> Source:
    return Source.objects.get_or_create(
        key="quality-example",
        defaults={
            "name": "Google Ads, DACH", "platform": Platform.GOOGLE_ADS, "team": cast.dach,
            "currency": "EUR",
        },
    )[0]  # fmt: skip


def _quality_issue(cast: Cast) -> QualityIssue:
    return QualityIssue.objects.create(
        source=_quality_source(cast), monitor="clicks", severity="error",
        cause=f"example:{QualityIssue.objects.count()}", title="More clicks than impressions",
        detail="Two columns may be exchanged.", first_seen_at=AT, last_seen_at=AT,
    )  # fmt: skip


@example(
    "integrations:quality-issue", "integrations:quality-accept", "integrations:quality-exclude",
    "integrations:quality-refetch", "integrations:quality-remap", "api-quality-issue",
)  # fmt: skip
def quality_issue(cast: Cast) -> Keywords:
    return {"pk": _quality_issue(cast).pk}


@example("integrations:quality-release", "api-quality-release")
def quality_hold(cast: Cast) -> Keywords:
    made = Hold.objects.create(source=_quality_source(cast), keys=[], reason="Doubt", held_at=AT)
    return {"pk": made.pk}


@example(
    "integrations:quality-source", "integrations:quality-look", "integrations:quality-monitor",
    "integrations:quality-levels", "api-quality-source", "api-quality-levels",
)  # fmt: skip
def quality_source(cast: Cast) -> Keywords:
    return {"pk": _quality_source(cast).pk}


@example("integrations:sample-file", "api-sample-file", seen_by_all=True)
def sample_layout(cast: Cast) -> Keywords:
    return {"layout": "google_ads"}


@example("integrations:way-create", seen_by_all=True)
def kind_of_way(cast: Cast) -> Keywords:
    return {"kind": "folder"}


@example(
    "integrations:way", "integrations:way-edit", "integrations:way-switch", "integrations:way-take",
    "api-way", "api-way-switch", "api-way-take",
)  # fmt: skip
def way(cast: Cast) -> Keywords:
    made = WayIn.objects.create(
        kind="folder", name="Daily export", key="dach-daily", team=cast.dach,
        responsible=cast.manager, made_at=AT,
    )  # fmt: skip
    return {"pk": made.pk}
