"""What a test says, for programs and for people."""

from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from analytics.commands.answers import plain
from analytics.commands.document import Field, read_document
from analytics.commands.experiment_file import Document, read_test
from analytics.experiments import (
    Kind,
    Moments,
    Test,
    analyse,
    factor_effects,
    holdout_lift,
    overlaps,
    p_text,
    thompson_shares,
    thompson_shares_of_means,
)
from analytics.experiments.results import Effect
from analytics.experiments.tails import LN10
from analytics.experiments.verdict import chance_text
from analytics.results import REASON_TEXT, Reason

Answer = dict[str, Any]


def answer(path: Path, *, seed: int) -> Answer:
    """Everything that can be said of the test in a document, ready for `json.dumps`."""
    document = read_test(read_document(path))
    if "bandit" in document.fields:
        return _bandit(document, seed)
    report = analyse(document.test, seed=seed)
    found = dict(plain(report))
    effects = found.pop("effects")
    found["metrics"] = {
        metric.name: {one["arm"]: one for one in effects if one["metric"] == metric.name}
        for metric in document.test.metrics
    }
    cleaned: Answer = _clean(found | _extras(document))
    return cleaned


def _extras(document: Document) -> Answer:
    """Answers to the questions that not every test asks."""
    fields, test = document.fields, document.test
    extras: Answer = {}
    if "registered" in fields:
        extras["plan_kept"] = fields["registered"].text() == test.plan.fingerprint
    if "factors" in fields:
        extras["factors"] = _factors(fields["factors"], test)
    if "holdout" in fields:
        extras["added"] = _added(fields["holdout"], test)
    if document.units and document.units.others:
        assignments = {test.name: document.units.arm, **document.units.others}
        extras["overlaps"] = plain(overlaps(assignments, threshold=test.srm_threshold))
    return extras


def _factors(field: Field, test: Test) -> dict[str, list[Answer]]:
    """Effects of the factors on every metric; the levels of control are the base."""
    arms = field.fields(test.arms, needed=test.arms)
    chosen = {arm: {name: at.text() for name, at in arms[arm].named().items()} for arm in test.arms}
    names = list(chosen[test.arms[0]])
    for arm, levels in chosen.items():
        if list(levels) != names or not names:
            raise arms[arm].wrong(f"a level of each of the same factors, {', '.join(names)}")
    factors = {
        name: list(dict.fromkeys(levels[name] for levels in chosen.values())) for name in names
    }
    answers = {}
    for metric in test.metrics:
        cells = {
            tuple(chosen[arm].values()): sample.moments(metric.kind)
            for arm, sample in zip(test.arms, metric.samples, strict=True)
        }
        try:
            effects = factor_effects(factors, cells, alpha=test.alpha, correction=test.correction)
        except ValueError as error:
            raise field.wrong(f"a full grid is needed: {error}") from None
        answers[metric.name] = [_effect(effect) for effect in effects]
    return answers


def _effect(effect: Effect) -> Answer:
    difference = effect.difference
    return {
        "effect": " x ".join(f"{factor} {level}" for factor, level in effect.levels),
        "estimate": difference.estimate,
        "interval": {"low": difference.low, "high": difference.high},
        "p": difference.p,
        "corrected_p": effect.p,
    }


def _added(field: Field, test: Test) -> Answer:
    """What every arm added over control on the primary metric."""
    fields = field.fields(("spend",))
    spend = fields["spend"].fields(test.arms[1:]) if "spend" in fields else {}
    metric = test.primary
    held_out = metric.samples[0].moments(metric.kind)
    return {
        arm: plain(
            holdout_lift(
                held_out,
                sample.moments(metric.kind),
                spend=spend[arm].number("an amount above zero", lambda number: number > 0)
                if arm in spend
                else None,
                alpha=test.alpha,
            )
        )
        for arm, sample in zip(test.arms[1:], metric.samples[1:], strict=True)
    }


