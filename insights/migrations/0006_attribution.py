import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("insights", "0005_forecasts"),
        ("accounts", "0005_tokens_for_events"),
        ("metrics", "0009_competitors"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnalysisPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("settings", models.JSONField(default=dict)),
                ("set_at", models.DateTimeField()),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "ordering": ["team", "kind"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "kind"), name="insights_analysis_plan_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AttributionRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("settings", models.JSONField(default=dict)),
                ("known_at", models.DateTimeField()),
                ("data_sha256", models.CharField(max_length=64)),
                ("currency", models.CharField(max_length=3)),
                ("record", models.JSONField(default=dict)),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("ran_at", models.DateTimeField()),
                ("cpu_seconds", models.FloatField()),
                (
                    "conversion",
                    models.CharField(
                        choices=[
                            ("customer", "First payments"),
                            ("payment", "Payments"),
                            ("won", "Won deals"),
                            ("opportunity", "Opportunities"),
                            ("lead", "Leads"),
                        ],
                        max_length=12,
                    ),
                ),
                ("touches", models.PositiveIntegerField()),
                ("people", models.PositiveIntegerField()),
                ("conversions", models.PositiveIntegerField()),
                ("unattributed", models.PositiveIntegerField()),
                ("value_micros", models.BigIntegerField()),
                ("unattributed_value_micros", models.BigIntegerField()),
                ("disagreement", models.FloatField(null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="metrics.batch",
                    ),
                ),
                (
                    "ran_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "ordering": ["-ran_at", "-id"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["team", "conversion", "-ran_at"], name="insights_attribution_newest"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("unattributed__lte", models.F("conversions"))),
                        name="insights_attribution_no_more_than_all",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LifetimeRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("settings", models.JSONField(default=dict)),
                ("known_at", models.DateTimeField()),
                ("data_sha256", models.CharField(max_length=64)),
                ("currency", models.CharField(max_length=3)),
                ("record", models.JSONField(default=dict)),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("ran_at", models.DateTimeField()),
                ("cpu_seconds", models.FloatField()),
                ("customers", models.PositiveIntegerField()),
                ("purchases", models.PositiveIntegerField()),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="metrics.batch",
                    ),
                ),
                (
                    "ran_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "ordering": ["-ran_at", "-id"],
                "abstract": False,
                "indexes": [
                    models.Index(fields=["team", "-ran_at"], name="insights_lifetime_newest")
                ],
            },
        ),
    ]
