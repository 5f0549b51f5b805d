"""What committed text must not name: registries, one machine's paths, secrets."""

import re

import pytest

from config.places import PROJECT_ROOT
from tests.architecture.source import nothing, project_files

# Put together, so that this file does not name what it looks for.
REGISTRIES = [
    "pypi" + r"\.org", "pythonhosted" + r"\.org", "npmjs" + r"\.(org|com)",
    "registry\\." + r"yarnpkg\.com", "deb" + r"\.debian\.org", "index-url" + r"[= ]+http",
]  # fmt: skip
MACHINE_PATHS = [
    "/ro" + "ot/",
    "/wo" + r"rk/(main|shared|\.library)",
    "/ho" + r"me/\w+/",
    "/Us" + r"ers/\w+/",
]
SECRETS = ["BEGIN (RSA |EC |OPENSSH )?PRIVATE" + " KEY", r"AKIA[0-9A-Z]{16}"]
FORBIDDEN = re.compile("|".join([*REGISTRIES, *MACHINE_PATHS, *SECRETS]))

TEXT = {
    "", ".cfg", ".css", ".csv", ".html", ".in", ".ini", ".js", ".json", ".md", ".mjs", ".py",
    ".sh", ".sql", ".toml", ".ts", ".txt", ".yaml", ".yml",
}  # fmt: skip


def forbidden(text: str) -> list[str]:
    return [found.group(0) for found in FORBIDDEN.finditer(text)]


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = {}
    for path in project_files():
        file = PROJECT_ROOT / path
        if file.suffix in TEXT and (names := forbidden(file.read_text("utf-8", "replace"))):
            found[path] = sorted(set(names))
    nothing(f"{path}: {names}" for path, names in found.items())


@pytest.mark.parametrize(
    "text",
    [
        "--extra-index-" + "url https://packages.example.com/simple",
        '"resolved": "https://registry.npm' + 'js.org/x/-/x-1.tgz"',
        "see /ro" + "ot/notes.txt",
        "C = '/ho" + "me/anna/data'",
        "-----BEGIN PRIVATE" + " KEY-----",
    ],
)
def test_the_check_finds_each_kind(text: str) -> None:
    assert forbidden(text)


def test_ordinary_text_passes() -> None:
    assert (
        forbidden("Open http://localhost:8000/ and read docs/home/index.md, var/log, /usr/lib")
        == []
    )
