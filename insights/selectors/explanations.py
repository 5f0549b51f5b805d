"""Explanations as they were kept, read back as they were worked out."""

from __future__ import annotations

from core.periods import Period
from insights.models import Explanation, Finding
from insights.rules.drivers import Node, Step, main_path, node_of
from insights.selectors.drivers import NOT_BOTH, ONE_ONLY, Why
from metrics.selectors import metric_for


def explanation_of(finding: Finding) -> Explanation | None:
    """What the finding quotes, by its number."""
    number = finding.evidence.get("explanation")
    return finding.explanations.filter(pk=number).first() if number else None


def why_kept(kept: Explanation) -> Why:
    """The stored explanation; never worked out anew."""
    tree = node_of(kept.tree)
    steps = {
        name: tuple(Step(**step) for step in kept.chain.get(name, ()))
        for name in ("whole", "inner")
    }
    metric = metric_for(kept.metric)
    return Why(
        metric=metric,
        before=Period("before", kept.before_first, kept.before_last),
        after=Period("after", kept.after_first, kept.after_last),
        currency=kept.currency,
        step=kept.step,
        tree=tree,
        chain=steps["whole"],
        path=main_path(tree),
        inner=steps["inner"],
        reason="" if tree.children else _reason(tree, metric.label),
        known_at=kept.known_at,
    )


def _reason(tree: Node, label: str) -> str:
    if tree.before is None or tree.after is None:
        return NOT_BOTH.format(what=label.lower())
    return ONE_ONLY
