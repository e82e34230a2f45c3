"""Running a page's shell commands: by bash, or, if a block holds plain ``tilth`` commands only, by calling the same command line here.

A new process spends a second or two on imports, which over all pages would be minutes; the READMEs' tours are run by bash, as a reader does.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

SIGNS = re.compile(r"[&;<>`$*()]|\|\|")  # what only a shell understands
PIPE = re.compile(r"\s+\|\s+(head|tail) -(\d+)$")


def by_bash(text: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Return the exit code and the output of a script."""
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        ["bash", "-e", "-c", text],
        cwd=folder,
        env={**os.environ, **environment, "PATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


def here(text: str, environment: dict[str, str]) -> tuple[int, str] | None:
    """Return the exit code and the output of ``tilth`` commands run in this process and folder; None when the script holds anything else."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("#", "export "))]
    plain = [PIPE.sub("", line) for line in lines]
    if not all(line.startswith("tilth ") and not SIGNS.search(line) for line in plain):
        return None
    printed, code = "", 0
    for line, command in zip(lines, plain, strict=True):
        code, output = _command(shlex.split(command)[1:], environment)
        cut = PIPE.search(line)
        if cut is not None:
            kept = output.splitlines(keepends=True)
            output = "".join(kept[: int(cut[2])] if cut[1] == "head" else kept[-int(cut[2]) :])
            code = 0
        printed += output
        if code != 0:
            break
    return code, printed


def _command(arguments: list[str], environment: dict[str, str]) -> tuple[int, str]:
    from tilth.cli.main import main

    out = io.StringIO()
    with _environment(environment), redirect_stdout(out), redirect_stderr(out):
        code = main(arguments, standalone_mode=False)
    return code, out.getvalue()


@contextmanager
def _environment(given: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
