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
    RUN_MODELS = "train models and run analyses"
    OVERRIDE_FORECAST = "override a forecast"
    PROPOSE_MODEL = "ask for a model to be put in use"
    RUN_EXPERIMENT = "plan and run experiments"
    UPLOAD_IMPORT = "upload import file"
    SEND_EVENTS = "send events to a stream"
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


# How a refusal says an act: "Your role does not allow you to ...". The lines of the table that
# read well as they are stand there alone.
ACT_WORDS = {
    Act.VIEW_CAMPAIGNS: "see campaigns, plans and figures",
    Act.VIEW_MONEY: "see amounts of money",
    Act.DRAFT_REQUEST: "ask for changes of plans or budgets",
    Act.SUBMIT_REQUEST: "send a request for approval",
    Act.EDIT_SUBMITTED: "change a request that was sent",
    Act.WITHDRAW_REQUEST: "withdraw a request",
    Act.DECIDE_SMALL: "decide requests",
    Act.DECIDE_MEDIUM: "decide requests above the first threshold",
    Act.DECIDE_LARGE: "decide requests above the second threshold",
    Act.DECIDE_OWN: "decide what you took part in",
    Act.MOVE_BUDGET: "move money between lines of a plan",
    Act.INCREASE_BUDGET: "raise a total budget directly",
    Act.PAUSE_CAMPAIGN: "pause a campaign",
    Act.RESUME_CAMPAIGN: "resume a campaign",
    Act.DRAFT_RULE: "write automation rules",
    Act.ACTIVATE_RULE: "activate an automation rule or raise its limits",
    Act.KILL_SWITCH_ON: "stop all automated actions",
    Act.KILL_SWITCH_OFF: "let automated actions run again",
    Act.RUN_MODELS: "train models or run analyses",
    Act.OVERRIDE_FORECAST: "override a forecast",
    Act.PROPOSE_MODEL: "ask for a model to be put in use",
    Act.RUN_EXPERIMENT: "plan or run experiments",
    Act.UPLOAD_IMPORT: "upload a file",
    Act.SEND_EVENTS: "send events",
    Act.CONFIRM_PARTIAL: "confirm an import of part of a file",
    Act.OVERRIDE_TOTAL: "override a refused control total",
    Act.UNDO_IMPORT: "undo an import",
    Act.CHANGE_FX: "enter or change exchange rates",
    Act.CHANGE_POLICY: "change the approval policy",
    Act.DELEGATE: "delegate a right to decide",
    Act.INVITE_USER: "invite or deactivate people",
    Act.GIVE_ROLE: "give roles",
    Act.GIVE_HIGH_ROLE: "give the role of executive, auditor or administrator",
    Act.END_SESSIONS: "end other people’s sign-ins",
    Act.VIEW_AUDIT: "see the audit trail",
    Act.EXPORT_AUDIT: "export the audit trail",
    Act.EDIT_LEDGER: "change or delete rows of the trail or the ledger",
    Act.EXPORT: "export lists",
    Act.ASK: "ask questions of the data",
    Act.CREATE_TOKEN: "create API tokens",
    Act.REVOKE_TOKEN: "revoke API tokens",
    Act.EDIT_WEBHOOK: "set up webhooks",
    Act.SCHEDULE_REPORT: "schedule reports",
    Act.WRITE_CREDENTIALS: "write credentials of integrations",
    Act.IMPERSONATE: "act as somebody else",
    Act.RAW_ADMIN: "change rows directly",
}


def in_words(act: str) -> str:
    """An act as it stands after "does not allow you to"."""
    return ACT_WORDS.get(Act(act), act) if act in set(Act) else act


# Lists whose filters, order and columns can be kept under a name: the name of the
# address, and what people call it.
LISTS = {
    "accounts:people": "People",
    "approvals:inbox": "Approvals",
    "automation:alerts": "Alerts",
    "budgets:orders": "Orders",
    "budgets:rates": "Exchange rates",
    "budgets:vendors": "Vendors",
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
