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

HOLDINGS = """
    SELECT h.id, h.budget_line_id, h.month FROM budgets_holding h
    LEFT JOIN budgets_holdingentry e ON e.holding_id = h.id GROUP BY h.id
    HAVING (h.reserved_micros, h.committed_micros, h.accrued_micros, h.billed_micros, h.whole_bills)
        IS DISTINCT FROM (coalesce(sum(e.reserved_micros), 0), coalesce(sum(e.committed_micros), 0),
            coalesce(sum(e.accrued_micros), 0), coalesce(sum(e.billed_micros), 0),
            coalesce(sum(e.whole_bills), 0)) ORDER BY 1"""
ORDER_LINES = """
    SELECT o.number, l.position, sum(e.committed_micros), l.borne_micros FROM budgets_orderline l
    JOIN budgets_order o ON o.id = l.order_id JOIN budgets_holdingentry e ON e.order_line_id = l.id
    GROUP BY o.number, l.id
    HAVING sum(e.committed_micros) < 0 OR sum(e.reserved_micros) < 0
        OR sum(e.committed_micros) > l.borne_micros ORDER BY 1, 2"""
BILL_LINES = """
    SELECT b.id, l.position, l.borne_micros, s.sums FROM budgets_billline l
    JOIN budgets_bill b ON b.id = l.bill_id
    LEFT JOIN LATERAL (SELECT coalesce(sum(e.billed_micros + e.accrued_micros), 0) AS sums
        FROM budgets_holdingentry e WHERE e.bill_line_id = l.id) s ON true
    WHERE s.sums IS DISTINCT FROM CASE
        WHEN b.state <> 'posted' THEN 0
        WHEN b.kind = 'credit' OR (b.kind = 'accrual' AND b.corrects_id IS NOT NULL)
            THEN -l.borne_micros
        ELSE l.borne_micros END
    ORDER BY 1, 2"""


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
        (
            "A holding is the sum of its entries",
            HOLDINGS,
            "holding {0}: line {1} in {2} differs from its entries",
        ),
        (
            "No order line holds less than nothing or more than ordered",
            ORDER_LINES,
            "order {0} line {1}: {2} of {3} micros",
        ),
        (
            "A posted bill counts exactly what it bears, a void one nothing",
            BILL_LINES,
            "bill {0} line {1}: bears {2}, entries say {3}",
        ),
    ):
        register_check(promise, _check(statement, sentence))


def _check(statement: str, sentence: str) -> Check:
    return lambda: rows_of(statement, sentence)
