"""What is known of imports: reads only."""

from integrations.selectors.connections import (
    connections_for,
    connections_in_need,
    health,
    orders_for,
    orders_in_need,
    orders_of,
    syncs_for,
)
from integrations.selectors.dictionary import KINDS, Term, dictionary
from integrations.selectors.imports import (
    decidable,
    mappings_for,
    platform_files_of,
    runs_for,
    source_labels,
    sources_for,
    waiting_imports,
)
from integrations.selectors.levels import AccountDay, LevelDay, account_days, level_days
from integrations.selectors.naming import name_problem, pattern_of, rule_of, rules_for
from integrations.selectors.quality import (
    holds_of,
    issues_for,
    open_errors,
    scored_sources_for,
    scores_of,
    settings_of,
    waiting_issues,
)
from integrations.selectors.quarantine import (
    MendCell,
    cells_to_mend,
    depends_on,
    quarantine_for,
    quarantined_count,
)
from integrations.selectors.ways import LOCAL_PART, folder_of, mail_address, way_place, ways_for

__all__ = [
    "KINDS",
    "LOCAL_PART",
    "AccountDay",
    "LevelDay",
    "MendCell",
    "Term",
    "account_days",
    "cells_to_mend",
    "connections_for",
    "connections_in_need",
    "decidable",
    "depends_on",
    "dictionary",
    "folder_of",
    "health",
    "holds_of",
    "issues_for",
    "level_days",
    "mail_address",
    "mappings_for",
    "name_problem",
    "open_errors",
    "orders_for",
    "orders_in_need",
    "orders_of",
    "pattern_of",
    "platform_files_of",
    "quarantine_for",
    "quarantined_count",
    "rule_of",
    "rules_for",
    "runs_for",
    "scored_sources_for",
    "scores_of",
    "settings_of",
    "source_labels",
    "sources_for",
    "syncs_for",
    "waiting_imports",
    "waiting_issues",
    "way_place",
    "ways_for",
]
