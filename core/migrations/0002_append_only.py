"""The trail is append-only for everybody, and the cache has its table."""

from django.core.management import call_command
from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION adroit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Emptying a table as a whole is left to maintenance of test databases.
CREATE FUNCTION adroit_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('adroit.may_truncate', true), '') <> 'on' THEN
        RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION adroit_append_only(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %s '
                   'FOR EACH ROW EXECUTE FUNCTION adroit_refuse_change()', target);
    EXECUTE format('CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION adroit_refuse_truncate()', target);
END $$;

SELECT adroit_append_only('core_event');
SELECT adroit_append_only('core_eventseal');
"""

REVERSE = """
DROP FUNCTION adroit_append_only(regclass);
DROP FUNCTION adroit_refuse_truncate() CASCADE;
DROP FUNCTION adroit_refuse_change() CASCADE;
"""


def create_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTIONS, REVERSE),
        migrations.RunPython(create_cache_table, migrations.RunPython.noop),
    ]
