from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "0004_subscription_filters")]

    operations = [
        migrations.CreateModel(
            name="Clearance",
            fields=[
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("executive", "Executive"),
                            ("director", "Marketing director"),
                            ("manager", "Campaign manager"),
                            ("analyst", "Analyst"),
                            ("admin", "Administrator"),
                            ("auditor", "Finance and audit"),
                        ],
                        max_length=12,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "highest",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("internal", "Internal"),
                            ("confidential", "Confidential"),
                            ("restricted", "Restricted"),
                        ],
                        max_length=12,
                    ),
                ),
                ("request_id", models.BigIntegerField(null=True)),
            ],
        ),
    ]
