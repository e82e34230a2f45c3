"""A test outside of a transaction leaves the database as migrations left it, so that no later test of the process misses anything."""

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from wagtail.models import Collection, Locale


@pytest.mark.django_db(transaction=True)
def test_what_migrations_wrote_is_there_again_after_a_flush():
    def there():
        return {model.__name__: set(model.objects.values_list("pk", flat=True)) for model in (Collection, Locale, Permission)}

    before = there()
    assert all(before.values())
    call_command("flush", interactive=False)
    assert there() == before
