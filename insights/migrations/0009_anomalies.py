import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_tokens_for_events"),
        ("campaigns", "0004_line_parts"),
        ("insights", "0008_scores"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Explanation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("metric", models.CharField(max_length=60)),
                ("where", models.JSONField(default=dict)),
                ("before_first", models.DateField()),
                ("before_last", models.DateField()),
                ("after_first", models.DateField()),
                ("after_last", models.DateField()),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("step", models.PositiveIntegerField()),
                ("tree", models.JSONField()),
                ("chain", models.JSONField(default=dict)),
                ("known_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="explanations",
                        to="insights.finding",
                    ),
                ),
            ],
            options={"ordering": ["-made_at", "-pk"]},
        ),
        migrations.CreateModel(
            name="Dismissal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dismissals",
                        to="insights.finding",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("finding",),
                        name="insights_one_dismissal",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("cause", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("overspend", "Overspend"),
                            ("target_miss", "Target missed"),
                            ("data_gap", "Gap in the data"),
                        ],
                        max_length=12,
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                ("chance", models.FloatField()),
                ("loss_micros", models.BigIntegerField()),
                ("cautious_micros", models.BigIntegerField(null=True)),
                ("currency", models.CharField(max_length=3)),
                ("expected_micros", models.BigIntegerField()),
                ("reporting_currency", models.CharField(max_length=3)),
                ("due_on", models.DateField()),
                ("subject", models.CharField(max_length=20)),
                ("subject_id", models.BigIntegerField()),
                ("evidence", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField()),
                (
                    "campaign",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risks",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risks",
                        to="insights.finding",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risks",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "-expected_micros", "cause"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "cause"), name="insights_risk_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("chance__gte", 0), ("chance__lte", 1), ("loss_micros__gte", 0)
                        ),
                        name="insights_risk_sane",
                    ),
                ],
            },
        ),
    ]
