"""What must always hold of money: nothing is made, lost, overspent or moved twice."""

from __future__ import annotations

from core.invariants import Check, register_check, rows_of

SUMS_TO_ZERO = """
    SELECT e.transaction_id, a.currency, sum(e.amount_micros)
    FROM budgets_ledgerentry e JOIN budgets_ledgeraccount a ON a.id = e.account_id
    GROUP BY 1, 2 HAVING sum(e.amount_micros) <> 0 ORDER BY 1"""
CURRENCIES_BALANCE = """
    SELECT currency, sum(balance_micros) FROM budgets_ledgeraccount
    GROUP BY 1 HAVING sum(balance_micros) <> 0 ORDER BY 1"""
BALANCES = """
    SELECT a.id, a.balance_micros, coalesce(sum(e.amount_micros), 0)
    FROM budgets_ledgeraccount a LEFT JOIN budgets_ledgerentry e ON e.account_id = a.id
    GROUP BY a.id HAVING a.balance_micros <> coalesce(sum(e.amount_micros), 0) ORDER BY 1"""
VERSIONS = """
    SELECT a.id, a.version, count(e.id) FROM budgets_ledgeraccount a
    LEFT JOIN budgets_ledgerentry e ON e.account_id = a.id
    GROUP BY a.id HAVING a.version <> count(e.id) ORDER BY 1"""
RUNNING = """
    SELECT id, balance_micros, running FROM (
        SELECT id, balance_micros,
               sum(amount_micros) OVER (PARTITION BY account_id ORDER BY id) AS running
        FROM budgets_ledgerentry) e
    WHERE balance_micros <> running ORDER BY id"""
OVERSPENT = """
    SELECT id, balance_micros FROM budgets_ledgeraccount
    WHERE budget_line_id IS NOT NULL AND balance_micros < 0 ORDER BY id"""
NOT_MOVED_ONCE = """
    SELECT r.number, count(t.id) FROM approvals_changerequest r
    LEFT JOIN budgets_ledgertransaction t ON t.request_id = r.id AND t.kind <> 'reversal'
    WHERE r.kind IN ('budget.reallocation', 'budget.plan') AND r.state = 'executed'
    GROUP BY r.id HAVING count(t.id) <> 1 ORDER BY 1"""
MOVED_WITHOUT = """
    SELECT t.id, coalesce(r.state, 'gone') FROM budgets_ledgertransaction t
    LEFT JOIN approvals_changerequest r ON r.id = t.request_id
    WHERE t.request_id IS NOT NULL AND r.state IS DISTINCT FROM 'executed' ORDER BY 1"""


def register() -> None:
    """Add the promises of the ledger; called once when the product starts."""
    for promise, statement, sentence in (
        (
            "Every ledger transaction sums to zero",
            SUMS_TO_ZERO,
            "transaction {0}: {2} micros of {1} remain",
        ),
        ("Every currency sums to zero", CURRENCIES_BALANCE, "{0}: {1} micros more in than out"),
        ("A balance is the sum of its entries", BALANCES, "account {0}: {1}, entries say {2}"),
        ("A version counts the entries", VERSIONS, "account {0}: version {1}, {2} entries"),
        ("Every entry carries the balance after it", RUNNING, "entry {0}: {1}, should be {2}"),
        ("No line holds less than nothing", OVERSPENT, "account {0}: {1} micros"),
        ("What was carried out moved once", NOT_MOVED_ONCE, "CR-{0}: {1} transactions"),
        ("What moved was carried out", MOVED_WITHOUT, "transaction {0}: its request is {1}"),
    ):
        register_check(promise, _check(statement, sentence))


def _check(statement: str, sentence: str) -> Check:
    return lambda: rows_of(statement, sentence)
