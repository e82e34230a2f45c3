"""Write docs/reference/settings.md and settings.en.md from src/tilth/workbench/config/options.py.

With ``--check`` nothing is written: exits 1, naming them, if a page is not what the options say now. A test does the same.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tilth.language import _, using
from tilth.workbench.config import options

PAGES = {"zh": "settings.md", "en": "settings.en.md"}
FOLDER = Path(__file__).parent.parent / "docs" / "reference"
INTRODUCTION = {
    "zh": """# 设置

本页由 `src/tilth/workbench/config/options.py` 生成（`tools/settings_reference.py`），一条测试保证两者一致。

所有设置都在数据文件夹里的一个文件中：`tilth.toml`（`TILTH_SETTINGS` 可以指定另一个文件）。没有写的按默认值。环境变量 `TILTH_节_名称` 优先于文件，例如
`TILTH_SERVER_PORT=8080`；列表用逗号分隔。改动在重新启动后生效。`tilth settings` 显示正在生效的每项设置和它的来源。

密码不是设置，各在数据文件夹 `secrets/` 下的一个文件里：`mail`、`database`、`wecom`、`feishu`、`dingtalk`，以及 `/metrics` 的令牌 `metrics`。

```toml
tz = "Asia/Shanghai"

[server]
url = "https://tilth.example.com"
production = true
behind_proxy = true
```
""",
    "en": """# Settings

This page is made from `src/tilth/workbench/config/options.py` by `tools/settings_reference.py`; a test holds the two together.

All settings stand in one file of the data folder, `tilth.toml` (`TILTH_SETTINGS` names another). What is not written has its default. An environment
variable `TILTH_SECTION_NAME` wins over the file, such as `TILTH_SERVER_PORT=8080`; lists are separated by commas. A change holds after a restart.
`tilth settings` shows every setting in force and where it comes from.

Passwords are not settings. Each is a file below `secrets/` of the data folder: `mail`, `database`, `wecom`, `feishu`, `dingtalk`, and `metrics`, the
token for `/metrics`.

```toml
tz = "Asia/Shanghai"

[server]
url = "https://tilth.example.com"
production = true
behind_proxy = true
```
""",
}
HEADS = {"zh": ("设置", "默认值", "含义", "所有节之上"), "en": ("Setting", "Default", "Meaning", "Above all sections")}


def page(language: str) -> str:
    """Return the page in a language."""
    setting, default, meaning, above = HEADS[language]
    with using(language):
        parts, last = [INTRODUCTION[language]], None
        for section, one in options.each():
            if section != last:
                parts.append(f"\n## {f'`[{section}]`' if section else above}\n\n| {setting} | {default} | {meaning} |\n|---|---|---|\n")
                last = section
            shown = options.as_toml(options.default_of(one)).replace("|", "\\|")
            parts.append(f"| `{one.name}` | `{shown}` | {_(one.metadata['about']).replace('|', chr(92) + '|')} |\n")
    return "".join(parts)


def main() -> int:
    """Write the pages, or compare them."""
    stale = []
    for language, name in PAGES.items():
        file, text = FOLDER / name, page(language)
        if "--check" in sys.argv:
            if not file.exists() or file.read_text("utf-8") != text:
                stale.append(f"docs/reference/{name} is not what the options say: run python tools/settings_reference.py")
        else:
            file.write_text(text, "utf-8")
    print("\n".join(stale), end="\n" if stale else "")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
