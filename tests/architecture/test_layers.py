"""Who may import whom, beyond what `.importlinter` can say."""

import configparser
from collections.abc import Iterable, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

from config.places import PROJECT_ROOT
from tests.architecture.source import local_apps, nothing, project_files

# What an app shows to the others. `core` and `analytics` are floors, not rooms: each
# of their modules is a topic that everybody may use.
SHOWN = {"services", "selectors", "choices", "permissions", "models"}
FLOORS = {"core", "analytics"}
# `config` mounts the rooms, so it may name their doors.
MOUNTED_BY_CONFIG = {"urls", "tasks", "api", "apps"}
FILES = {
    "apps", "urls", "admin", "views", "api", "tasks", "management", "approval_actions", "forms",
    "services", "selectors", "permissions", "models", "rules", "choices", "migrations",
    "templatetags",
}  # fmt: skip
TOPICAL = {"core", "analytics", "demo", "config"}

Edge = tuple[str, str]


@cache
def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(PROJECT_ROOT / ".importlinter")
    return parser


def names_in(text: str) -> set[str]:
    return set(text.replace("|", " ").replace("(", " ").replace(")", " ").split())


def packages() -> list[str]:
    return contracts()["importlinter"]["root_packages"].split()


@cache
def edges() -> tuple[Edge, ...]:
    """(importer, imported) for every import between our modules, those inside functions too."""
    graph = grimp.build_graph(*packages(), cache_dir=None)
    return tuple(
        (importer, imported)
        for importer in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
    )


def behind_the_counter(found: Iterable[Edge]) -> list[Edge]:
    """Imports of what an app does not show to others."""
    return [edge for edge in found if not _allowed(*edge)]


def _allowed(importer: str, imported: str) -> bool:
    room, _, rest = imported.partition(".")
    mine = importer.split(".", maxsplit=1)[0]
    if mine == room or room in FLOORS or not rest:
        return True
    door = rest.split(".")[0]
    return door in SHOWN or (mine == "config" and (room == "config" or door in MOUNTED_BY_CONFIG))


def cycle(found: Iterable[Edge]) -> list[str]:
    """One ring of modules that import each other, or nothing."""
    needs: dict[str, set[str]] = {}
    for importer, imported in found:
        needs.setdefault(importer, set()).add(imported)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        ring: list[str] = error.args[1]
        return ring
    return []


def strange_files(paths: Iterable[str], apps: Iterable[str]) -> list[str]:
    """Python files inside an app whose name is none of the house's."""
    rooms = set(apps) - TOPICAL
    found = []
    for path in paths:
        parts = path.removesuffix(".py").split("/")
        in_room = len(parts) > 1 and parts[0] in rooms and path.endswith(".py")
        if in_room and parts[1] not in FILES | {"__init__"}:
            found.append(path)
    return found


def missing_apps(
    config: Mapping[str, Mapping[str, str]], apps: Iterable[str]
) -> dict[str, set[str]]:
    """Per list of `.importlinter`, the local apps that are not in it."""
    lists = {
        "root_packages": names_in(config["importlinter"]["root_packages"]),
        "floors": names_in(config["importlinter:contract:floors"]["layers"]),
        "rooms": names_in(config["importlinter:contract:rooms"]["containers"]) | TOPICAL,
    }
    gaps = {name: set(apps) - listed for name, listed in lists.items()}
    return {name: gap for name, gap in gaps.items() if gap}


def test_every_local_app_is_under_contract() -> None:
    assert local_apps(), "no local app found in INSTALLED_APPS"
    assert missing_apps(contracts(), local_apps()) == {}


def test_rooms_use_only_what_others_show() -> None:
    nothing(behind_the_counter(edges()))


def test_no_ring_of_imports() -> None:
    assert cycle(edges()) == []


def test_apps_have_the_houses_files_only() -> None:
    nothing(strange_files(project_files(), local_apps()))


@pytest.mark.parametrize(
    ("importer", "imported", "bad"),
    [
        ("budgets.services", "campaigns.selectors", False),
        ("budgets.services", "campaigns.services.lines", False),
        ("budgets.services", "core.money", False),
        ("budgets.services", "budgets.rules", False),
        ("config.urls", "budgets.urls", False),
        ("budgets.services", "campaigns.rules", True),
        ("reporting.views", "campaigns.views", True),
        ("config.urls", "budgets.rules", True),
    ],
)
def test_the_counter_is_watched(importer: str, imported: str, *, bad: bool) -> None:
    assert bool(behind_the_counter([(importer, imported)])) is bad


def test_a_ring_is_found() -> None:
    assert cycle([("a", "b"), ("b", "c")]) == []
    assert set(cycle([("a", "b"), ("b", "c"), ("c", "a")])) == {"a", "b", "c"}


def test_a_strange_file_and_a_forgotten_app_are_found() -> None:
    paths = ["budgets/utils.py", "budgets/services/lines.py", "core/anything.py", "tools/up.py"]
    assert strange_files(paths, ["budgets", "core"]) == ["budgets/utils.py"]
    assert missing_apps(contracts(), ["budgets", "forgotten"]) == {
        "root_packages": {"forgotten"},
        "floors": {"forgotten"},
        "rooms": {"forgotten"},
    }
