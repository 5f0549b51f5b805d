"""Roles and the acts that the permission matrix is about."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    EXECUTIVE = "executive", "Executive"
    DIRECTOR = "director", "Marketing director"
    MANAGER = "manager", "Campaign manager"
    ANALYST = "analyst", "Analyst"
    ADMIN = "admin", "Administrator"
    AUDITOR = "auditor", "Finance and audit"


# The columns of permission_matrix.csv.
ROLE_COLUMNS = {
    "EX": Role.EXECUTIVE,
    "MD": Role.DIRECTOR,
    "CM": Role.MANAGER,
    "AN": Role.ANALYST,
    "AD": Role.ADMIN,
    "AU": Role.AUDITOR,
}

# Separation of duties: with the key, nobody may hold one of the values.
EXCLUDED_BESIDE = {
    Role.ADMIN: frozenset({Role.EXECUTIVE, Role.DIRECTOR, Role.MANAGER, Role.AUDITOR}),
    Role.AUDITOR: frozenset(set(Role) - {Role.AUDITOR}),
}

# Roles that one person proposes and a second one confirms.
TWO_PERSON_ROLES = frozenset({Role.EXECUTIVE, Role.AUDITOR, Role.ADMIN})


class Act(StrEnum):
    """What a person may be allowed to do; each value is a line of permission_matrix.csv."""

    VIEW_CAMPAIGNS = "view campaigns, plans, KPIs"
    VIEW_MONEY = "view money amounts (budget, cost, FX)"
    DRAFT_REQUEST = "create/edit plan or budget request (draft)"
    SUBMIT_REQUEST = "submit request for approval"
    EDIT_SUBMITTED = "edit a submitted request"
    WITHDRAW_REQUEST = "withdraw own request"
    DECIDE_SMALL = "approve/reject, amount <= T1"
    DECIDE_MEDIUM = "approve/reject, T1 < amount <= T2"
    DECIDE_LARGE = "approve/reject, amount > T2"
    DECIDE_OWN = "approve own / co-edited / own-delegated request"
    MOVE_BUDGET = "move budget between lines of an approved plan <= T1"
    INCREASE_BUDGET = "increase total budget directly"
    PAUSE_CAMPAIGN = "pause campaign by hand"
    RESUME_CAMPAIGN = "resume campaign"
    DRAFT_RULE = "draft/edit automation rule"
    ACTIVATE_RULE = "activate automation rule or raise its limits"
    KILL_SWITCH_ON = "kill switch ON (stop all automated actions)"
    KILL_SWITCH_OFF = "kill switch OFF"
    REVERSE_ACTION = "reverse an automated action"
    UPLOAD_IMPORT = "upload import file"
    CONFIRM_PARTIAL = "confirm PARTIAL import"
    OVERRIDE_TOTAL = "override control-total / row-count refusal"
    UNDO_IMPORT = "undo an import (open period)"
    CLOSE_PERIOD = "close a period"
    REOPEN_PERIOD = "reopen a period"
    CHANGE_FX = "enter/change FX rate"
    CHANGE_POLICY = "change thresholds or approval policy"
    DELEGATE = "delegate own approval right"
    INVITE_USER = "invite/deactivate user"
    GIVE_ROLE = "give CM/AN/MD role"
    GIVE_HIGH_ROLE = "give EX/AU/AD role"
    EDIT_ROLE = "edit what a role may do"
    END_SESSIONS = "terminate another user's sessions"
    VIEW_AUDIT = "view audit trail"
    EXPORT_AUDIT = "export audit trail and anchors"
    EDIT_LEDGER = "edit/delete audit or ledger rows"
    EXPORT = "export CSV/XLSX/PDF"
    ASK = "natural-language query"
    CREATE_TOKEN = "create API token"  # noqa: S105
    REVOKE_TOKEN = "revoke any API token"  # noqa: S105
    EDIT_WEBHOOK = "create/edit webhook"
    SCHEDULE_REPORT = "schedule a report to recipients"
    WRITE_CREDENTIALS = "write integration credentials"
    IMPERSONATE = "impersonate"
    RAW_ADMIN = "raw Django admin on ledger/audit/approval tables"


# Lists whose filters, order and columns can be kept under a name: the name of the
# address, and what people call it.
LISTS = {
    "accounts:people": "People",
    "approvals:inbox": "Approvals",
    "automation:alerts": "Alerts",
    "budgets:rates": "Exchange rates",
    "insights:recommendations": "Recommendations",
    "integrations:imports": "Imports",
    "metrics:goals": "Goals",
    "reporting:audit": "Audit trail",
    "reporting:campaigns": "Campaigns",
    "reporting:initiatives": "Initiatives",
    "reporting:reports": "Reports",
}

# What an API view names when being signed in is enough.
SIGNED_IN = "signed in"
