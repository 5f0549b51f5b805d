"""How data gets in and changes get out: sources, mappings, runs and what they could not read, files."""

from integrations.models.bulk import BulkFile
from integrations.models.connections import (
    Connection,
    ConnectionQuerySet,
    PlatformOrder,
    PlatformOrderQuerySet,
    SyncPage,
    SyncPart,
    SyncRun,
)
from integrations.models.levels import LevelTotal
from integrations.models.naming import NamingRule, NamingRuleQuerySet
from integrations.models.quality import (
    Hold,
    MonitorSetting,
    QualityIssue,
    QualityIssueQuerySet,
    QualityScore,
)
from integrations.models.runs import (
    ImportRun,
    ImportRunQuerySet,
    QuarantinedRow,
    QuarantinedRowQuerySet,
)
from integrations.models.sources import Mapping, Source
from integrations.models.stream import (
    EVENT_SUMS,
    EventStream,
    EventStreamQuerySet,
    StreamDelivery,
    StreamEvent,
    StreamFlush,
    StreamRun,
    StreamSubject,
    StreamTotal,
)
from integrations.models.ways import WayIn, WayInQuerySet

__all__ = [
    "EVENT_SUMS",
    "BulkFile",
    "Connection",
    "ConnectionQuerySet",
    "EventStream",
    "EventStreamQuerySet",
    "Hold",
    "ImportRun",
    "ImportRunQuerySet",
    "LevelTotal",
    "Mapping",
    "MonitorSetting",
    "NamingRule",
    "NamingRuleQuerySet",
    "PlatformOrder",
    "PlatformOrderQuerySet",
    "QualityIssue",
    "QualityIssueQuerySet",
    "QualityScore",
    "QuarantinedRow",
    "QuarantinedRowQuerySet",
    "Source",
    "StreamDelivery",
    "StreamEvent",
    "StreamFlush",
    "StreamRun",
    "StreamSubject",
    "StreamTotal",
    "SyncPage",
    "SyncPart",
    "SyncRun",
    "WayIn",
    "WayInQuerySet",
]
