"""Take away the pages, site, groups and workflow that Wagtail starts with: a workspace has a tree of its own, and roles instead of groups."""

from django.db import migrations


def clear(apps, schema_editor):
    apps.get_model("wagtailcore.Workflow").objects.all().delete()
    apps.get_model("wagtailcore.Task").objects.all().delete()
    apps.get_model("wagtailcore.Site").objects.all().delete()
    apps.get_model("shell.WorkspacePage").objects.filter(workspace=None).delete()
    apps.get_model("auth.Group").objects.filter(name__in=["Moderators", "Editors"]).delete()


class Migration(migrations.Migration):
    dependencies = [("shell", "0001_initial"), ("wagtailcore", "0098_apitoken")]

    operations = [migrations.RunPython(clear, migrations.RunPython.noop)]
