"""Looking after data: what monitors find, what people do about it, how good a source is."""

from integrations.services.quality.acting import (
    issue_accept,
    issue_exclude,
    issue_refetch,
    issue_remap,
)
from integrations.services.quality.checking import quality_daily, source_check, source_look
from integrations.services.quality.naming import (
    Preview,
    naming_preview,
    naming_save,
    parts_renew,
)
from integrations.services.quality.setting import monitor_set

__all__ = [
    "Preview",
    "issue_accept",
    "issue_exclude",
    "issue_refetch",
    "issue_remap",
    "monitor_set",
    "naming_preview",
    "naming_save",
    "parts_renew",
    "quality_daily",
    "source_check",
    "source_look",
]
