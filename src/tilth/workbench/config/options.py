"""The one settings file: ``tilth.toml`` in Tilth's data folder. Every option, what it means and its default stand here and nowhere else.

An environment variable ``TILTH_<SECTION>_<NAME>`` wins over the file. Secrets are not options: see :mod:`tilth.workbench.config.secrets`.
The reference page docs/reference/settings.md is made from this file.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from tilth.engine.home import home
from tilth.errors import InputError, UnknownName
from tilth.language import N_, _

FILE = "tilth.toml"


class BadSettings(InputError):
    """The settings file cannot be used."""


def option(default: Any, about: str) -> Any:
    """Return a dataclass field with its explanation."""
    made = {"default_factory": lambda: list(default)} if isinstance(default, list) else {"default": default}
    return field(metadata={"about": about}, **made)


@dataclass(frozen=True)
class Server:
    """Where the workbench listens and how it is reached."""

    host: str = option("127.0.0.1", N_("Address to listen on."))
    port: int = option(8000, N_("Port to listen on."))
    url: str = option("", N_("Address by which people reach it, such as https://tilth.example.com; for mails and links. Empty: the host and port."))
    names: list[str] = option([], N_("Host names it answers to, besides that of the address and localhost."))
    workers: int = option(1, N_("Processes that answer requests."))
    threads: int = option(4, N_("Threads in each process."))
    production: bool = option(False, N_("Only over HTTPS: secure cookies, HSTS, redirects from http. Set it wherever other machines reach it."))
    behind_proxy: bool = option(False, N_("Trust X-Forwarded-Proto and X-Forwarded-For of a reverse proxy in front of it."))


@dataclass(frozen=True)
class Database:
    """The control database: accounts, saved questions, jobs. Facts are not in it."""

    url: str = option("", N_("postgresql://user@host/name, the password in secrets/database or PGPASSWORD. Empty: SQLite in the data folder."))


@dataclass(frozen=True)
class Mail:
    """How mail is sent: invitations, scheduled dashboards."""

    host: str = option("", N_("SMTP host. Empty: no mail is sent, and invitations are one-time links."))
    port: int = option(587, N_("SMTP port."))
    user: str = option("", N_("SMTP user; the password lies in secrets/mail."))
    tls: bool = option(True, N_("STARTTLS."))
    sender: str = option("", N_("Address in From."))


@dataclass(frozen=True)
class SignIn:
    """How people sign in besides a password."""

    totp: str = option("offered", N_("Second factor by an authenticator app: offered or required."))
    wecom_client: str = option("", N_("企业微信: CorpID; its secret lies in secrets/wecom."))
    wecom_agent: str = option("", N_("企业微信: AgentID of the app."))
    feishu_client: str = option("", N_("飞书: App ID; its secret lies in secrets/feishu."))
    dingtalk_client: str = option("", N_("钉钉: AppKey; its secret lies in secrets/dingtalk."))
    failures: int = option(5, N_("Failed sign-ins of an account from an address before it waits."))
    wait_minutes: int = option(15, N_("How long it waits then."))
    session_hours: int = option(12, N_("How long a session lasts without a request."))

    def hosts(self) -> list[str]:
        """Return the hosts of the services by which people may sign in."""
        known = (self.wecom_client, "work.weixin.qq.com"), (self.feishu_client, "feishu.cn"), (self.dingtalk_client, "dingtalk.com")
        return [host for client, host in known if client]


@dataclass(frozen=True)
class Limits:
    """What a person may ask of the machine."""

    upload_mb: int = option(2048, N_("Largest file that can be uploaded, in MB."))
    chunk_mb: int = option(8, N_("Size of a piece of an upload, in MB."))
    unpacked_ratio: int = option(200, N_("How many times its size a compressed file may unpack to."))
    api_per_minute: int = option(600, N_("API requests a minute and key."))
    heavy_seconds: float = option(2.0, N_("A question that is expected to take longer runs as a job."))
    export_rows: int = option(1_000_000, N_("Most rows in one export."))
    cache_mb: int = option(512, N_("Disk space for kept answers, in MB."))
    workspaces_in_memory: int = option(4, N_("Workspaces whose events are kept in memory by a process."))


@dataclass(frozen=True)
class Data:
    """Where data may come from besides uploads."""

    folders: list[str] = option(
        [],
        N_("Folders that scheduled sources may read; {workspace} stands for a workspace's address. Empty: inbox/{workspace} in the data folder."),
    )


@dataclass(frozen=True)
class Collector:
    """Where live events arrive."""

    host: str = option("127.0.0.1", N_("Address to listen on."))
    port: int = option(0, N_("Port to listen on. 0: the one after the workbench's, 8001."))
    url: str = option("", N_("Address by which pages, apps and servers reach it, such as https://collect.example.com. Empty: the host and port."))
    processes: int = option(1, N_("Processes that take events."))
    hops: int = option(0, N_("Reverse proxies in front of it whose X-Forwarded-For is believed."))
    behind_mb: int = option(2048, N_("MB of a workspace that may wait to be loaded; beyond it clients are told to come again."))
    reserve_mb: int = option(256, N_("MB of the disk that stay free; a twentieth of a small disk."))
    patience: float = option(10.0, N_("Seconds that a request waits for room before it is told to come again."))


@dataclass(frozen=True)
class Worker:
    """Background work."""

    processes: int = option(1, N_("Worker processes; more than 1 needs PostgreSQL."))
    job_minutes: int = option(120, N_("Longest time of a job that does not say otherwise."))
    keep_days: int = option(30, N_("How long finished jobs are listed."))


@dataclass(frozen=True)
class Log:
    """What is written about its own work. Never personal data."""

    level: str = option("info", N_("debug, info, warning or error."))
    json: bool = option(False, N_("One JSON object a line, for log collectors."))


@dataclass(frozen=True)
class Options:
    """All sections."""

    server: Server = Server()
    database: Database = Database()
    mail: Mail = Mail()
    sign_in: SignIn = SignIn()
    limits: Limits = Limits()
    data: Data = Data()
    collector: Collector = Collector()
    worker: Worker = Worker()
    log: Log = Log()
    language: str = option("zh-hans", N_("Language where a person has chosen none: zh-hans or en."))
    tz: str = option("Asia/Shanghai", N_("Time zone of a new workspace."))


def collector_port(options: Options) -> int:
    """Return the port that the collector listens on."""
    return options.collector.port or options.server.port + 1


def collector_url(options: Options) -> str:
    """Return the address by which clients reach the collector, without a slash at its end."""
    return options.collector.url.rstrip("/") or f"http://{options.collector.host}:{collector_port(options)}"


SECTIONS: dict[str, Any] = {f.name: type(f.default) for f in fields(Options) if hasattr(f.default, "__dataclass_fields__")}


def read(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Options:
    """Return the options: defaults, then the file, then the environment.

    Raises
    ------
    BadSettings
        For a file that cannot be read, an unknown name (the nearest is given) or a value of another type.
    """
    path = path or place(environment)
    told = _told(path)
    known = {f.name for f in fields(Options)}
    for name in told:
        if name not in known:
            raise BadSettings(f"{path}: {UnknownName(_('setting'), name, sorted(known))}")
    sections = {name: _section(kind, name, told.get(name, {}), path, environment) for name, kind in SECTIONS.items()}
    plain = {
        f.name: _value(f, told.get(f.name), environment.get(f"TILTH_{f.name.upper()}"), f.name, path)
        for f in fields(Options)
        if f.name not in SECTIONS
    }
    return Options(**sections, **plain)


def place(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the settings file is, or would be."""
    return Path(environment.get("TILTH_SETTINGS", "") or home() / FILE)


