"""What must always hold of requests: decided once, by others, on their content, and carried out once."""

from __future__ import annotations

from core.invariants import Check, register_check, rows_of

OWN_DECISION = """
    SELECT r.number, d.user_id FROM approvals_decision d
    JOIN approvals_step s ON s.id = d.step_id JOIN approvals_changerequest r ON r.id = s.request_id
    JOIN approvals_contributor c ON c.request_id = r.id AND c.user_id = d.user_id AND c.at <= d.at
    ORDER BY 1"""
TWICE = """
    SELECT r.number, d.user_id, s.revision FROM approvals_decision d
    JOIN approvals_step s ON s.id = d.step_id JOIN approvals_changerequest r ON r.id = s.request_id
    GROUP BY r.id, d.user_id, s.revision HAVING count(*) > 1 ORDER BY 1"""
NOT_CARRIED_OUT_ONCE = """
    SELECT r.number, r.state, count(e.id) FROM approvals_changerequest r
    LEFT JOIN approvals_execution e ON e.request_id = r.id
    GROUP BY r.id HAVING count(e.id) <> (r.state = 'executed')::int ORDER BY 1"""
OTHER_CONTENT = """
    SELECT r.number FROM approvals_execution e
    JOIN approvals_changerequest r ON r.id = e.request_id
    WHERE e.content_hash <> r.content_hash ORDER BY 1"""
NOT_APPROVED = """
    SELECT r.number, s."order" FROM approvals_changerequest r
    JOIN approvals_step s ON s.request_id = r.id AND s.revision = r.revision
    WHERE r.state IN ('approved', 'executed') AND s.decides AND greatest(s.needed, 1) > (
        SELECT count(*) FROM approvals_decision d
        WHERE d.step_id = s.id AND d.outcome = 'approve' AND d.content_hash = r.content_hash
          AND d.policy_id = r.policy_id)
    ORDER BY 1"""
FORGOTTEN = """
    SELECT r.number FROM approvals_changerequest r
    WHERE r.state = 'approved' AND NOT EXISTS (
        SELECT 1 FROM core_outboxitem o
        WHERE o.key = 'execute:' || r.id || ':' || r.revision) ORDER BY 1"""


def register() -> None:
    """Add the promises of approvals; called once when the product starts."""
    for promise, statement, sentence in (
        ("Nobody decided what they touched", OWN_DECISION, "CR-{0}: user {1}"),
        ("Nobody decided twice", TWICE, "CR-{0}: user {1}, revision {2}"),
        ("Carried out means once", NOT_CARRIED_OUT_ONCE, "CR-{0} is {1}, {2} executions"),
        ("Carried out as decided", OTHER_CONTENT, "CR-{0}: another content"),
        ("Approved means every step was", NOT_APPROVED, "CR-{0}: step {1}"),
        ("What is approved will be carried out", FORGOTTEN, "CR-{0}: no work was asked for"),
    ):
        register_check(promise, _check(statement, sentence))


def _check(statement: str, sentence: str) -> Check:
    return lambda: rows_of(statement, sentence)
