"""Roll-ups and history are written in the order of their indexes, which makes writing cheap.

Segments' days are asked for by day, so the day leads their key and the index on it goes.
History is appended batch by batch: a block index (BRIN) finds a line's days in it and
costs next to nothing to keep.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metrics", "0006_light_history")]

    operations = [
        migrations.RemoveIndex(model_name="segmentday", name="metrics_segment_day_day"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="segmentday",
                    name="pk",
                    field=models.CompositePrimaryKey(
                        "day",
                        "line_id",
                        "segment_id",
                        "period_days",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE metrics_segmentday DROP CONSTRAINT metrics_segmentday_pkey,"
                    " ADD PRIMARY KEY (day, line_id, segment_id, period_days)",
                    "ALTER TABLE metrics_segmentday DROP CONSTRAINT metrics_segmentday_pkey,"
                    " ADD PRIMARY KEY (line_id, day, segment_id, period_days)",
                ),
            ],
        ),
        migrations.RunSQL(
            "DROP INDEX metrics_revision_line_day;"
            "CREATE INDEX metrics_revision_blocks ON metrics_factrevision"
            " USING brin (line_id, day) WITH (pages_per_range = 16, autosummarize = on)",
            "DROP INDEX metrics_revision_blocks;"
            "CREATE INDEX metrics_revision_line_day ON metrics_factrevision (line_id, day)",
        ),
    ]
