"""Example objects of imports: a file of DACH, and a change that is ready for a platform."""

from pathlib import Path
from tempfile import TemporaryDirectory

from campaigns.choices import Platform
from integrations import services
from integrations.models import BulkFile, Mapping
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.world import AT


@example(
    "integrations:run", "integrations:run-check", "integrations:run-import",
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
