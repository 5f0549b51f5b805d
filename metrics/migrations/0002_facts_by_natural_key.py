"""Facts and roll-ups are known by what they are about, not by a number of their own.

The tables are made anew: nothing was released that had rows in them. Keys of facts are
not checked row by row; ``BatchLine`` has the constraints for every line and batch.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("campaigns", "0001_initial"),
        ("metrics", "0001_initial"),
    ]

    operations = [
        migrations.DeleteModel(name="ChannelDay"),
        migrations.DeleteModel(name="Fact"),
        migrations.DeleteModel(name="LineDay"),
        migrations.DeleteModel(name="LineDayDelta"),
        migrations.DeleteModel(name="SegmentDay"),
        migrations.CreateModel(
            name="BatchLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "line_id",
                        "batch_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="metrics.batch",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaignline",
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="factrevision",
            name="batch",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="metrics.batch",
            ),
        ),
        migrations.AlterField(
            model_name="factrevision",
            name="ended_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="metrics.batch",
            ),
        ),
        migrations.CreateModel(
            name="ChannelDay",
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
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "channel_id",
                        "team_id",
                        "currency",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("day", models.DateField()),
                (
                    "channel",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.channel",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SegmentDay",
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
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "line_id",
                        "day",
                        "segment_id",
                        "period_days",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("segment_id", models.BigIntegerField(default=0)),
                ("period_days", models.PositiveSmallIntegerField(default=1)),
                (
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaignline",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Fact",
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
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "line_id",
                        "day",
                        "source",
                        "creative_id",
                        "segment_id",
                        "period_days",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("source", models.PositiveIntegerField(default=0)),
                ("creative_id", models.BigIntegerField(default=0)),
                ("segment_id", models.BigIntegerField(default=0)),
                ("period_days", models.PositiveSmallIntegerField(default=1)),
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
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaignline",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LineDay",
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
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "line_id",
                        "day",
                        "source",
                        "period_days",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("period_days", models.PositiveSmallIntegerField(default=1)),
                ("source", models.PositiveIntegerField(default=0)),
                (
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaignline",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["day"], name="metrics_line_day_day"),
                    models.Index(
                        condition=models.Q(("period_days__gt", 1)),
                        fields=["line", "day"],
                        name="metrics_line_day_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineDayDelta",
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
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "line_id",
                        "day",
                        "batch_id",
                        "source",
                        "period_days",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("known_at", models.DateTimeField()),
                ("line_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("source", models.PositiveIntegerField(default=0)),
                ("period_days", models.PositiveSmallIntegerField(default=1)),
                ("missing_before", models.PositiveSmallIntegerField(default=0)),
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
            ],
            options={
                "indexes": [models.Index(fields=["known_at"], name="metrics_delta_known")],
            },
        ),
    ]
