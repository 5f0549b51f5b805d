"""A person's word counts once, given by themselves or for them; only high roles delegate, from now on."""

from django.db import migrations, models
from django.db.models import F, Q

SQL = """
CREATE FUNCTION approvals_one_voice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked record;
BEGIN
    SELECT s.request_id, s.revision INTO asked FROM approvals_step s WHERE s.id = NEW.step_id;
    IF EXISTS (SELECT 1 FROM approvals_decision d JOIN approvals_step s ON s.id = d.step_id
               WHERE s.request_id = asked.request_id AND s.revision = asked.revision
                 AND d.outcome <> 'recommend' AND NEW.outcome <> 'recommend'
                 AND (NEW.on_behalf_of_id IN (d.user_id, d.on_behalf_of_id)
                      OR NEW.user_id IN (d.user_id, d.on_behalf_of_id))) THEN
        RAISE EXCEPTION 'approvals_one_voice: user % for % on request %',
            NEW.user_id, NEW.on_behalf_of_id, asked.request_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approvals_one_voice BEFORE INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION approvals_one_voice();

CREATE FUNCTION approvals_delegation_roles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(DISTINCT u.id) FROM accounts_user u
        JOIN accounts_membership m ON m.user_id = u.id
        WHERE u.id IN (NEW.delegator_id, NEW.delegate_id) AND u.is_active
          AND m.role IN ('executive', 'director')) < 2 THEN
        RAISE EXCEPTION 'approvals_delegation_roles: % to %', NEW.delegator_id, NEW.delegate_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approvals_delegation_roles BEFORE INSERT ON approvals_delegation
    FOR EACH ROW EXECUTE FUNCTION approvals_delegation_roles();
"""
REVERSE = """
DROP FUNCTION approvals_one_voice() CASCADE;
DROP FUNCTION approvals_delegation_roles() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0006_delegation_limits"),
        ("accounts", "0004_shared_and_default_views"),
    ]
    operations = [
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=Q(starts_at__gte=F("made_at")),
                name="approvals_delegation_from_now_on",
                violation_error_message="A delegation starts now or later.",
            ),
        ),
        migrations.RunSQL(SQL, REVERSE),
    ]
