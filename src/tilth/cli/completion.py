"""``tilth completion``: prints what makes a shell complete Tilth's commands."""

from __future__ import annotations

import click

from tilth.cli import output
from tilth.cli.command import Argument, Choice
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_


@make(
    "completion",
    help=N_("Print what makes a shell complete commands and options; put it where the shell reads it at its start."),
    examples=("tilth completion bash >> ~/.bashrc\ntilth completion zsh >> ~/.zshrc\ntilth completion fish > ~/.config/fish/completions/tilth.fish"),
    workspace=False,
)
@click.argument("shell", cls=Argument, type=Choice(["bash", "zsh", "fish"]), metavar="bash|zsh|fish")
def command(session: Session, shell: str) -> None:
    """Print the completion of a shell."""
    from click.shell_completion import get_completion_class

    from tilth.cli.main import main

    found = get_completion_class(shell)
    assert found is not None
    made = found(main, {}, "tilth", "_TILTH_COMPLETE")
    script = (made.source_template % made.source_vars()).strip("\n")  # source() would first ask the shell itself for its version
    if session.json:
        output.document("completion", {"shell": shell, "script": script})
        return
    click.echo(script)
