"""The figures as Markdown, in the documentation's two languages."""

from __future__ import annotations

import os
import platform
from datetime import date
from pathlib import Path
from typing import Any

from behaviour.verdict import LIMITS, Check, fastest, middle

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"

WORDS: dict[str, tuple[str, str]] = {
    "build": ("建索引", "Index made"),
    "take_in": ("并入 1% 的新事件", "1 % new events taken in"),
    "funnel": ("四步漏斗，7 天内", "Funnel of 4 steps within 7 days"),
    "funnel_by": ("同一漏斗，按渠道分", "The same by channel"),
    "funnel_where": ("同一漏斗，按属性筛选", "The same, filtered by a property"),
    "funnel_ever": ("四步漏斗，不限时间", "Funnel of 4 steps without a time limit"),
    "retention": ("周留存", "Weekly retention"),
    "lifecycle": ("生命周期，按天", "Lifecycle by day"),
    "stickiness": ("黏性，一周几天", "Stickiness, days of a week"),
    "sessions": ("会话，停顿 30 分钟", "Sessions, pause of 30 minutes"),
    "paths": ("路径，深度 5", "Paths of depth 5"),
    "bytes": ("索引每个事件的字节数（不含属性）", "Bytes of the index an event, without properties"),
    "megabytes": ("问漏斗的进程最多占用的内存，不含映射的文件（MB）", "Most memory of a process that asks a funnel, beyond mapped files (MB)"),
    "cold": ("新进程回答 100 万个事件的漏斗（秒）", "A new process answers a funnel over 1 M events (s)"),
    "property": ("属性第一次使用时读成一列", "A property read into a column when it is first used"),
    "events": ("事件：{events} 个。", "Events: {events}."),
    "question": ("问题", "Question"),
    "seconds": ("秒", "s"),
    "fastest": ("最快的对照", "Fastest peer"),
    "ratio": ("比值", "Ratio"),
    "figure": ("结果", "Figure"),
    "limit": ("上限", "At most"),
    "held": ("达到", "Held"),
    "yes": ("是", "yes"),
    "no": ("**否**", "**no**"),
    "times": ("倍数", "Times"),
    "spark": (
        "{version}，两个执行器各一个核，读同一工作区的文件，{events} 个事件；答案与本机相同。",
        "{version}, two executors of a core each, reading the files of the same workspace, {events} events; answers equal those of this machine.",
    ),
    "on_spark": ("在 Spark 上，秒", "On Spark, s"),
    "here": ("本机，秒", "Here, s"),
    "dealing": ("按人分发所占", "Of it dealing out people"),
    "only": ("只在 {events} 个事件上", "over {events} events only"),
}
NAMES = {"clickhouse": "ClickHouse", "duck": "DuckDB", "frames": "Polars", "eventstream": "Retentioneering"}


def said(key: str, language: int) -> str:
    return WORDS[key][language]


def row(*cells: Any) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def head(*cells: str) -> list[str]:
    return [row(*cells), row(":--", *("--:" for _cell in cells[1:]))]


def held(check: Check, language: int) -> str:
    return said("yes" if check.passed else "no", language)


def short(value: float) -> str:
    """Return a figure with three digits that count."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def against(found: list[Check], language: int) -> list[str]:
    columns = (f"Tilth, {said('seconds', language)}", said("fastest", language), said("seconds", language))
    lines = head(said("question", language), *columns, *(said(key, language) for key in ("ratio", "limit", "held")))
    for check in (one for one in found if one.theirs is not None):
        seconds = (short(check.ours or 0), NAMES[check.peer], short(check.theirs or 0))
        lines.append(row(said(check.what, language), *seconds, f"{check.figure:.2f}", check.limit, held(check, language)))
    return lines


def alone(found: list[Check], language: int) -> list[str]:
    lines = head("", *(said(key, language) for key in ("figure", "limit", "held")))
    singles = (one for one in found if one.theirs is None and not one.what.startswith("growth"))
    return [*lines, *(row(said(one.what, language), short(one.figure), one.limit, held(one, language)) for one in singles)]


def growth(found: list[Check], large: dict[str, Any], small: dict[str, Any], language: int) -> list[str]:
    sizes = (f"{small['events']:,}, {said('seconds', language)}", f"{large['events']:,}, {said('seconds', language)}")
    lines = head(said("question", language), *sizes, *(said(key, language) for key in ("times", "limit", "held")))
    for check in (one for one in found if one.what.startswith("growth")):
        name = check.what.removeprefix("growth ")
        seconds = (middle(side["build"] if name == "build" else side["rows"][name]) for side in (small, large))
        lines.append(row(said(name, language), *map(short, seconds), f"{check.figure:.1f}", check.limit, held(check, language)))
    return lines


def everybody(large: dict[str, Any], small: dict[str, Any], language: int) -> list[str]:
    """Return the seconds of every peer that can answer a question."""
    peers = list(large["peers"])
    lines = head(said("question", language), "Tilth", *(NAMES[peer] for peer in peers))
    for name in ("funnel_ever", *LIMITS):
        seconds = fastest(name, large["rows"], large["peers"])
        lines.append(row(said(name, language), short(middle(large["rows"][name])), *(short(seconds[p]) if p in seconds else "" for p in peers)))
    few = said("only", language).format(events=f"{small['events']:,}")
    seconds = fastest("funnel_ever", small["rows"], small["peers"])
    told = ", ".join(f"{NAMES[peer]} {short(taken)}" for peer, taken in seconds.items())
    lines += ["", f"- {said('funnel_ever', language)}, {few}: Tilth {short(middle(small['rows']['funnel_ever']))}, {told}."]
    return [*lines, f"- {said('property', language)}: Tilth {short(large['property'])}."]


def on_spark(small: dict[str, Any], language: int) -> list[str]:
    """Return what questions take on Spark, and what part of it goes into dealing out people."""
    lines = [said("spark", language).format(events=f"{small['events']:,}", version=small["spark"]["version"]), ""]
    lines += head(said("question", language), *(said(key, language) for key in ("on_spark", "here", "dealing")))
    for name, measured in small["spark"]["rows"].items():
        lines.append(row(said(name, language), short(middle(measured)), short(middle(small["rows"][name])), f"{measured['dealing']:.0%}"))
    return lines


def machine() -> str:
    """Return what the bench ran on."""
    about = Path("/proc/cpuinfo")
    model = (
        next((line.partition(":")[2].strip() for line in about.read_text().splitlines() if line.startswith("model name")), "")
        if about.exists()
        else ""
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model or platform.machine()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GB, {platform.system()} {platform.release()}"


def figures(found: list[Check], large: dict[str, Any], small: dict[str, Any], language: int) -> str:
    """Return all tables."""
    versions = ", ".join(told["version"] for told in (*large["peers"].values(), *small["peers"].values()))
    about = [f"{date.today():%Y-%m-%d}. {machine()}. Python {platform.python_version()}, {large['version']}; {versions}."]
    about.append(said("events", language).format(events=f"{large['events']:,}"))
    parts = (
        against(found, language),
        alone(found, language),
        growth(found, large, small, language),
        everybody(large, small, language),
        on_spark(small, language),
    )
    return "\n\n".join("\n".join(part) for part in (about, *parts))


def write(found: list[Check], large: dict[str, Any], small: dict[str, Any]) -> None:
    """Put the tables between their marks in the documentation."""
    for language, name in enumerate(("benchmarks.md", "benchmarks.en.md")):
        page = DOCS / name
        before, _mark, rest = page.read_text("utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        page.write_text(f"{before}{BEGIN}\n\n{figures(found, large, small, language)}\n\n{END}{after}", "utf-8")
