"""The tables beneath a verdict."""

from __future__ import annotations

from core.tables import Column, Table


class EffectTable(Table):
    """Every metric of every variant against control."""

    key = "effects"
    noun = "effects"
    columns = (
        Column("metric", "Metric", strong=True, priority=1, sub="role"),
        Column("arm", "Variant", priority=2),
        Column("control", "Control", sortable=False, nowrap=True, priority=3),
        Column("value", "Variant’s", sortable=False, nowrap=True, priority=3),
        Column("relative", "Change", kind="percent_signed", digits=1, priority=1),
        Column("range", "Range", sortable=False, nowrap=True, priority=2,
               help="Holds under the declared looks"),
        Column("once", "Range, read once", sortable=False, nowrap=True, priority=3,
               default_visible=False),
        Column("p", "p", sortable=False, nowrap=True, priority=3,
               help="Under the declared looks, corrected for variants and metrics"),
        Column("p_once", "p, read once", sortable=False, nowrap=True, priority=3,
               default_visible=False),
        Column("p_corrected", "p over all metrics", sortable=False, nowrap=True, priority=3,
               default_visible=False, help="Holm, read once"),
        Column("beats", "Beats control", sortable=False, nowrap=True, priority=3),
        Column("loss", "Expected loss", sortable=False, nowrap=True, priority=3,
               help="What using it costs where it is not better, in units of the metric"),
        Column("power", "Power so far", sortable=False, nowrap=True, priority=3,
               help="Chance to have found the effect worth finding by now"),
        Column("note", "Note", sortable=False, priority=3),
    )  # fmt: skip
    row_id = "id"
    empty_title = "No figures yet"


class FactorTable(Table):
    """What each factor does, and whether two change each other's effect."""

    key = "factors"
    noun = "effects"
    columns = (
        Column("effect", "Effect", strong=True, priority=1, sub="kind"),
        Column("estimate", "Change of the level", sortable=False, nowrap=True, priority=1),
        Column("range", "95 % range", sortable=False, nowrap=True, priority=2),
        Column("p", "p, corrected", sortable=False, nowrap=True, priority=2,
               help="Holm over all effects of the grid, read once"),
        Column("verdict", "Says", sortable=False, priority=2),
    )  # fmt: skip
    row_id = "effect"


class PolicyTable(Table):
    """What each rule of choosing would have brought."""

    key = "policy"
    noun = "rules"
    columns = (
        Column("name", "Rule", strong=True, priority=1, sub="note"),
        Column("value", "Would bring", sortable=False, nowrap=True, priority=1,
               help="Self-normalised inverse propensity"),
        Column("range", "95 % range", sortable=False, nowrap=True, priority=2),
        Column("plain", "Inverse propensity", sortable=False, nowrap=True, priority=3),
        Column("robust", "Doubly robust", sortable=False, nowrap=True, priority=3),
        Column("effective", "Choices that weigh", kind="number", priority=3),
    )  # fmt: skip
    row_id = "name"
    empty_title = "No choice is settled yet"
    empty_text = "Ask /decide for a unit and send its reward; a choice settles after a day."
