"""Closed months and their figures, which nobody changes or deletes afterwards."""

import django.db.models.deletion
from django.db import migrations, models

MEASURES = (
    "impressions",
    "clicks",
    "spend",
    "conversions",
    "revenue",
    "order_value",
    "leads",
    "engagements",
    "video_views",
)
APPEND_ONLY = """
SELECT adroit_append_only('metrics_closedmonth');
SELECT adroit_append_only('metrics_closedfigure');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("campaigns", "0001_initial"),
        ("core", "0002_append_only"),
        ("metrics", "0007_written_in_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClosedMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=7, unique=True)),
                ("label", models.CharField(max_length=60)),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("closed_at", models.DateTimeField()),
                ("closed_by_id", models.BigIntegerField(null=True)),
                ("closed_by_name", models.CharField(max_length=200)),
                ("reason", models.TextField(blank=True)),
                ("last_batch", models.BigIntegerField(default=0)),
            ],
            options={"ordering": ["-first_day"]},
        ),
        migrations.CreateModel(
            name="ClosedFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                *((measure, models.BigIntegerField(null=True)) for measure in MEASURES),
                ("source", models.PositiveIntegerField(default=0)),
                ("currency", models.CharField(max_length=3)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.channel",
                    ),
                ),
                (
                    "month",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="metrics.closedmonth",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "team", "channel", "source", "currency"),
                        name="metrics_closed_figure_once",
                    )
                ]
            },
        ),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
    ]