def _bandit(document: Document, seed: int) -> Answer:
    """The next shares. Where shares followed results, neither the split nor a test holds."""
    fields = document.fields["bandit"].fields(("floor",))
    test, metric = document.test, document.test.primary
    most = 1 / len(test.arms)
    floor = (
        fields["floor"].number(f"a share from 0 to {most:.3g}", lambda share: 0 <= share <= most)
        if "floor" in fields
        else 0.0
    )
    arms = [sample.moments(metric.kind) for sample in metric.samples]
    n, mean, variance = (
        np.array([float(getattr(arm, name)) for arm in arms]) for name in ("n", "mean", "variance")
    )
    sign = 1.0 if metric.better == "higher" else -1.0
    if metric.kind is Kind.PROPORTION:
        wins = mean * n if sign > 0 else n - mean * n
        shares = thompson_shares(wins, n, seed=seed, floor=floor)
    else:
        moments = Moments(n, sign * mean, variance)
        shares = thompson_shares_of_means(moments, seed=seed, floor=floor)
    return {
        "name": test.name,
        "shares": dict(zip(test.arms, shares.tolist(), strict=True)),
        "reason": str(Reason.SHARES_FOLLOWED),
    }


def _clean(value: Any) -> Any:
    """Numbers that JSON cannot hold become null."""
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def lines(said: Answer) -> list[str]:
    """The answer for people, the verdict first."""
    if "shares" in said:
        shares = ", ".join(f"{arm} {share:.1%}" for arm, share in said["shares"].items())
        return [f"Next shares: {shares}.", REASON_TEXT[Reason.SHARES_FOLLOWED]]
    split = said["split"]
    seen = " : ".join(f"{units:,.0f}" for units in split["observed"])
    return [
        said["verdict"]["sentence"],
        f"Units {seen}, against the planned split p {split['p']:.3g}.",
        *(_line(effect) for arms in said["metrics"].values() for effect in arms.values()),
        *_notes(said),
        f"Plan {said['fingerprint']}",
    ]


def _line(effect: Answer) -> str:
    relative = "" if effect["relative"] is None else f", {effect['relative']:+.2%}"
    interval, valid = effect["interval"], effect["always_valid"]
    reach = "" if interval is None else f" ({interval['low']:+.5g} to {interval['high']:+.5g})"
    always = "" if valid is None else f", always valid {valid['p']:.3g}"
    likely, loss = effect["probability_to_beat"], effect["expected_loss"]
    chance = (
        ""
        if likely is None or loss is None
        else f"; {chance_text(likely)} likely better, expected loss {loss:.3g}"
    )
    return (
        f"  {effect['metric']}, {effect['arm']}: {effect['value']:.5g} against "
        f"{effect['value_control']:.5g}: {effect['estimate']:+.5g}{reach}{relative}; "
        f"p {p_text(effect['log10_p'] * LN10)}{always}{chance}."
    )


def _notes(said: Answer) -> list[str]:
    effects = [effect for arms in said["metrics"].values() for effect in arms.values()]
    fragile = [
        f"  {one['metric']}, {one['arm']}: one unit with {one['sensitivity']['unit_value']:,.6g} "
        f"moves the difference from {one['sensitivity']['estimate_without']:+.4g} to "
        f"{one['sensitivity']['estimate']:+.4g}."
        for one in effects
        if one["sensitivity"] and one["sensitivity"]["fragile"]
    ]
    adjusted = [_adjusted(one) for one in effects if one["adjustment"]]
    leaning = [
        f"  Units lean on {one['second'] if one['first'] == said['name'] else one['first']}: arms "
        f"of both tests go together (p {one['p']:.2g}); the tests disturb each other."
        for one in said.get("overlaps", ())
        if one["leans"]
    ]
    kept = ["  The plan is not the registered one."] if said.get("plan_kept") is False else []
    return [*fragile, *adjusted, *leaning, *kept]


def _adjusted(one: Answer) -> str:
    change = one["adjustment"]
    if change["reason"]:
        return f"  {one['metric']}, {one['arm']}: not adjusted. {REASON_TEXT[change['reason']]}"
    return (
        f"  {one['metric']}, {one['arm']}: adjusted by the covariate, "
        f"{change['variance_reduction']:.1%} of the variance gone."
    )
