"""Commands and options whose help is in the language in use, and the options that every command has.

Help is kept as English message ids and translated when it is shown, because ``--lang`` on the same command line decides the language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from tilth import language
from tilth.cli.session import Session
from tilth.language import N_, _


class Option(click.Option):
    """An option whose help and metavar are message ids."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option's line of help, translated."""
        kept = self.help, self.metavar
        self.help, self.metavar = _(self.help) if self.help else self.help, _(self.metavar) if self.metavar else self.metavar
        try:
            return super().get_help_record(ctx)
        finally:
            self.help, self.metavar = kept


class Argument(click.Argument):
    """An argument whose metavar is a message id."""

    def make_metavar(self, ctx: click.Context) -> str:
        """Return what stands for the argument in the usage line, translated."""
        kept = self.metavar
        self.metavar = _(self.metavar) if self.metavar else self.metavar
        try:
            return super().make_metavar(ctx)
        finally:
            self.metavar = kept


class _Worded(click.Command):
    """A command whose help and epilog are message ids."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence of the help, translated."""
        text = (_(self.help) if self.help else "").partition("\n")[0]
        return text.partition("。")[0] if "。" in text else text.rstrip(".")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help, translated."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_(self.help) if self.help else "")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they stand: a line each."""
        if self.epilog:
            formatter.write_paragraph()
            with formatter.section(_("Examples")), formatter.indentation():
                formatter.write("".join(f"{' ' * formatter.current_indent}{line}\n" for line in self.epilog.splitlines()))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help`` with its help translated."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = _("Show this help and exit.")
        return found

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line."""
        heading = _("Usage") + ": "
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), heading)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, those of the command first."""
        options = (parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option))
        records = [record for one in options if (record := one.get_help_record(ctx)) is not None]
        with formatter.section(_("Options")):
            formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the parts of the usage line."""
        pieces = [_("[OPTIONS]")]
        for parameter in self.get_params(ctx):
            pieces += parameter.get_usage_pieces(ctx)
        return [*pieces, _("COMMAND [ARGS]…")] if isinstance(self, click.Group) else pieces


class Command(_Worded):
    """A command of the terminal."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the command line apart; what is left over is an error."""
        ctx.allow_extra_args = True
        rest = super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            ctx.fail(_("This command takes nothing more: {rest}.").format(rest=" ".join(ctx.args)))
        return rest


class Choice(click.Choice):
    """One of some words."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Return what to say about another word."""
        return _("{value} is none of these: {choices}.").format(value=repr(value), choices=", ".join(map(str, self.choices)))


class Group(_Worded, click.Group):
    """A command with commands of its own."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with a line each."""
        rows = [(name, found.get_short_help_str()) for name in self.list_commands(ctx) if (found := self.get_command(ctx, name)) is not None]
        with formatter.section(_("Commands")):
            formatter.write_dl(rows)


def option(*names: str, help: str, **settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a command an option; `help` is a message id."""
    return click.option(*names, cls=Option, help=help, **settings)


def argument(name: str, metavar: str, **settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a command an argument; `metavar` is a message id."""
    return click.argument(name, cls=Argument, metavar=metavar, **settings)


def command(name: str, help: str, examples: str = "", workspace: bool = True) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator that makes a command; it takes the session first, then its own options.

    Parameters
    ----------
    name : str
    help : str
        A message id.
    examples : str
        Command lines, one a line.
    workspace : bool
        Whether the command works on a workspace and takes ``--workspace``.
    """

    def made(function: Callable[..., Any]) -> click.Command:
        decorated: Callable[..., Any] = click.pass_obj(function)
        shared = everywhere(workspace)
        for give in reversed(shared):
            decorated = give(decorated)
        found = click.command(name, cls=Command, help=help, epilog=examples, context_settings={"help_option_names": ["-h", "--help"]})(decorated)
        found.params = [*found.params[len(shared) :], *found.params[: len(shared)]]  # help lists a command's own options first
        return found

    return made


def everywhere(workspace: bool) -> Sequence[Callable[[Callable[..., Any]], Callable[..., Any]]]:
    """Return the decorators that give a command the options that every command has."""
    place = click.Path(path_type=Path, file_okay=False)
    given: list[Callable[[Callable[..., Any]], Callable[..., Any]]] = []
    if workspace:
        given.append(
            option(
                "-w",
                "--workspace",
                type=place,
                metavar=N_("FOLDER"),
                expose_value=False,
                callback=_keep("workspace"),
                help=N_("The workspace's folder; else TILTH_WORKSPACE, else 'main' in Tilth's data folder."),
            )
        )
    return [
        *given,
        option("--json", is_flag=True, expose_value=False, callback=_keep("json"), help=N_("Print one JSON document and nothing else.")),
        option(
            "--lang",
            type=Choice(["zh", "en"]),
            expose_value=False,
            is_eager=True,
            callback=_speak,
            help=N_("Language of what is printed; else TILTH_LANG, else Chinese."),
        ),
        option("--debug", is_flag=True, expose_value=False, callback=_keep("debug"), help=N_("Show the trace of an error.")),
    ]


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Return a callback that notes an option in the session when it was given; it may stand before or after the command's name."""

    def note(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
        session = ctx.ensure_object(Session)
        if value not in (None, False):
            setattr(session, name, value)

    return note


def _speak(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        language.use(value)
