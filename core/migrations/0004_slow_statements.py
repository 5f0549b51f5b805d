from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_switches"),
    ]

    operations = [
        migrations.CreateModel(
            name="SlowStatement",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("text", models.TextField()),
                ("place", models.CharField(max_length=200)),
                ("times", models.PositiveIntegerField()),
                ("total_ms", models.PositiveBigIntegerField()),
                ("worst_ms", models.PositiveIntegerField()),
                ("latest_at", models.DateTimeField()),
            ],
            options={"ordering": ["-total_ms"]},
        ),
    ]
