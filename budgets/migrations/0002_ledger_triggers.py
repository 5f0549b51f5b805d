"""The ledger is append-only, and every transaction sums to zero in each currency."""

from django.db import migrations

SQL = """
SELECT adroit_append_only('budgets_ledgertransaction');
SELECT adroit_append_only('budgets_ledgerentry');

CREATE FUNCTION budgets_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM budgets_ledgerentry e JOIN budgets_ledgeraccount a ON a.id = e.account_id
        WHERE e.transaction_id = NEW.transaction_id
        GROUP BY a.currency HAVING sum(e.amount_micros) <> 0
    ) THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero', NEW.transaction_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER budgets_entries_balance AFTER INSERT ON budgets_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION budgets_entries_balance();
"""
REVERSE = """
DROP FUNCTION budgets_entries_balance() CASCADE;
DROP TRIGGER append_only ON budgets_ledgertransaction; DROP TRIGGER append_only_whole ON budgets_ledgertransaction;
DROP TRIGGER append_only ON budgets_ledgerentry; DROP TRIGGER append_only_whole ON budgets_ledgerentry;
"""


class Migration(migrations.Migration):
    dependencies = [("budgets", "0001_initial"), ("core", "0002_append_only")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
