"""Roles that exclude each other are refused by the database, whoever writes them.

The person's row is locked first, so that two roles given at the same moment see each other.
"""

from django.db import migrations

TRIGGER = """
CREATE FUNCTION accounts_roles_exclude(one text, other text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT ('auditor' IN (one, other) AND one <> other)
        OR ('admin' IN (one, other)
            AND (one IN ('executive', 'director', 'manager', 'auditor')
                 OR other IN ('executive', 'director', 'manager', 'auditor')))
$$;

CREATE FUNCTION accounts_separate_duties() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held text;
BEGIN
    PERFORM 1 FROM accounts_user WHERE id = NEW.user_id FOR UPDATE;
    SELECT role INTO held FROM accounts_membership
        WHERE user_id = NEW.user_id AND id IS DISTINCT FROM NEW.id
          AND accounts_roles_exclude(role, NEW.role)
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'nobody may be % and % at once', held, NEW.role
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'accounts_separate_duties';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER accounts_separate_duties BEFORE INSERT OR UPDATE ON accounts_membership
    FOR EACH ROW EXECUTE FUNCTION accounts_separate_duties();
"""
REVERSE = """
DROP TRIGGER accounts_separate_duties ON accounts_membership;
DROP FUNCTION accounts_separate_duties();
DROP FUNCTION accounts_roles_exclude(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_two_people")]
    operations = [migrations.RunSQL(TRIGGER, REVERSE)]
