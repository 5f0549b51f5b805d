"""The mapping files of the product, each read and checked once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from integrations.rules.connector.checking import check
from integrations.rules.connector.grammar import Connector, read

FOLDER = Path(__file__).parents[2] / "connectors"


@cache
def connectors() -> Mapping[str, Connector]:
    """All mapping files by their key."""
    paths = sorted(FOLDER.glob("*.toml"))
    found = [read_connector(path.read_text("utf-8"), path.name) for path in paths]
    return {connector.key: connector for connector in found}


def connector_named(name: str) -> Connector | None:
    """By its key, or by the name its reports carry (``facebook_ads`` for ``meta_ads``)."""
    found = connectors().values()
    return next((each for each in found if name in (each.key, each.reported_as)), None)


def read_connector(text: str, file: str) -> Connector:
    """A mapping file; raises ``MappingInvalid`` with the file, the place in it, and why."""
    connector = read(text, file)
    check(connector, file)
    return connector
