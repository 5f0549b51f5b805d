"""Everything that changes campaigns and what they are made of."""

from campaigns.services.bulk import campaigns_change
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
    audience_create,
    creative_ensure,
    creative_save,
    line_create,
    line_edit,
    line_move,
)
from campaigns.services.plans import EDITABLE, campaign_clone, campaign_create, campaign_edit

__all__ = [
    "CREATIVE_FIELDS",
    "EDITABLE",
    "IMPORTED",
    "INITIATIVE_FIELDS",
    "LINE_FIELDS",
    "ImportedCampaign",
    "audience_create",
    "campaign_clone",
    "campaign_create",
    "campaign_edit",
    "campaign_move",
    "campaigns_change",
    "campaigns_hand_over",
    "creative_ensure",
    "creative_save",
    "expectable_metrics",
    "expected_currency",
    "imported_lines_ensure",
    "initiative_campaigns",
    "initiative_delete",
    "initiative_save",
    "line_create",
    "line_edit",
    "line_move",
    "milestone_remove",
    "milestone_save",
    "name_warnings",
    "optimisation_log",
    "optimisation_undo",
    "register_follower",
    "register_handovers",
    "register_metrics",
    "register_name_check",
    "register_readiness",
    "unmet",
]
