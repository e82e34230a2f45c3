"""Write docs/reference/cli.md and cli.en.md from the commands' own help.

With ``--check`` nothing is written: exits 1, naming them, if a page is not what the commands say now. A test does the same.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tilth.cli import main as cli
from tilth.cli import phrases
from tilth.language import _, using

PAGES = {"zh": "cli.md", "en": "cli.en.md"}
HELP = ["-h", "--help"]
FOLDER = Path(__file__).parent.parent / "docs" / "reference"

INTRODUCTION = {
    "zh": """# 命令行

本页由命令自己的帮助生成（`tools/cli_reference.py`），一条测试保证两者一致。

每个命令都是一个库函数的薄壳。输出默认中文，`--lang en` 或 `TILTH_LANG=en` 换成英文。

**退出码**

| 码 | 意思 |
|---|---|
| 0 | 做完了 |
| 1 | 给的数据或参数用不了；信息里说明哪里不对、怎样改 |
| 2 | 命令写法不对 |
| 3 | 做完了，但有东西要看：有行被隔离，或 `doctor` 发现要修的 |
| 4 | Tilth 自己出了错 |
| 130 | 被取消（Ctrl-C），什么也没有改动 |

**`--json`** 在标准输出上只写一个 JSON 文档。做成时有 `"ok": true` 和 `"command"`；出错时是
`{"ok": false, "error": {"kind": …, "message": …, "facts": …}, "exit_code": …}`。时间是 ISO 8601，没有的值是 `null`。

**步骤的写法**（`funnel`、`retention`、`people`、`report`）

| 写法 | 意思 |
|---|---|
| `view` | 这个事件 |
| `'view|search'` | 其中任一个 |
| `'pay[channel=douyin]'` | 只要满足条件的；`'[city=上海|杭州,channel=douyin]'` 要都满足 |
| `'pay[value>=100]'` | 按数值比较：`>` `>=` `<` `<=`；不等于：`!=` |
| `first:pay` | 只要每人在全部数据里的第一次 |
| `'add_to_cart?'` 或 `optional:add_to_cart` | 漏斗里可以不做的一步 |
| `pay::支付` | 给这一步一个名称 |
| `'refund@1-2'` | 仅用于 `--exclude`：只看第 1 步与第 2 步之间 |
| `'why\\?'` | 反斜杠使后面的符号按原样理解 |

""",
    "en": """# Command line

This page is made from the commands' own help by `tools/cli_reference.py`; a test holds the two together.

Every command is the thin twin of a library call. Output is Chinese by default; `--lang en` or `TILTH_LANG=en` makes it English.

**Exit codes**

| code | meaning |
|---|---|
| 0 | done |
| 1 | the data or an argument cannot be used; the message says what is wrong and how to mend it |
| 2 | the command line is not written right |
| 3 | done, but something wants a look: rows were quarantined, or `doctor` found something to mend |
| 4 | a fault of Tilth's own |
| 130 | cancelled by Ctrl-C; nothing was changed |

**`--json`** writes one JSON document to standard output and nothing else. What went well has `"ok": true` and `"command"`; an error is
`{"ok": false, "error": {"kind": …, "message": …, "facts": …}, "exit_code": …}`. Times are ISO 8601, a value that is not there is `null`.

**How steps are written** (`funnel`, `retention`, `people`, `report`)

| written | means |
|---|---|
| `view` | this event |
| `'view|search'` | any of them |
| `'pay[channel=douyin]'` | only where the condition holds; of `'[city=上海|杭州,channel=douyin]'` all must |
| `'pay[value>=100]'` | compares as a number: `>` `>=` `<` `<=`; other than: `!=` |
| `first:pay` | only a person's first in all the data |
| `'add_to_cart?'` or `optional:add_to_cart` | a funnel's chain may leave it out |
| `pay::Paid` | gives the step a label |
| `'refund@1-2'` | for `--exclude` only: between steps 1 and 2 |
| `'why\\?'` | a backslash takes the sign after it literally |

""",
}


def page(language: str) -> str:
    """Return the page in a language."""
    with using(language):
        phrases.use()
        return INTRODUCTION[language].replace("|search'", "\\|search'").replace("上海|杭州", "上海\\|杭州") + "\n".join(_commands())


def _commands() -> Iterator[str]:
    root = click.Context(cli.main, info_name="tilth", help_option_names=HELP)
    yield from _described(cli.main, root, 2)


def _described(command: click.Command, context: click.Context, level: int) -> Iterator[str]:
    """Yield a command's section and those of its own commands."""
    yield f"{'#' * level} {context.command_path}\n"
    if command.help:
        yield _(command.help) + "\n"
    yield f"```text\n{context.command_path} {' '.join(command.collect_usage_pieces(context))}\n```\n"
    rows = [record for one in command.get_params(context) if isinstance(one, click.Option) and (record := one.get_help_record(context))]
    names = _("Options")
    yield f"| {names} | |\n|---|---|"
    yield "\n".join(f"| `{_cell(name)}` | {_cell(text)} |" for name, text in rows) + "\n"
    if command.epilog:
        yield f"```sh\n{command.epilog}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _described(
                inner,
                click.Context(inner, parent=context, info_name=name, help_option_names=HELP),
                level + 1 if level > 2 else 3 if command is not cli.main else 2,
            )


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def main() -> int:
    """Write the pages, or check them."""
    stale = []
    for language, name in PAGES.items():
        file, text = FOLDER / name, page(language)
        if "--check" not in sys.argv[1:]:
            FOLDER.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(f"docs/reference/{name} is not what the commands say: run python tools/cli_reference.py")
    print("\n".join(stale) or "cli reference: complete")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
