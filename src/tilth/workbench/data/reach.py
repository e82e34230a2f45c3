"""What a scheduled source may reach: folders that the administrator opened, and databases over the network, never the server's own disk or data.

An operator of one workspace must not read through a source what belongs to the server or to another workspace. So folders lie below listed roots, of
which the default is an inbox for each workspace; database files are refused; and an address names its host, user and password itself, because what it
leaves out a driver would fill in from the server's account.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.tenancy.models import Workspace

DRIVERS = {
    "postgresql": "psycopg",
    "postgresql+psycopg": "psycopg",
    "mysql+pymysql": "pymysql",
    "mariadb+pymysql": "pymysql",
    "mysql+mysqldb": "MySQLdb",
    "oracle+oracledb": "oracledb",
    "mssql+pymssql": "pymssql",
}
"""Kinds of databases, and the driver that each needs."""
PARAMETERS = ("sslmode", "charset", "connect_timeout", "application_name")
"""Parameters of an address that reach no file of the server."""


def roots(workspace: Workspace) -> list[Path]:
    """Return the folders below which a workspace's sources may lie; ``{workspace}`` in the setting stands for its address."""
    given = settings.OPTIONS.data.folders or [str(settings.HOME / "inbox" / "{workspace}")]
    return [Path(one.replace("{workspace}", workspace.slug)).expanduser().resolve() for one in given]


def folder(workspace: Workspace, text: str) -> Path:
    """Return a folder that a source may read; relative ones lie in the first root. InputError for any other place, or none."""
    allowed = roots(workspace)
    if len(allowed) and not allowed[0].exists() and not settings.OPTIONS.data.folders:
        allowed[0].mkdir(mode=0o700, parents=True)
    found = (allowed[0] / text.strip()).resolve()
    if not any(found == root or root in found.parents for root in allowed):
        problem = _("This folder is not among those that may be read: {folders}. The administrator can open others by data.folders.")
        raise InputError(problem.format(folders=", ".join(map(str, allowed))))
    if not found.is_dir():
        raise InputError(_("There is no folder {folder}.").format(folder=found))
    return found


def pattern(text: str) -> str:
    """Return a pattern of file names, as it is; InputError for one that leaves its folder."""
    text = text.strip() or "*"
    if text.startswith(("/", "~")) or ".." in Path(text).parts or "\\" in text:
        raise InputError(_("A pattern names files in the folder, such as orders_*.csv; it cannot lead out of it."))
    return text


def kinds() -> list[str]:
    """Return the kinds of databases whose drivers are installed."""
    return [kind for kind, driver in DRIVERS.items() if find_spec(driver) is not None]


def address(text: str) -> str:
    """Return a database's address that may be read; InputError for one that may not."""
    import sqlalchemy as sa

    try:
        found = sa.make_url(text.strip())
    except (sa.exc.ArgumentError, ValueError):
        raise InputError(_("This is no database address. Write it like postgresql://user:password@host/name.")) from None
    if found.drivername not in kinds():
        problem = _("Databases of the kind {kind} cannot be read here; those that can: {kinds}.")
        raise InputError(problem.format(kind=found.drivername, kinds=", ".join(kinds())))
    if not (found.host and found.username and found.password and found.database) or found.host.startswith(("/", "%2F", "@")):
        raise InputError(_("The address has to name the host, the user, the password and the database."))
    if odd := sorted(set(found.query) - set(PARAMETERS)):
        raise InputError(_("The address has parameters that are not allowed: {names}.").format(names=", ".join(odd)))
    own = settings.DATABASES["default"]
    if found.drivername.startswith("postgresql") and own["ENGINE"].endswith("postgresql") and found.database == own["NAME"]:
        raise InputError(_("This is the database of the workbench itself."))
    return found.render_as_string(hide_password=False)


def shown(text: str) -> str:
    """Return an address without its password."""
    import sqlalchemy as sa

    return sa.make_url(text).render_as_string(hide_password=True)
