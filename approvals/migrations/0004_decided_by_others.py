"""Nobody decides what they touched, only the step whose turn it is is decided, and what is decided is final."""

from django.db import migrations

SQL = """
CREATE FUNCTION approvals_decision_is_proper() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked record;
BEGIN
    SELECT s.request_id, s.revision, s.state INTO asked FROM approvals_step s WHERE s.id = NEW.step_id;
    -- One at a time per request, so that a contribution and a decision see each other.
    PERFORM 1 FROM approvals_changerequest r WHERE r.id = asked.request_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM approvals_contributor c
               WHERE c.request_id = asked.request_id AND c.user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'approvals_no_own_decision: user % took part in request %',
            NEW.user_id, asked.request_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF asked.state <> 'current' THEN
        RAISE EXCEPTION 'approvals_step_not_current: step %', NEW.step_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM approvals_decision d JOIN approvals_step s ON s.id = d.step_id
               WHERE s.request_id = asked.request_id AND s.revision = asked.revision
                 AND d.user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'approvals_person_decides_once: user % on request %',
            NEW.user_id, asked.request_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approvals_decision_is_proper BEFORE INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION approvals_decision_is_proper();

CREATE FUNCTION approvals_contributor_is_no_judge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM approvals_changerequest r WHERE r.id = NEW.request_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM approvals_decision d
               JOIN approvals_step s ON s.id = d.step_id
               JOIN approvals_changerequest r ON r.id = s.request_id AND r.revision = s.revision
               WHERE s.request_id = NEW.request_id AND d.user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'approvals_no_own_decision: user % already decided request %',
            NEW.user_id, NEW.request_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approvals_contributor_is_no_judge BEFORE INSERT ON approvals_contributor
    FOR EACH ROW EXECUTE FUNCTION approvals_contributor_is_no_judge();

CREATE FUNCTION approvals_request_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('executed', 'rejected', 'withdrawn', 'expired', 'stale') THEN
        RAISE EXCEPTION 'approvals_decided_is_final: request %', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approvals_request_is_final BEFORE UPDATE ON approvals_changerequest
    FOR EACH ROW EXECUTE FUNCTION approvals_request_is_final();
"""
REVERSE = """
DROP FUNCTION approvals_decision_is_proper() CASCADE;
DROP FUNCTION approvals_contributor_is_no_judge() CASCADE;
DROP FUNCTION approvals_request_is_final() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_own_amount")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
