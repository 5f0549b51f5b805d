"""Sizes: functions that fit in the head, files that fit in a sitting, tests to match.

`make check` prints the figures and the ten longest of each.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from tests.architecture.source import Source, nothing, sources

MEDIAN, NINETIETH, LONGEST = 8, 25, 60
FILE_LINES, TEST_FILE_LINES = 400, 500


@dataclass(frozen=True, order=True)
class Size:
    lines: int
    where: str


def function_sizes(files: Iterable[Source]) -> list[Size]:
    """Lines from `def` to the end, docstring included, of every function."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return sorted(
        Size(
            (node.end_lineno or node.lineno) - node.lineno + 1,
            f"{file.path}:{node.lineno} {node.name}",
        )
        for file in files
        for node in ast.walk(file.tree)
        if isinstance(node, kinds)
    )


def file_sizes(files: Iterable[Source]) -> list[Size]:
    return sorted(Size(file.line_count, file.path) for file in files)


def quantile(sizes: list[Size], share: float) -> int:
    return sizes[min(int(len(sizes) * share), len(sizes) - 1)].lines


def too_long(files: Iterable[Source]) -> list[Size]:
    return [
        size
        for size in file_sizes(files)
        if size.lines > (TEST_FILE_LINES if size.where.startswith("tests/") else FILE_LINES)
    ]


def print_longest(title: str, sizes: list[Size]) -> None:
    print(title)
    for size in reversed(sizes[-10:]):
        print(f"  {size.lines:5d}  {size.where}")


def product() -> list[Source]:
    return [file for file in sources() if file.is_product]


def test_functions_are_short() -> None:
    sizes = function_sizes(product())
    median, ninetieth, longest = quantile(sizes, 0.5), quantile(sizes, 0.9), sizes[-1].lines
    print(f"{len(sizes)} functions: median {median}, p90 {ninetieth}, longest {longest} lines")
    print_longest("longest functions", sizes)
    assert median <= MEDIAN
    assert ninetieth <= NINETIETH
    nothing(size for size in sizes if size.lines > LONGEST)


def test_files_are_short() -> None:
    print_longest("longest files", file_sizes(sources()))
    nothing(too_long(sources()))


# The house wants as many lines of tests as of code. It is not there yet: this share may
# only rise (see docs/decisions/0010-as-much-test-as-code.md).
SHARE_OF_TESTS = 0.36


def test_the_share_of_tests_only_rises() -> None:
    code = sum(file.line_count for file in product())
    tests = sum(file.line_count for file in sources() if file.path.startswith("tests/"))
    print(f"{tests} lines of tests, {code} lines of code: {tests / code:.2f}")
    assert tests >= SHARE_OF_TESTS * code


@pytest.mark.parametrize(("body", "lines"), [("    pass\n", 2), ("    pass\n" * 70, 71)])
def test_the_measure_counts_lines(body: str, lines: int) -> None:
    example = Source("app/services.py", f"def long():\n{body}")
    assert [size.lines for size in function_sizes([example])] == [lines]


def test_the_measure_sees_a_long_file() -> None:
    long = Source("app/models.py", "x = 1\n" * (FILE_LINES + 1))
    fits_as_test = Source("tests/app/test_x.py", "x = 1\n" * (FILE_LINES + 1))
    assert [size.where for size in too_long([long, fits_as_test])] == ["app/models.py"]
