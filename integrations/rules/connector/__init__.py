"""Connector rows: a platform's own tables, or its API's answers, turned into reports and facts.

What a platform's tables mean stands in `integrations/connectors/<platform>.toml`; nothing here
knows a platform. Pure functions: no Django, no database, no clock.
"""

from integrations.rules.connector.folders import folder_to_tables
from integrations.rules.connector.grammar import DELIVERY, LEVELS, Connector
from integrations.rules.connector.loading import (
    connector_named,
    connectors,
    read_connector,
)
from integrations.rules.connector.pages import pages_to_tables, read_json
from integrations.rules.connector.problems import MappingInvalid, RowsRefused
from integrations.rules.connector.reading import parts_of, reading_of
from integrations.rules.connector.rows import report, tables_to_rows
from integrations.rules.connector.writing import rows_to_csv, to_csv

__all__ = [
    "DELIVERY",
    "LEVELS",
    "Connector",
    "MappingInvalid",
    "RowsRefused",
    "connector_named",
    "connectors",
    "folder_to_tables",
    "pages_to_tables",
    "parts_of",
    "read_connector",
    "read_json",
    "reading_of",
    "report",
    "rows_to_csv",
    "tables_to_rows",
    "to_csv",
]
