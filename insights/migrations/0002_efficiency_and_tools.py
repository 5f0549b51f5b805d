from django.db import migrations, models


class Migration(migrations.Migration):
    """Three more kinds of findings: dearer results, contracts that renew, tools hardly used."""

    dependencies = [("insights", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="finding",
            name="kind",
            field=models.CharField(
                choices=[
                    ("target_miss", "Target missed"),
                    ("pace", "Off pace"),
                    ("trend", "Return is falling"),
                    ("overspend", "Ahead of budget"),
                    ("underspend", "Behind budget"),
                    ("opportunity", "Room to grow"),
                    ("stale_data", "Data is late"),
                    ("efficiency", "Results cost more"),
                    ("renewal", "Contract renews"),
                    ("unused_tool", "Tool hardly used"),
                ],
                max_length=16,
            ),
        ),
    ]
