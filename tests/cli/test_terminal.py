"""The terminal as a whole: help in both languages, its reference page, quick start, completion, faults of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tilth.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]
HEAVY = ("pandas", "numba", "numpy", "pyarrow", "duckdb", "deltalake", "ibis", "rich")


def python(code: str, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=120, env=env, encoding="utf-8")


def all_commands() -> list[list[str]]:
    context = click.Context(main)
    found: list[list[str]] = []
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        found.append([name])
        if isinstance(command, click.Group):
            found += [[name, inner] for inner in command.commands]
    return found


def test_the_reference_is_what_the_commands_say() -> None:
    ran = subprocess.run([sys.executable, ROOT / "tools" / "cli_reference.py", "--check"], capture_output=True, text=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", all_commands(), ids=" ".join)
def test_every_command_and_option_has_help_in_both_languages(tilth, path, language) -> None:
    ran = tilth(*path, "--help", "--lang", language)
    assert ran.code == 0
    context = click.Context(main)
    command = main.get_command(context, path[0])
    for inner in path[1:]:
        command = command.get_command(context, inner)
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.name
            assert option.opts[0] in ran.out
    chinese = any("一" <= sign <= "鿿" for sign in ran.out)
    assert chinese == (language == "zh")
    for option in ("--json", "--lang", "--debug"):
        assert option in ran.out


@pytest.mark.parametrize("args", [["--help"], ["funnel", "--help"], ["load", "--help"], ["completion", "bash"], ["--version"]])
def test_help_and_completion_import_nothing_heavy(args) -> None:
    code = (
        "import sys, atexit, json\n"
        f"atexit.register(lambda: print('HEAVY', json.dumps([m for m in {HEAVY!r} if m in sys.modules])))\n"
        "from tilth.cli.main import main\nmain(sys.argv[1:])"
    )
    ran = python(code, *args)
    assert json.loads(ran.stdout.rpartition("HEAVY")[2]) == []


def test_the_exit_code_reaches_the_shell_and_json_stays_alone(tmp_path) -> None:
    data = tmp_path / "e.csv"
    data.write_text("user_id,ts,event\na,2025-01-01,view\n", encoding="utf-8")
    code = "from tilth.cli.main import main; main()"
    good = python(code, "funnel", "view", "--file", str(data), "--json")
    bad = python(code, "funnel", "buy", "--file", str(data), "--json")
    assert (good.returncode, json.loads(good.stdout)["rows"][0]["people"]) == (0, 1)
    assert (bad.returncode, json.loads(bad.stdout)["error"]["kind"]) == (1, "UnknownEvent")


def test_chinese_is_the_default_and_the_environment_chooses(tmp_path) -> None:
    code = "from tilth.cli.main import main; main()"
    environment = {"TILTH_LANG": "", "LANG": "en_US.UTF-8", "PYTHONUTF8": "1"}
    assert "选项" in python(code, "--help", **environment).stdout
    assert "Options" in python(code, "--help", **(environment | {"TILTH_LANG": "en"})).stdout
    assert "没有命令" in python(code, "fnnel", **environment).stderr
    assert "funnel" in python(code, "fnnel", **environment).stderr  # the nearest


def test_a_fault_of_our_own_says_so_and_shows_its_trace_only_when_asked(tilth, tmp_path, monkeypatch) -> None:
    from tilth.engine import sources

    def broken(*_args: object) -> None:
        raise RuntimeError("a wheel came off")

    data = tmp_path / "e.csv"
    data.write_text("user_id,ts,event\na,2025-01-01,view\n", encoding="utf-8")
    monkeypatch.setattr(sources.Source, "scan", broken)
    ran = tilth("funnel", "view", "--file", data)
    assert ran.code == 4
    assert "a wheel came off" in ran.err
    assert "Traceback" not in ran.err
    with pytest.raises(RuntimeError):
        tilth("funnel", "view", "--file", data, "--debug")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(tilth, shell) -> None:
    ran = tilth("completion", shell)
    assert ran.code == 0
    assert "_TILTH_COMPLETE" in ran.out
    assert tilth("completion", shell, "--json").json["script"] == ran.out.rstrip("\n")


def test_completion_offers_commands_and_options() -> None:
    code = "import sys; sys.argv[0] = 'tilth'\nfrom tilth.cli.main import main\nmain()"
    commands = python(code, _TILTH_COMPLETE="bash_complete", COMP_WORDS="tilth re", COMP_CWORD="1").stdout
    assert sorted(line.partition(",")[2] for line in commands.splitlines()) == sorted(name for name in COMMANDS if name.startswith("re"))
    options = python(code, _TILTH_COMPLETE="bash_complete", COMP_WORDS="tilth funnel --by", COMP_CWORD="2").stdout
    assert {"plain,--by", "plain,--by-touch"} <= set(options.splitlines())


def test_completion_offers_the_events_and_columns_that_a_source_was_asked_with(tmp_path) -> None:
    data = tmp_path / "e.csv"
    data.write_text("user_id,ts,event,channel\na,2025-01-01,view_home,x\na,2025-01-02,view_goods,x\na,2025-01-03,支付,x\n", encoding="utf-8")
    code = "import sys; sys.argv[0] = 'tilth'\nfrom tilth.cli.main import main\nmain()"
    environment = {"TILTH_HOME": str(tmp_path / "home")}

    def offered(words: str) -> set[str]:
        ran = python(code, _TILTH_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1), **environment)
        return {line.partition(",")[2] for line in ran.stdout.splitlines() if line}

    asked = f"tilth funnel --file {data}"
    assert offered(f"{asked} vi") == set()  # nothing was asked yet
    assert python("from tilth.cli.main import main; main()", "funnel", "view_home", "--file", str(data), **environment).returncode == 0
    assert offered(f"{asked} vi") == {"view_home", "view_goods"}
    assert offered(f"{asked} first:view_h") == {"first:view_home"}
    assert offered(f"{asked} 支") == {"支付"}
    assert offered(f"{asked} --by ch") == {"channel"}
