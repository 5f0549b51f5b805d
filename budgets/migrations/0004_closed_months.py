"""The commitment ledger is append-only; what belongs to a closed month is not written any more."""

from django.db import migrations

SQL = """
SELECT adroit_append_only('budgets_holdingentry');

CREATE FUNCTION budgets_require_open(of_year bigint, of_month varchar) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- A close takes the year's row for itself first: whoever writes now is before it or waits.
    PERFORM 1 FROM budgets_fiscalyear y WHERE y.id = of_year FOR KEY SHARE;
    IF EXISTS (SELECT 1 FROM budgets_monthclose c
               WHERE c.fiscal_year_id = of_year AND c.month = of_month AND c.reopened_at IS NULL) THEN
        RAISE EXCEPTION 'budgets_month_is_closed: %', of_month
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END $$;

CREATE FUNCTION budgets_ledger_month_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place record;
BEGIN
    SELECT a.fiscal_year_id, a.month INTO place FROM budgets_ledgeraccount a WHERE a.id = NEW.account_id;
    PERFORM budgets_require_open(place.fiscal_year_id, place.month);
    RETURN NEW;
END $$;

CREATE TRIGGER budgets_ledger_month_open BEFORE INSERT ON budgets_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION budgets_ledger_month_open();

CREATE FUNCTION budgets_holding_month_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place record;
BEGIN
    SELECT l.fiscal_year_id, h.month INTO place FROM budgets_holding h
        JOIN budgets_budgetline l ON l.id = h.budget_line_id WHERE h.id = NEW.holding_id;
    PERFORM budgets_require_open(place.fiscal_year_id, place.month);
    RETURN NEW;
END $$;

CREATE TRIGGER budgets_holding_month_open BEFORE INSERT ON budgets_holdingentry
    FOR EACH ROW EXECUTE FUNCTION budgets_holding_month_open();
"""
REVERSE = """
DROP FUNCTION budgets_ledger_month_open() CASCADE;
DROP FUNCTION budgets_holding_month_open() CASCADE;
DROP FUNCTION budgets_require_open(bigint, varchar);
DROP TRIGGER append_only ON budgets_holdingentry;
DROP TRIGGER append_only_whole ON budgets_holdingentry;
"""


class Migration(migrations.Migration):
    dependencies = [("budgets", "0003_money_complete"), ("core", "0002_append_only")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
