"""`experiment`: what a controlled test says, in one sentence and in every number behind it."""

import sys
from argparse import SUPPRESS, Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from typing import Any

FILE = "a JSON document; its fields are listed below"
HELP = "what a controlled test says: effect, intervals, chances, soundness, verdict, days left"
EXAMPLE = "python -m analytics experiment test.json --json"
DOCUMENT = """{
  "name": "Checkout button",
  "hypothesis": "A green button brings more orders",
  "arms": ["control", "green"],
  "split": {"control": 1, "green": 1},
  "looks": {"reading": "until_end", "end": 40000},
  "alpha": 0.05,
  "power": 0.8,
  "correction": "holm",
  "srm_threshold": 0.01,
  "daily_units": 1500,
  "metrics": [
    {"name": "order rate", "kind": "proportion", "role": "primary", "minimum_effect": 0.1,
     "arms": {"control": {"n": 15000, "events": 1500},
              "green":   {"n": 15080, "events": 1731}}},
    {"name": "revenue per visitor", "kind": "mean", "role": "secondary",
     "arms": {"control": {"n": 15000, "sum": 75120.5, "squares": 4215500.25},
              "green":   {"n": 15080, "sum": 84975.1, "squares": 4780212.5}}},
    {"name": "refunds", "kind": "count", "role": "guardrail", "better": "lower",
     "arms": {"control": {"n": 15000, "events": 61},
              "green":   {"n": 15080, "events": 66}}}
  ]
}"""
FIELDS = """Fields of the document; `--example` prints a whole one.
  name, arms       its name; the names of its arms, control first
  hypothesis       what was expected
  split            planned weight of each arm by name; equal without it
  units            units assigned to each arm, where not those of the primary metric
  looks            1 when it is read once, at its end; or
                   {"reading": "until_end", "end": N}: read as often as one likes until N units
                   {"reading": "planned", "end": N, "planned": K, "spending": "obrien_fleming" or
                    "pocock"}: K looks, the last one at N units
                   {"reading": "any_time", "tuning": 5000}: no end (also without this field)
  alpha, power     .05 and .8; srm_threshold .01; correction holm, bonferroni, fdr_bh, fdr_by,
                   hommel, sidak or none
  daily_units      units that join a day, for the days left
  metrics          a list, one of them with role primary, others secondary or guardrail:
    name, role, better (higher or lower), minimum_effect (relative: .05 is five percent)
    kind           proportion, mean, ratio or count
    arms           for each arm its totals
      proportion, count   n, events
      mean                n, mean, variance, or n, sum, squares; with a covariate measured before
                          the test also second_sum, second_squares, products
      ratio               n, sum, squares of the numerator, second_sum, second_squares of the
                          denominator, products
      or values [...] of every unit, with covariate [...] or, for a ratio, denominator [...]
    column         or the column of the data, with a covariate or denominator column
  data             {"file": CSV with a row per unit, "arm": COLUMN, "unit": COLUMN, where units
                   must come once, "ignore": [arms to leave out]}
  also_in          columns of data that hold the unit's arm in other tests: do they lean on it
  factors          {ARM: {FACTOR: LEVEL}}: main effects and interactions of a full grid
  holdout          {"spend": {ARM: amount}}: control was held out; what the arms added, at what cost
  bandit           {"floor": .05}: shares followed results; the next shares in place of a verdict
  registered       fingerprint of the plan, printed when it was registered: was it kept"""


class _Example(Action):
    def __call__(self, parser: ArgumentParser, *_: Any) -> None:
        sys.stdout.write(f"{DOCUMENT}\n")
        parser.exit()


def add(parser: ArgumentParser) -> None:
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = f"{parser.epilog}\n\n{FIELDS}"
    parser.add_argument(
        "--example", action=_Example, nargs=0, default=SUPPRESS, help="print a whole document"
    )


def run(options: Namespace) -> tuple[Any, list[str]]:
    """Return the answer for JSON, and the same in lines for people."""
    # The engine needs SciPy; commands that do not are not to wait for it.
    from analytics.commands.experiment_answer import answer, lines  # noqa: PLC0415

    said = answer(options.file, seed=options.seed)
    return said, lines(said)
