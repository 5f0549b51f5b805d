"""The repository's files as the architecture tests see them."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from django.conf import settings

from config.places import PROJECT_ROOT

NOT_CODE = ("tests/", "bench/")


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the project root, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def line_count(self) -> int:
        return self.text.count("\n")

    @property
    def is_product(self) -> bool:
        """Part of the product, not of what measures it."""
        return not self.path.startswith(NOT_CODE)

    def calls(self) -> Iterator[tuple[int, str, int]]:
        """Line, dotted name and number of arguments of every call."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node.lineno, dotted(node.func), len(node.args) + len(node.keywords)


def dotted(node: ast.expr) -> str:
    """`a.b.c` as text; the part before an attribute of something else is left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


@cache
def project_files() -> tuple[str, ...]:
    """Paths of the files that are, or would be, committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    paths = sorted(set(listed.stdout.splitlines()))
    return tuple(path for path in paths if (PROJECT_ROOT / path).is_file())


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file but migrations."""
    paths = [path for path in project_files() if path.endswith(".py")]
    return tuple(
        Source(path, (PROJECT_ROOT / path).read_text(encoding="utf-8"))
        for path in paths
        if "/migrations/" not in path
    )


@cache
def local_apps() -> tuple[str, ...]:
    """Names of our own apps: the installed ones that lie in this repository."""
    return tuple(
        app.split(".")[0]
        for app in settings.INSTALLED_APPS
        if (PROJECT_ROOT / app.split(".")[0] / "__init__.py").exists()
    )


def nothing(found: Iterable[object]) -> None:
    """Fail with one line per finding."""
    lines = [str(one) for one in found]
    assert not lines, "\n".join(["found:", *lines])
