"""Delegations are one deep and never in a ring; two people are two sessions; the record names both."""

from django.db import migrations

SQL = """
CREATE FUNCTION approvals_delegation_is_one_deep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ended_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    -- One at a time: two that would form a ring must see each other.
    PERFORM pg_advisory_xact_lock(7414, 1);
    IF EXISTS (SELECT 1 FROM approvals_delegation d
               WHERE d.id <> NEW.id AND d.ended_at IS NULL
                 AND (d.delegator_id = NEW.delegate_id OR d.delegate_id = NEW.delegator_id)
                 AND tstzrange(d.starts_at, d.ends_at) && tstzrange(NEW.starts_at, NEW.ends_at)) THEN
        RAISE EXCEPTION 'approvals_delegation_is_one_deep: % to %', NEW.delegator_id, NEW.delegate_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM approvals_delegation d
               WHERE d.id <> NEW.id AND d.ended_at IS NULL AND d.delegator_id = NEW.delegator_id
                 AND tstzrange(d.starts_at, d.ends_at) && tstzrange(NEW.starts_at, NEW.ends_at)) THEN
        RAISE EXCEPTION 'approvals_delegation_to_one: %', NEW.delegator_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approvals_delegation_is_one_deep BEFORE INSERT OR UPDATE ON approvals_delegation
    FOR EACH ROW EXECUTE FUNCTION approvals_delegation_is_one_deep();

CREATE FUNCTION approvals_decision_for_another() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked bigint;
BEGIN
    SELECT s.request_id INTO asked FROM approvals_step s WHERE s.id = NEW.step_id;
    IF NEW.on_behalf_of_id IS NOT NULL THEN
        IF EXISTS (SELECT 1 FROM approvals_contributor c
                   WHERE c.request_id = asked AND c.user_id = NEW.on_behalf_of_id) THEN
            RAISE EXCEPTION 'approvals_no_own_decision: user % took part in request %',
                NEW.on_behalf_of_id, asked USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NOT EXISTS (SELECT 1 FROM approvals_delegation d
                       WHERE d.id = NEW.delegation_id AND d.delegate_id = NEW.user_id
                         AND d.delegator_id = NEW.on_behalf_of_id AND d.ended_at IS NULL
                         AND NEW.at >= d.starts_at AND NEW.at < d.ends_at) THEN
            RAISE EXCEPTION 'approvals_decision_without_delegation: user %', NEW.user_id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    IF NEW.session <> '' AND (
        EXISTS (SELECT 1 FROM approvals_contributor c
                WHERE c.request_id = asked AND c.session = NEW.session)
        OR EXISTS (SELECT 1 FROM approvals_decision d JOIN approvals_step s ON s.id = d.step_id
                   WHERE s.request_id = asked AND d.session = NEW.session AND d.user_id <> NEW.user_id)
    ) THEN
        RAISE EXCEPTION 'approvals_two_people_two_sessions: request %', asked
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approvals_decision_for_another BEFORE INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION approvals_decision_for_another();
"""
REVERSE = """
DROP FUNCTION approvals_delegation_is_one_deep() CASCADE;
DROP FUNCTION approvals_decision_for_another() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0005_decisions_complete"), ("core", "0002_append_only")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
