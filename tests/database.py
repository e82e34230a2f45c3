"""A test database that is there at once: migrations run when they changed, and their outcome is kept as a file for the next run."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest


def _digest() -> str:
    """Of every migration of the installed apps: path, size and time of change."""
    from django.apps import apps

    told = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda app: app.name):
        for file in sorted(Path(app.path).glob("migrations/*.py")):
            stat = file.stat()
            told.update(f"{file} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return told.hexdigest()[:16]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """Make the test database: on SQLite from the kept file, elsewhere by the migrations."""
    from django.conf import settings
    from django.db import connections
    from django.test.utils import setup_databases, teardown_databases

    database = settings.DATABASES["default"]
    kept = None
    if "sqlite3" in database["ENGINE"]:
        kept = Path(tempfile.gettempdir()) / f"tilth-migrated-{os.getuid()}-{_digest()}.sqlite3"
        name = str(Path(os.environ["TILTH_HOME"]) / "tests.sqlite3")
        connections["default"].settings_dict["TEST"]["NAME"] = name
        quick = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
        connections["default"].settings_dict["OPTIONS"]["init_command"] = quick
        if kept.exists():
            shutil.copyfile(kept, name)
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=(), keepdb=kept is not None and kept.exists())
        if kept is not None and not kept.exists():
            aside = kept.with_suffix(f".{os.getpid()}")
            connections["default"].close()
            shutil.copyfile(connections["default"].settings_dict["NAME"], aside)
            aside.replace(kept)
        _keep_what_migrations_wrote()
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


def _keep_what_migrations_wrote() -> None:
    """Have every flush, with which a test outside of a transaction ends, followed by the rows that migrations wrote.

    The roots of Wagtail's trees are such rows, and so are permissions; without them every later test of the process that makes an image fails.
    """
    from django.apps import apps
    from django.db import connection, transaction
    from django.db.models.signals import post_migrate

    quoted = connection.ops.quote_name
    written = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"SELECT * FROM {quoted(table)}")
            written[table] = [column[0] for column in cursor.description], cursor.fetchall()

    def restore(**told: object) -> None:
        if "plan" in told:  # migrations ran: nothing was flushed
            return
        with transaction.atomic(), connection.cursor() as cursor:
            for table in written:
                cursor.execute(f"DELETE FROM {quoted(table)}")
            for table, (columns, rows) in written.items():
                names, places = ", ".join(map(quoted, columns)), ", ".join(["%s"] * len(columns))
                if rows:
                    cursor.executemany(f"INSERT INTO {quoted(table)} ({names}) VALUES ({places})", rows)

    last = [app for app in apps.get_app_configs() if app.models_module][-1]
    post_migrate.connect(restore, sender=last, weak=False)
