"""History is written with every restatement and read rarely: a narrow index instead of a wide key.

A fact has one current version (its primary key sees to that) and a batch ends it at most
once, so the key of the revisions holds without being checked a second time.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("metrics", "0005_segment_day_by_day")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE metrics_factrevision DROP CONSTRAINT metrics_factrevision_pkey;"
            "CREATE INDEX metrics_revision_line_day ON metrics_factrevision (line_id, day)",
            "DROP INDEX metrics_revision_line_day;"
            "ALTER TABLE metrics_factrevision ADD PRIMARY KEY"
            " (line_id, day, source, creative_id, segment_id, period_days, ended_by_id)",
        ),
    ]
