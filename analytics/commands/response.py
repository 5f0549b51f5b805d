"""`response`: what each channel's spend brought, and how to split a budget."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.commands.document import read_document
from analytics.commands.table import BadTable

if TYPE_CHECKING:
    from analytics.allocation import Optimum, PhasedPlan, Rules
    from analytics.response import Curves, Market, ResponseFit

FILE = "a CSV in UTF-8 with a row a week, oldest first, or .csv.gz"
HELP = "what each channel's spend brought, its curve, and how to split a budget"
EXAMPLE = (
    "python -m analytics response weeks.csv --target revenue --channels search,social,tv "
    "--controls promo --budget 100000 --bounds search=0.7..1.3 tv=0.7..1.3"
)


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--target", required=True, metavar="COLUMN", help="the result of a week")
    parser.add_argument(
        "--channels", required=True, metavar="A,B,C", help="columns of spend, also without _spend"
    )
    parser.add_argument("--controls", metavar="A,B", help="columns that move the result too")
    parser.add_argument("--week", metavar="COLUMN", help="column of the week's first day")
    parser.add_argument(
        "--not-money", action="store_true", help="the target is not in the currency of the spend"
    )
    parser.add_argument(
        "--experiment", **_many("CHANNEL=ROI,ERROR"), help="a measured return, its standard error"
    )
    parser.add_argument(
        "--current-weeks", type=int, metavar="N", help="today's spend: the mean of the last N weeks"
    )
    parser.add_argument("--budget", type=float, metavar="AMOUNT", help="to split, a week")
    parser.add_argument(
        "--bounds", **_many("CHANNEL=LOW..HIGH"), help="as multiples of today's spend"
    )
    parser.add_argument("--committed", **_many("CHANNEL=AMOUNT"), help="cannot be taken away")
    parser.add_argument("--max-shift", type=float, metavar="SHARE", help="of any channel's spend")
    parser.add_argument(
        "--attribution", type=Path, metavar="JSON", help="from `attribute --json`, for the badge"
    )
    parser.add_argument(
        "--phases", **_many("WEEKSxAMOUNT"), help="budgets a week of phases to come, in order"
    )


def _many(metavar: str) -> dict[str, Any]:
    return {"nargs": "+", "action": "extend", "default": [], "metavar": metavar}


def run(options: Namespace) -> tuple[Any, list[str]]:
    """Return the answer for JSON, and the same in lines for people."""
    # Loads scipy, which the quick commands need not wait for.
    from analytics.commands import response_answer, response_file  # noqa: PLC0415
    from analytics.response import Experiment, fit_response  # noqa: PLC0415

    market = response_file.read_market(options)
    measured = response_file.by_channel(
        "--experiment", options.experiment, market.names, response_file.mean_and_error
    )
    rules = _rules(options, market)
    fit = fit_response(
        market,
        seed=options.seed,
        experiments={name: Experiment(*pair) for name, pair in measured.items()},
        current=_today(options, market),
    )
    answer = response_answer.fit_answer(fit)
    best = _optimum(options, fit, rules)
    if best is not None:
        answer["optimum"] = response_answer.optimum_answer(best)
    plan = _phases(options, market, fit, rules)
    if plan is not None:
        answer["phases"] = response_answer.phases_answer(plan)
    return answer, response_answer.lines(fit, best, plan)


def _today(options: Namespace, market: "Market") -> dict[str, float] | None:
    weeks = options.current_weeks
    if weeks is None:
        return None
    if not 1 <= weeks <= len(market.result):
        raise BadTable(f"--current-weeks {weeks}: the file has {len(market.result)} weeks")
    return dict(zip(market.names, market.spend[-weeks:].mean(axis=0).tolist(), strict=True))


def _rules(options: Namespace, market: "Market") -> "Rules":
    """What the options ask of a split; those of channels without a curve are dropped."""
    from analytics.allocation import Rules  # noqa: PLC0415
    from analytics.commands.response_file import amount, by_channel, factors  # noqa: PLC0415

    if options.max_shift is not None and not 0 <= options.max_shift <= 1:
        raise BadTable(f"--max-shift {options.max_shift}: a share from 0 to 1 is needed")
    bounds = by_channel("--bounds", options.bounds, market.names, factors)
    floors = by_channel("--committed", options.committed, market.names, amount)
    left_out = market.refusals()
    return Rules(
        factors={name: pair for name, pair in bounds.items() if name not in left_out},
        committed={name: floor for name, floor in floors.items() if name not in left_out},
        max_shift=options.max_shift,
    )


def _optimum(options: Namespace, fit: "ResponseFit", rules: "Rules") -> "Optimum | None":
    from analytics.allocation import InfeasibleBounds, optimum  # noqa: PLC0415

    if options.budget is None or fit.curves is None:
        return None
    try:
        returns = _returns(options.attribution, fit.curves) if options.attribution else None
        return optimum(fit.curves, options.budget, rules, returns=returns)
    except InfeasibleBounds as error:
        raise BadTable(f"--budget {options.budget:.12g}: {error}") from error


def _returns(path: Path, curves: "Curves") -> dict[str, dict[str, float]]:
    """Returns by model and channel from what `attribute --json` printed."""
    from analytics.allocation import returns_of_credits  # noqa: PLC0415

    root = read_document(path).named()
    if "models" not in root:
        raise BadTable(f"{path}: has no 'models'; the output of `attribute --json` is needed")
    found = {}
    for model, channels in root["models"].named().items():
        cells = {
            name: channel.fields(("conversions", "value", "removal_effect"), ("value",))["value"]
            for name, channel in channels.named().items()
        }
        try:
            values = {name: field.number("a number") for name, field in cells.items()}
            found[model] = returns_of_credits(curves, values)
        except ValueError as error:
            raise BadTable(f"{path}, {channels.where}: {error}") from error
    return found


def _phases(
    options: Namespace, market: "Market", fit: "ResponseFit", rules: "Rules"
) -> "PhasedPlan | None":
    from analytics.allocation import InfeasibleBounds, PhaseBudget, phased_plan  # noqa: PLC0415

    if not options.phases or fit.curves is None:
        return None
    phases = [PhaseBudget(*_weeks_and_amount(text), rules) for text in options.phases]
    try:
        carried = fit.curves.carried(market.readable().spend)
        return phased_plan(fit.curves, phases, carried)
    except InfeasibleBounds as error:
        raise BadTable(f"--phases: {error}") from error


def _weeks_and_amount(text: str) -> tuple[int, float]:
    weeks, _, amount = text.partition("x")
    try:
        phase = int(weeks), float(amount)
    except ValueError:
        phase = 0, 0.0
    if phase[0] < 1:
        raise BadTable(f"--phases {text}: weeks and a budget a week like 4x100000 are needed")
    return phase
