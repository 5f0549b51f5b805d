import django.db.models.deletion
from django.db import migrations, models

KINDS = [
    ("forecast", "Forecast"),
    ("response", "Response curves"),
    ("leads", "Lead score"),
    ("churn", "Churn score"),
    ("expansion", "Expansion score"),
]
AUTO = {"auto_created": True, "primary_key": True, "serialize": False, "verbose_name": "ID"}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_tokens_for_events"),
        ("customers", "0001_initial"),
        ("insights", "0007_response"),
        ("metrics", "0009_competitors"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeatureTable",
            fields=[
                ("id", models.BigAutoField(**AUTO)),
                ("kind", models.CharField(choices=KINDS, max_length=12)),
                ("number", models.PositiveIntegerField()),
                ("built_at", models.DateTimeField()),
                ("known_at", models.DateTimeField()),
                ("sha256", models.CharField(max_length=64)),
                ("rows", models.PositiveIntegerField()),
                ("positives", models.PositiveIntegerField()),
                ("texts", models.JSONField(default=list)),
                ("flags", models.JSONField(default=dict)),
                ("packed", models.BinaryField()),
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
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "team", "number"), name="insights_features_number_once"
                    ),
                    models.UniqueConstraint(
                        fields=("kind", "team", "sha256"), name="insights_features_content_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                ("id", models.BigAutoField(**AUTO)),
                ("kind", models.CharField(choices=KINDS, max_length=12)),
                ("person", models.CharField(blank=True, db_index=True, max_length=200)),
                ("chance", models.FloatField()),
                ("base", models.FloatField()),
                ("raises", models.JSONField(default=list)),
                ("lowers", models.JSONField(default=list)),
                ("like_n", models.PositiveIntegerField()),
                ("like_low", models.FloatField()),
                ("like_high", models.FloatField()),
                ("scored_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("is_latest", models.BooleanField(default=True)),
                (
                    "came",
                    models.CharField(
                        blank=True,
                        choices=[("", "Watching"), ("yes", "Came"), ("no", "Did not come")],
                        default="",
                        max_length=3,
                    ),
                ),
                ("came_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chances",
                        to="customers.account",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chances",
                        to="customers.lead",
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
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chances",
                        to="insights.modelversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-chance", "pk"],
                "indexes": [
                    models.Index(
                        fields=["kind", "is_latest", "-chance"], name="insights_score_list"
                    ),
                    models.Index(fields=["kind", "came", "due_at"], name="insights_score_due"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(lead=None, account__isnull=False)
                        | models.Q(lead__isnull=False, account=None),
                        name="insights_score_one_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            chance__gte=0, chance__lte=1, like_low__lte=models.F("like_high")
                        ),
                        name="insights_score_is_chance",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(is_latest=True, lead__isnull=False),
                        fields=("kind", "lead"),
                        name="insights_score_lead_latest",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(is_latest=True, account__isnull=False),
                        fields=("kind", "account"),
                        name="insights_score_account_latest",
                    ),
                ],
            },
        ),
    ]
