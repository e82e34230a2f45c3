"""Accounts need no facts: the workspaces of these tests have empty folders."""

import pytest

from tilth.warehouse.workspace import Workspace as Facts


@pytest.fixture(scope="session")
def demo_facts(tmp_path_factory):
    return Facts.create(tmp_path_factory.mktemp("facts") / "none").root


@pytest.fixture(autouse=True)
def fresh(settings):
    """Counts of tries and kept tokens of one test are nothing to the next; hashing a password need not take a second here."""
    from django.core.cache import cache

    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
