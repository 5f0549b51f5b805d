"""Experiments: plans that stay as they were sealed, readings that are never changed."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


SEALED = """
SELECT adroit_append_only('campaigns_experimentreading');
CREATE FUNCTION campaigns_plan_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The plan of experiment % was sealed before its first unit and cannot change.', OLD.id
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER plan_stays BEFORE UPDATE ON campaigns_experiment FOR EACH ROW
    WHEN (OLD.started_at IS NOT NULL AND (NEW.plan IS DISTINCT FROM OLD.plan
        OR NEW.plan_sha256 IS DISTINCT FROM OLD.plan_sha256
        OR NEW.started_at IS DISTINCT FROM OLD.started_at))
    EXECUTE FUNCTION campaigns_plan_stays();
"""
UNSEALED = """
DROP TRIGGER append_only ON campaigns_experimentreading;
DROP TRIGGER append_only_whole ON campaigns_experimentreading;
DROP TRIGGER plan_stays ON campaigns_experiment; DROP FUNCTION campaigns_plan_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_append_only"),
        ("accounts", "0005_tokens_for_events"),
        ("campaigns", "0004_line_parts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Experiment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ab", "A/B test"),
                            ("factorial", "Grid of factors"),
                            ("holdout", "Holdout"),
                            ("rotation", "Rotation"),
                            ("personal", "Message per segment"),
                        ],
                        default="ab",
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("sealed", "Sealed"),
                            ("running", "Running"),
                            ("stopped", "Stopped"),
                            ("concluded", "Concluded"),
                            ("archived", "Archived"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("typed", "Typed in or from a file"),
                            ("imports", "From imports, every night"),
                        ],
                        default="typed",
                        max_length=8,
                    ),
                ),
                ("hypothesis", models.TextField()),
                ("unit", models.CharField(default="visitor", max_length=40)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("alpha", models.FloatField(default=0.05)),
                ("power", models.FloatField(default=0.8)),
                (
                    "looks",
                    models.CharField(
                        choices=[
                            ("until_end", "As often as you like until the planned end"),
                            ("once", "Once, at the end"),
                            ("planned", "At planned looks"),
                            ("any_time", "As often as you like, without an end"),
                        ],
                        default="until_end",
                        max_length=10,
                    ),
                ),
                ("planned_looks", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("end_units", models.PositiveBigIntegerField(blank=True, null=True)),
                ("daily_units", models.PositiveBigIntegerField(blank=True, null=True)),
                ("tags", models.JSONField(blank=True, default=list)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("plan", models.JSONField(blank=True, default=dict)),
                ("plan_sha256", models.CharField(blank=True, max_length=64)),
                ("sealed_at", models.DateTimeField(blank=True, null=True)),
                ("sealed_by_name", models.CharField(blank=True, max_length=120)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("stop_reason", models.TextField(blank=True)),
                ("outcome", models.CharField(blank=True, max_length=10)),
                ("sentence", models.TextField(blank=True)),
                ("result", models.JSONField(blank=True, default=dict)),
                ("effect", models.FloatField(blank=True, null=True)),
                ("effect_low", models.FloatField(blank=True, null=True)),
                ("effect_high", models.FloatField(blank=True, null=True)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ship", "Use the new variant"),
                            ("keep", "Keep what there was"),
                            ("again", "Test again"),
                            ("none", "Decide nothing from it"),
                        ],
                        max_length=8,
                    ),
                ),
                ("learning", models.TextField(blank=True)),
                ("concluded_at", models.DateTimeField(blank=True, null=True)),
                ("concluded_by_name", models.CharField(blank=True, max_length=120)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("request_id", models.BigIntegerField(blank=True, null=True)),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("policy", models.JSONField(blank=True, default=dict)),
                ("policy_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "audience",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="experiments",
                        to="campaigns.audience",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="experiments",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="experiments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="experiments",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "ordering": ["-starts_on", "name"],
            },
        ),
        migrations.CreateModel(
            name="Arm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=80)),
                ("weight", models.FloatField(default=1)),
                ("levels", models.JSONField(blank=True, default=dict)),
                ("segment_id", models.BigIntegerField(blank=True, null=True)),
                ("spend_micros", models.BigIntegerField(blank=True, null=True)),
                ("live_share", models.FloatField(blank=True, null=True)),
                (
                    "creative",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.creative",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaignline",
                    ),
                ),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="arms",
                        to="campaigns.experiment",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="ExperimentMetric",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("proportion", "Yes or no of each unit"),
                            ("count", "Number of events"),
                            ("mean", "A value of each unit"),
                        ],
                        default="proportion",
                        max_length=10,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("primary", "Decides"),
                            ("secondary", "Watched"),
                            ("guardrail", "Must not get worse"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "better",
                    models.CharField(
                        choices=[("higher", "Higher is better"), ("lower", "Lower is better")],
                        default="higher",
                        max_length=6,
                    ),
                ),
                ("minimum_effect", models.FloatField(blank=True, null=True)),
                ("base", models.FloatField(blank=True, null=True)),
                ("spread", models.FloatField(blank=True, null=True)),
                ("events_measure", models.CharField(blank=True, max_length=40)),
                ("units_measure", models.CharField(blank=True, max_length=40)),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="metrics",
                        to="campaigns.experiment",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="ExperimentReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("units", models.PositiveBigIntegerField()),
                ("total", models.FloatField()),
                ("squares", models.FloatField(blank=True, null=True)),
                ("second_total", models.FloatField(blank=True, null=True)),
                ("second_squares", models.FloatField(blank=True, null=True)),
                ("products", models.FloatField(blank=True, null=True)),
                ("known_at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=120)),
                ("file_name", models.CharField(blank=True, max_length=200)),
                ("batch_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "arm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="campaigns.arm",
                    ),
                ),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="campaigns.experiment",
                    ),
                ),
                (
                    "metric",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="campaigns.experimentmetric",
                    ),
                ),
            ],
            options={
                "ordering": ["known_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ServedChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("unit_sha256", models.CharField(max_length=64)),
                ("context", models.CharField(blank=True, max_length=80)),
                ("propensity", models.FloatField()),
                ("at", models.DateTimeField()),
                ("reward", models.FloatField(blank=True, null=True)),
                ("rewarded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "arm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="choices",
                        to="campaigns.arm",
                    ),
                ),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="choices",
                        to="campaigns.experiment",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddIndex(
            model_name="experiment",
            index=models.Index(fields=["team", "state"], name="campaigns_experiment_state"),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.UniqueConstraint(
                models.F("team"),
                django.db.models.functions.text.Lower("name"),
                name="campaigns_experiment_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="campaigns_experiment_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("alpha__gt", 0), ("alpha__lte", 0.5), ("power__gt", 0), ("power__lt", 1)
                ),
                name="campaigns_experiment_chances",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "draft"),
                    models.Q(("plan_sha256", ""), _negated=True),
                    _connector="OR",
                ),
                name="campaigns_experiment_sealed_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="arm",
            constraint=models.UniqueConstraint(
                fields=("experiment", "position"), name="campaigns_arm_position_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="arm",
            constraint=models.UniqueConstraint(
                models.F("experiment"),
                django.db.models.functions.text.Lower("name"),
                name="campaigns_arm_name_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="arm",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight__gt", 0)), name="campaigns_arm_weight"
            ),
        ),
        migrations.AddConstraint(
            model_name="experimentmetric",
            constraint=models.UniqueConstraint(
                fields=("experiment", "position"), name="campaigns_metric_position_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="experimentmetric",
            constraint=models.UniqueConstraint(
                models.F("experiment"),
                django.db.models.functions.text.Lower("name"),
                name="campaigns_metric_name_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="experimentmetric",
            constraint=models.UniqueConstraint(
                condition=models.Q(("role", "primary")),
                fields=("experiment",),
                name="campaigns_metric_one_primary",
            ),
        ),
        migrations.AddIndex(
            model_name="experimentreading",
            index=models.Index(fields=["experiment", "day"], name="campaigns_reading_day"),
        ),
        migrations.AddIndex(
            model_name="servedchoice",
            index=models.Index(
                fields=["experiment", "context", "arm"], name="campaigns_choice_context"
            ),
        ),
        migrations.AddConstraint(
            model_name="servedchoice",
            constraint=models.UniqueConstraint(
                fields=("experiment", "unit_sha256"), name="campaigns_choice_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="servedchoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("propensity__gt", 0), ("propensity__lte", 1)),
                name="campaigns_choice_propensity",
            ),
        ),
        migrations.AddConstraint(
            model_name="servedchoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reward__isnull", True),
                    models.Q(("reward__gte", 0), ("reward__lte", 1)),
                    _connector="OR",
                ),
                name="campaigns_choice_reward",
            ),
        ),
        migrations.RunSQL(SEALED, UNSEALED),
    ]
