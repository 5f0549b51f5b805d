"""The eight channels every organisation starts with; more can be added."""

from django.db import migrations

CHANNELS = [
    ("search", "Search"),
    ("shopping", "Shopping"),
    ("social", "Social"),
    ("display", "Display"),
    ("affiliates", "Affiliates"),
    ("email", "Email"),
    ("creators", "Creators"),
    ("retail_media", "Retail media"),
]


def create(apps, schema_editor):
    channel = apps.get_model("campaigns", "Channel")
    for position, (key, name) in enumerate(CHANNELS):
        channel.objects.get_or_create(key=key, defaults={"name": name, "position": position})


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
