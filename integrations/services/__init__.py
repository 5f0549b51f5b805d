"""How data gets in: upload, check, import, undo."""

from integrations.services.background import import_stop, is_large, run_import_later
from integrations.services.door import stored_file
from integrations.services.files import file_name, stored_path
from integrations.services.mappings import (
    mapping_for,
    mapping_forget,
    mapping_named,
    mapping_remember,
)
from integrations.services.override import overridable, run_override
from integrations.services.quarantine import (
    MOST_CELLS,
    Mending,
    quarantine_open,
    rows_dismiss,
    rows_mend,
)
from integrations.services.runs import (
    run_answer,
    run_check,
    run_discard,
    run_import,
    run_upload,
)
from integrations.services.sources import source_ensure
from integrations.services.undoing import run_undo

__all__ = [
    "MOST_CELLS",
    "Mending",
    "file_name",
    "import_stop",
    "is_large",
    "mapping_for",
    "mapping_forget",
    "mapping_named",
    "mapping_remember",
    "overridable",
    "quarantine_open",
    "rows_dismiss",
    "rows_mend",
    "run_answer",
    "run_check",
    "run_discard",
    "run_import",
    "run_import_later",
    "run_override",
    "run_undo",
    "run_upload",
    "source_ensure",
    "stored_file",
    "stored_path",
]