@dataclass(frozen=True)
class Setting:
    """A setting in force: its name, its value as TOML writes it, and where it comes from: ``default``, ``file``, or the name of a variable."""

    name: str
    shown: str
    origin: str


def effective(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> list[Setting]:
    """Return all settings in force, in the order of the reference. A password in the database's URL is not shown."""
    path = path or place(environment)
    options, told, made = read(path, environment), _told(path), []
    for section, one in each():
        name = f"{section}.{one.name}" if section else one.name
        variable = f"TILTH_{name.replace('.', '_').upper()}"
        value = getattr(getattr(options, section) if section else options, one.name)
        there = told.get(section, {}) if section else told
        origin = variable if variable in environment else "file" if one.name in there else "default"
        made.append(Setting(name, _PASSWORD.sub("://\\1:…@", as_toml(value)), origin))
    return made


def each() -> list[tuple[str, Any]]:
    """Return every option with its section's name; an empty one for those that stand above all sections."""
    plain = [("", one) for one in fields(Options) if one.name not in SECTIONS]
    return plain + [(name, one) for name, kind in SECTIONS.items() for one in fields(kind)]


def default_of(one: Any) -> Any:
    """Return an option's default."""
    return one.default if one.default is not MISSING else one.default_factory()


def as_toml(value: Any) -> str:
    """Return a value as the settings file writes it.

    Examples
    --------
    >>> as_toml(True), as_toml(["a"]), as_toml(2.0), as_toml("x")
    ('true', '["a"]', '2.0', '"x"')
    """
    return json.dumps(value, ensure_ascii=False)


_PASSWORD = re.compile(r"://([^:@/]*):[^@/]*@")


def _told(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
        raise BadSettings(_("{path} cannot be read: {fault}").format(path=path, fault=fault)) from fault


def _section(kind: type, section: str, told: Any, path: Path, environment: Mapping[str, str]) -> Any:
    if not isinstance(told, dict):
        raise BadSettings(_("{path}: [{section}] is a section; write its settings below that heading.").format(path=path, section=section))
    known = {f.name: f for f in fields(kind)}
    for name in told:
        if name not in known:
            raise BadSettings(f"{path} [{section}]: {UnknownName(_('setting'), name, sorted(known))}")
    return kind(
        **{n: _value(f, told.get(n), environment.get(f"TILTH_{section.upper()}_{n.upper()}"), f"{section}.{n}", path) for n, f in known.items()}
    )


def _value(one: Any, told: Any, said: str | None, name: str, path: Path) -> Any:
    default = default_of(one)
    kind = type(default)
    if said is not None:
        try:
            return {bool: lambda text: {"1": True, "true": True, "0": False, "false": False}[text.lower()], list: lambda text: text.split(",")}.get(
                kind, kind
            )(said)
        except (ValueError, KeyError):
            raise BadSettings(
                _("{name} is {value} in the environment; it has to be of type {kind}.").format(name=name, value=repr(said), kind=kind.__name__)
            ) from None
    if told is None:
        return default
    if kind is float and isinstance(told, int) and not isinstance(told, bool):
        return float(told)
    if type(told) is not kind:
        problem = _("{path}: {name} is {value}; it has to be of type {kind}.")
        raise BadSettings(problem.format(path=path, name=name, value=repr(told), kind=kind.__name__))
    return told
