"""A decision and an execution are never changed or deleted."""

from django.db import migrations

SQL = """
SELECT adroit_append_only('approvals_decision');
SELECT adroit_append_only('approvals_execution');
SELECT adroit_append_only('approvals_policy');
"""
REVERSE = """
DROP TRIGGER append_only ON approvals_decision; DROP TRIGGER append_only_whole ON approvals_decision;
DROP TRIGGER append_only ON approvals_execution; DROP TRIGGER append_only_whole ON approvals_execution;
DROP TRIGGER append_only ON approvals_policy; DROP TRIGGER append_only_whole ON approvals_policy;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial"), ("core", "0002_append_only")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
