"""``tilth``: finds a command, runs it, and answers for what went wrong.

Commands are imported when they are called, and what they need when they run, so that help and completion come at once. Exit codes: 0 done,
1 the input cannot be used, 2 wrong usage, 3 something was found that wants a look (quarantined rows, a doctor's finding), 4 a fault of
Tilth's own, 130 cancelled.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from tilth import __version__, language
from tilth.cli import output, phrases
from tilth.cli.command import Group, everywhere
from tilth.cli.session import BROKEN, CANCELLED, FAULT, OK, USAGE, Session
from tilth.errors import TilthError, nearest
from tilth.language import N_, _

COMMANDS = (
    *("init", "demo", "load", "undo", "events", "funnel", "retention", "rfm", "people", "person", "report"),
    *("lifecycle", "stickiness", "frequency", "sessions", "intervals"),
    *("paths", "touchpoints", "activation", "index"),
    *(
        "serve",
        "worker",
        "collect",
        "keys",
        "accounts",
        "secrets",
        "settings",
        "backup",
        "restore",
        "move-database",
        "upgrade",
        "doctor",
        "completion",
    ),
)


class Tilth(Group):
    """The root of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they are usually needed."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing it."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"tilth.cli.{cmd_name.replace('-', '_')}").command
        return found

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, standalone_mode: bool = True, **extra: Any) -> Any:  # type: ignore[override]
        """Run a command line; exits with its code, or returns it unless `standalone_mode`."""
        given = list(sys.argv[1:] if args is None else args)
        session = Session(json="--json" in given, debug="--debug" in given)
        with language.using(_language_of(given) or language.current()):
            phrases.use()
            code = self._answered(given, prog_name or "tilth", session, extra)
        if standalone_mode:
            sys.exit(code)
        return code

    def _answered(self, given: list[str], name: str, session: Session, extra: dict[str, Any]) -> int:
        """Run a command line and return its exit code; whatever goes wrong is said in a line or two."""
        try:
            return super().main(args=given, prog_name=name, standalone_mode=False, obj=session, **extra) or OK
        except click.exceptions.Exit as left:
            return left.exit_code
        except (click.Abort, KeyboardInterrupt) as left:
            output.failure(session, "Cancelled", str(left) or _("Cancelled; nothing was changed."), CANCELLED)
            return CANCELLED
        except click.exceptions.NoArgsIsHelpError as asked:
            click.echo(asked.format_message(), err=True)
            return USAGE
        except click.UsageError as fault:
            output.failure(session, "Usage", _usage(fault), USAGE)
            return USAGE
        except click.ClickException as fault:
            output.failure(session, type(fault).__name__, fault.format_message(), FAULT)
            return FAULT
        except TilthError as fault:
            if session.debug:
                raise
            facts = {k: v for k, v in vars(fault).items() if not k.startswith("_")}
            output.failure(session, type(fault).__name__, str(fault), FAULT, facts)
            return FAULT
        except OSError as fault:
            if session.debug:
                raise
            where = f"{fault.filename}: " if fault.filename else ""
            output.failure(session, type(fault).__name__, where + (fault.strerror or str(fault)), FAULT)
            return FAULT
        except Exception as fault:
            if session.debug:
                raise
            text = _("A fault of Tilth's own: {fault}. Run it again with --debug and report what it prints.")
            output.failure(session, type(fault).__name__, text.format(fault=f"{type(fault).__name__}: {fault}"), BROKEN)
            return BROKEN


def _usage(fault: click.UsageError) -> str:
    message = fault.format_message()
    if isinstance(fault, click.NoSuchOption):
        message = _("No such option {name!r}.").format(name=fault.option_name)
    elif isinstance(fault, click.NoSuchCommand):
        message = _("No such command {name!r}.").format(name=fault.command_name)
    near = nearest(fault.command_name, COMMANDS) if isinstance(fault, click.NoSuchCommand) else getattr(fault, "possibilities", None)
    if near:
        message += " " + _("Did you mean {names}?").format(names=", ".join(near))
    if fault.ctx is None:
        return message
    return message + "\n" + _("'{command} --help' shows what there is.").format(command=fault.ctx.command_path)


def _language_of(given: list[str]) -> str | None:
    """Return the language that the arguments ask for; it has to be known before ``--help`` is answered, wherever it stands."""
    for place, text in enumerate(given):
        if text == "--lang" and place + 1 < len(given) and given[place + 1] in ("zh", "en"):
            return given[place + 1]
        if text in ("--lang=zh", "--lang=en"):
            return text[7:]
    return None


def _version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"tilth {__version__}")
        ctx.exit()


def _root() -> Tilth:
    def nothing(**_given: Any) -> None:
        """Commands do the work."""

    from tilth.cli.command import option

    decorated: Any = option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help=N_("Show the version and exit."))(
        nothing
    )
    for give in reversed(everywhere(workspace=True)):
        decorated = give(decorated)
    made: Tilth = click.command(
        "tilth",
        cls=Tilth,
        help=N_("Growth operations in one house: load facts, ask funnels, retention and RFM, see who is behind every figure."),
        epilog=("tilth demo\ntilth report --demo\ntilth funnel view buy --within 3d --file events.csv --person user_id --time ts --event event"),
        context_settings={"help_option_names": ["-h", "--help"]},
    )(decorated)
    return made


main = _root()

if __name__ == "__main__":
    main()
