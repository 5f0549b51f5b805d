"""What approvals itself lets people ask for; one module per topic, registered in ``ApprovalsConfig.ready``."""

from approvals.approval_actions.choice import Choice
from approvals.approval_actions.policy import PolicyChange

__all__ = ["Choice", "PolicyChange"]
