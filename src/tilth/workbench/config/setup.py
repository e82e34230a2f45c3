"""What an installation needs before it serves: tables, a workspace for each folder of facts, and an administrator."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from tilth.engine.home import home


@dataclass(frozen=True)
class Prepared:
    """What :func:`prepare` did.

    Attributes
    ----------
    administrator : str
        Mail address of the administrator that was made, or an empty text when there was one.
    password : str
        The generated password, to be shown once; it is stored nowhere.
    """

    administrator: str
    password: str


def start_django() -> None:
    """Load Django with the workbench's settings."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.workbench.config.settings")
    django.setup()


def prepare(administrator: str = "admin@localhost", demo: Path | None = None) -> Prepared:
    """Bring the control database up to date, register the workspaces of the data folder and make the administrator; each only where it is missing.

    Parameters
    ----------
    administrator : str
        Mail address of the administrator to make when there is no account at all.
    demo : Path, optional
        Which of the folders is the demo brand's.
    """
    from django.core.management import call_command
    from django.db import transaction

    from tilth.workbench.accounts.models import User
    from tilth.workbench.tenancy.models import SLUG, Membership, Workspace
    from tilth.workbench.tenancy.roles import Role

    call_command("migrate", interactive=False, verbosity=0)
    made = password = ""
    with transaction.atomic():
        if not User.objects.exists():
            made, password = administrator, secrets.token_urlsafe(12)
            User.objects.create_superuser(administrator, password, name="管理员")
        for file in sorted((home() / "workspaces").glob("*/workspace.toml")):
            if SLUG.fullmatch(file.parent.name):  # other names cannot be addresses
                register(file.parent, is_demo=file.parent == demo)
        for user in User.objects.filter(is_staff=True):
            for workspace in Workspace.objects.filter(memberships=None):
                Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    return Prepared(made, password)


def register(folder: Path, *, name: str = "", is_demo: bool = False) -> None:
    """Make a workspace of a folder of facts, unless there is one; its name is that of the folder, or the demo brand's."""
    from tilth.warehouse.demo.names import BRAND
    from tilth.warehouse.workspace import Workspace as Facts
    from tilth.workbench.tenancy.models import Workspace

    if folder.parent != home() / "workspaces":
        raise ValueError(f"{folder} does not lie in {home() / 'workspaces'}")
    facts = Facts.open(folder)
    label = name or (BRAND if is_demo else folder.name)
    Workspace.objects.get_or_create(
        slug=folder.name,
        defaults={"name": label, "tz": facts.tz, "currency": facts.currency, "week_start": facts.week_start, "is_demo": is_demo},
    )
