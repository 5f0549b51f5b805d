"""No float where money is: amounts are whole micros of a named currency."""

import ast
import re
from collections.abc import Iterable, Iterator

from tests.architecture.source import Source, dotted, nothing, sources

# Where amounts are computed, moved or kept. Statistics, drawings and the machinery that
# times a process need floats; they receive amounts as ratios or text, never keep them.
MONEY_APPS = {"accounts", "approvals", "budgets", "campaigns", "core", "integrations", "metrics"}
# Inside those apps: coordinates of drawings and marks, where an amount has arrived.
DRAWN = ("core/charts.py", "core/templatetags/")
# And the places of those apps that hand amounts to statistics, which answer with a standing.
STATISTICS = (
    "metrics/rules/progress.py",
    "integrations/rules/monitors/level.py",
    "integrations/services/quality/checking.py",
    # Readings of experiments: counts, sums of squares and chances. What an arm cost is in micros.
    "campaigns/models/experiments.py",
    "campaigns/forms/experiments.py",
    "campaigns/selectors/experiments.py",
    "campaigns/api/experiment_shapes.py",
    "campaigns/rules/reading_files.py",
    "campaigns/rules/sample_size.py",
    "campaigns/services/readings.py",
)
NAMES_OF_MONEY = re.compile(
    r"micros|amount|money|budget|spend|revenue|cost|price|balance|debit|credit"
)
FLOAT_FIELDS = {"FloatField"}


def floats(file: Source) -> Iterator[str]:
    """Where `file` turns something into a float, divides micros truly, or keeps a float."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in {
            "float",
            *FLOAT_FIELDS,
        }:
            yield f"{file.path}:{node.lineno} {dotted(node.func)}("
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _money(node.left):
            yield f"{file.path}:{node.lineno} {ast.unparse(node)}"
        elif isinstance(node, ast.AnnAssign) and _kept_as_float(node):
            yield f"{file.path}:{node.lineno} {ast.unparse(node.target)}: float"


def _money(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and "micros" in ast.unparse(node)


def _kept_as_float(node: ast.AnnAssign) -> bool:
    named = NAMES_OF_MONEY.search(ast.unparse(node.target))
    return dotted(node.annotation) == "float" and bool(named)


def in_money_path(files: Iterable[Source]) -> list[Source]:
    return [
        file
        for file in files
        if file.path.split("/")[0] in MONEY_APPS and not file.path.startswith(DRAWN + STATISTICS)
    ]


def test_no_float_in_a_money_path() -> None:
    watched = in_money_path(sources())
    assert watched
    nothing(found for file in watched for found in floats(file))


def test_the_check_finds_each_kind() -> None:
    bad = Source(
        "budgets/rules.py",
        "share = float(amount)\nhalf = line.spend_micros / 2\ncost: float = 0\n"
        "rate = models.FloatField()\n",
    )
    good = Source("budgets/rules.py", "half = spend_micros // 2\nseconds: float = 0.5\n")
    assert len(list(floats(bad))) == 4
    assert list(floats(good)) == []
    assert in_money_path([bad, Source("analytics/trend.py", "")]) == [bad]
