"""Revisions are known by their fact and the batch that ended them; facts leave room to be restated.

Platforms restate their last 28 days every day. With half of each page free, PostgreSQL
writes the new version beside the old one and leaves the primary key alone.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metrics", "0003_roll_up_follows_lines")]

    operations = [
        migrations.DeleteModel(name="FactRevision"),
        migrations.CreateModel(
            name="FactRevision",
            fields=[
                ("impressions", models.BigIntegerField(null=True)),
                ("clicks", models.BigIntegerField(null=True)),
                ("spend", models.BigIntegerField(null=True)),
                ("conversions", models.BigIntegerField(null=True)),
                ("revenue", models.BigIntegerField(null=True)),
                ("order_value", models.BigIntegerField(null=True)),
                ("leads", models.BigIntegerField(null=True)),
                ("engagements", models.BigIntegerField(null=True)),
                ("video_views", models.BigIntegerField(null=True)),
                ("line_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("source", models.PositiveIntegerField()),
                ("creative_id", models.BigIntegerField()),
                ("segment_id", models.BigIntegerField()),
                ("period_days", models.PositiveSmallIntegerField()),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="metrics.batch",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="metrics.batch",
                    ),
                ),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "line_id",
                        "day",
                        "source",
                        "creative_id",
                        "segment_id",
                        "period_days",
                        "ended_by_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE metrics_fact SET (fillfactor = 50)",
            "ALTER TABLE metrics_fact RESET (fillfactor)",
        ),
    ]
