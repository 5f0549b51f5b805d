"""Everything that changes campaigns and what they are made of."""

from campaigns.rules.designs import ArmDesign, MetricDesign
from campaigns.rules.reading_files import ReadingRow
from campaigns.services.bulk import campaigns_change
from campaigns.services.experiment_apply import (
    campaigns_of,
    live_share,
    shares_apply,
    winner_apply,
)
from campaigns.services.experiments import (
    Concluded,
    arm_spends_set,
    experiment_archive,
    experiment_conclude,
    experiment_create,
    experiment_edit,
    experiment_reopen,
    experiment_seal,
    experiment_start,
    experiment_step,
    experiment_stop,
    require_own,
)
from campaigns.services.handover import campaigns_hand_over, register_handovers
from campaigns.services.imports import IMPORTED, ImportedCampaign, imported_lines_ensure
from campaigns.services.initiatives import (
    INITIATIVE_FIELDS,
    initiative_campaigns,
    initiative_delete,
    initiative_save,
    milestone_remove,
    milestone_save,
)
from campaigns.services.lifecycle import campaign_move, register_follower, register_readiness, unmet
from campaigns.services.names import name_warnings, register_name_check
from campaigns.services.optimisations import (
    expectable_metrics,
    expected_currency,
    optimisation_log,
    optimisation_undo,
    register_metrics,
)
from campaigns.services.parts import (
    CREATIVE_FIELDS,
    LINE_FIELDS,
    NamedCreative,
    audience_create,
    creative_save,
    creatives_ensure,
    line_create,
    line_edit,
    line_move,
)
from campaigns.services.plans import EDITABLE, campaign_clone, campaign_create, campaign_edit
from campaigns.services.readings import Recorded, figures_record, readings_record

__all__ = [
    "CREATIVE_FIELDS",
    "EDITABLE",
    "IMPORTED",
    "INITIATIVE_FIELDS",
    "LINE_FIELDS",
    "ArmDesign",
    "Concluded",
    "ImportedCampaign",
    "MetricDesign",
    "NamedCreative",
    "ReadingRow",
    "Recorded",
    "arm_spends_set",
    "audience_create",
    "campaign_clone",
    "campaign_create",
    "campaign_edit",
    "campaign_move",
    "campaigns_change",
    "campaigns_hand_over",
    "campaigns_of",
    "creative_save",
    "creatives_ensure",
    "expectable_metrics",
    "expected_currency",
    "experiment_archive",
    "experiment_conclude",
    "experiment_create",
    "experiment_edit",
    "experiment_reopen",
    "experiment_seal",
    "experiment_start",
    "experiment_step",
    "experiment_stop",
    "figures_record",
    "imported_lines_ensure",
    "initiative_campaigns",
    "initiative_delete",
    "initiative_save",
    "line_create",
    "line_edit",
    "line_move",
    "live_share",
    "milestone_remove",
    "milestone_save",
    "name_warnings",
    "optimisation_log",
    "optimisation_undo",
    "readings_record",
    "register_follower",
    "register_handovers",
    "register_metrics",
    "register_name_check",
    "register_readiness",
    "require_own",
    "shares_apply",
    "unmet",
    "winner_apply",
]
