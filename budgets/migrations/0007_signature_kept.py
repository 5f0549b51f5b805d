"""What the close of a month made of the figures that its owner signed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("budgets", "0006_invoice_of_another_currency")]
    operations = [
        migrations.AddField("signoff", "closed_figures", models.JSONField(null=True)),
    ]
