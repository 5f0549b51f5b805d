"""`python -m analytics COMMAND FILE ...`: the functions of this package on any CSV."""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from types import ModuleType

from analytics.commands import (
    anomalies,
    attribute,
    experiment,
    forecast,
    move,
    pace,
    response,
    score,
    trend,
)
from analytics.commands.table import BadTable

COMMANDS: dict[str, ModuleType] = {
    "trend": trend,
    "pace": pace,
    "move": move,
    "attribute": attribute,
    "experiment": experiment,
    "anomalies": anomalies,
    "score": score,
    "response": response,
    "forecast": forecast,
}
DESCRIPTION = """Questions about marketing numbers in a file, answered without a database.

Every answer has a range and the number of observations behind it, or says why the data do not
allow one. Leave out days whose conversions are still coming in."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0, or 2 when the file cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        answer, lines = COMMANDS[options.command].run(options)
    except BadTable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    text = json.dumps(answer, indent=2) if options.json else "\n".join(lines)
    sys.stdout.write(f"{text}\n")
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m analytics",
        description=DESCRIPTION,
        formatter_class=RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        command = commands.add_parser(
            name, help=module.HELP, description=module.HELP, epilog=f"Example: {module.EXAMPLE}"
        )
        command.add_argument("file", type=Path, metavar="FILE", help=module.FILE)
        module.add(command)
        command.add_argument("--seed", type=int, default=1, help="of the random draws")
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
