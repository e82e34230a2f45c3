"""init, load, quarantine and reload, backup, restore, upgrade, report and doctor: run for real, with their exit codes and their JSON."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.real_data import real


def test_init_makes_a_workspace_once(tilth, tmp_path) -> None:
    made = tilth("-w", tmp_path / "w", "init", "--tz", "Europe/Berlin", "--currency", "eur", "--week-start", "sunday", "--json")
    assert made.json == {
        "ok": True, "command": "init", "workspace": str(tmp_path / "w"), "tz": "Europe/Berlin", "currency": "EUR", "week_start": "sunday",
    }  # fmt: skip
    again = tilth("-w", tmp_path / "w", "init")
    assert again.code == 1
    assert "already" in again.err


def test_the_workspace_may_be_named_before_or_after_the_command_or_by_the_environment(tilth, shop, monkeypatch) -> None:
    asked = ["funnel", "view", "--json"]
    before = tilth("-w", shop, *asked).json
    assert tilth(*asked, "-w", shop).json == before
    monkeypatch.setenv("TILTH_WORKSPACE", str(shop))
    assert tilth(*asked).json == before


def test_without_a_workspace_the_way_on_is_said(tilth, tmp_path) -> None:
    ran = tilth("-w", tmp_path / "nowhere", "funnel", "view")
    assert ran.code == 1
    assert "tilth init" in ran.err
    assert "tilth demo" in ran.err


def test_load_shows_what_it_understood_and_asks_only_a_terminal(tilth, tmp_path, events) -> None:
    tilth("-w", tmp_path / "w", "init")
    mapped = ["load", events, "--map", "person=who", "--map", "time=at", "--map", "event=what"]
    shown = tilth("-w", tmp_path / "w", *mapped, "--preview")
    assert shown.code == 0
    assert "events" in shown.out
    assert "2025-01-01 08:00:00+08:00" in shown.out
    unanswered = tilth("-w", tmp_path / "w", *mapped)
    assert unanswered.code == 2
    assert "--yes" in unanswered.err
    loaded = tilth("-w", tmp_path / "w", *mapped, "--yes", "--save-template", "till", "--json").json["loads"][0]
    assert (loaded["table"], loaded["rows"], loaded["accepted"], loaded["quarantined"]) == ("events", 9, 9, 0)
    assert loaded["mapping"]["fields"]["time"]["kind"] == "iso"  # told from the values
    twice = tilth("-w", tmp_path / "w", "load", events, "--yes", "--json").json["loads"][0]
    assert (twice["already"], twice["repeated"], twice["template"]) == (True, 9, "till")  # the template recognised the file


def test_load_takes_constants_keys_and_how_the_file_is_written(tilth, tmp_path) -> None:
    tilth("-w", tmp_path / "w", "init")
    file = tmp_path / "plain.txt"
    file.write_bytes("甲;2025-01-01;7\n乙;2025-01-02;8\n".encode("gbk"))
    ran = tilth(
        "-w", tmp_path / "w", "load", file, "--yes", "--json", "--table", "events", "--encoding", "gb18030", "--delimiter", ";", "--no-header",
        "--map", "person=column_1", "--map", "time=column_2:iso", "--set", "event=visit", "--key", "column_3", "--source-tz", "UTC",
    )  # fmt: skip
    assert ran.json["loads"][0]["accepted"] == 2
    assert tilth("-w", tmp_path / "w", "people", "funnel", "visit", "--json").json["people"] == ["乙", "甲"]  # in the order of their ids


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["load"], 2, "--reload"),
        (["load", "nowhere.csv", "--yes"], 1, "nowhere.csv"),
        (["load", "EVENTS", "--yes", "--map", "person=whoo"], 1, "'who'"),
        (["load", "EVENTS", "--yes", "--map", "persn=who"], 1, "'person'"),
        (["load", "EVENTS", "--yes", "--map", "person"], 1, "--map"),
        (["load", "EVENTS", "--yes", "--set", "event"], 1, "--set"),
        (["load", "EVENTS", "--yes", "--template", "nobody"], 1, "nobody"),
        (["load", "sqlite:///x.db", "--yes"], 1, "--query"),
    ],
)
def test_load_says_what_cannot_be_used(tilth, tmp_path, events, args, code, says) -> None:
    tilth("-w", tmp_path / "w", "init")
    ran = tilth("-w", tmp_path / "w", *[str(events) if arg == "EVENTS" else arg for arg in args])
    assert ran.code == code
    assert says in ran.err


def test_load_reads_a_database(tilth, tmp_path) -> None:
    import sqlite3

    base = tmp_path / "shop.db"
    with sqlite3.connect(base) as connection:
        connection.execute("CREATE TABLE acts (user_id TEXT, event_time TEXT, event TEXT)")
        connection.executemany("INSERT INTO acts VALUES (?, ?, 'view')", [("a", "2025-01-01 08:00:00"), ("b", "2025-01-02 08:00:00")])
    tilth("-w", tmp_path / "w", "init")
    ran = tilth("-w", tmp_path / "w", "load", f"sqlite:///{base}", "--query", "acts", "--table", "events", "--yes", "--json")
    assert ran.json["loads"][0]["accepted"] == 2


def test_broken_rows_go_out_to_be_mended_and_come_back_once(tilth, shop, tmp_path) -> None:
    faults = tmp_path / "faults.csv"
    out = tilth("-w", shop, "load", "--quarantine", faults, "--json")
    assert (out.code, out.json["quarantine"]["rows"]) == (0, 2)
    with faults.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["tilth_row"] for row in rows] == ["2", "3"]
    rows[0]["who"] = "f"
    with faults.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    first, second = (tilth("-w", shop, "load", "--reload", faults, "--json") for _ in range(2))
    assert (first.code, first.json["reload"]["accepted"]) == (3, 1)  # the other row is still broken
    assert (second.code, second.json["reload"]["accepted"], second.json["reload"]["repeated"]) == (3, 0, 1)
    assert tilth("-w", shop, "people", "funnel", "view", "--json").json["count"] == 5


def test_a_backup_restores_to_the_same_answers(tilth, shop, tmp_path) -> None:
    archive = tmp_path / "kept.zip"
    assert tilth("-w", shop, "backup", archive, "--json").json["versions"]["events"] >= 1
    assert tilth("restore", "--check", archive, "--json").json["whole"] is True
    restored = tilth("-w", tmp_path / "again", "restore", archive, "--json")
    assert restored.json["rows"]["events"] == 10
    asked = ["funnel", "view", "pay", "--json"]
    assert tilth("-w", tmp_path / "again", *asked).json["rows"] == tilth("-w", shop, *asked).json["rows"]
    onto = tilth("-w", shop, "restore", archive)
    assert onto.code == 1  # never over something
    archive.write_bytes(archive.read_bytes()[:-400])
    assert tilth("restore", "--check", archive).code == 1


def test_upgrade_of_a_workspace_of_today_does_nothing(tilth, shop) -> None:
    assert tilth("-w", shop, "upgrade", "--json").json["versions"] == []


def test_a_report_is_one_page_in_the_language_asked_for(tilth, shop, tmp_path) -> None:
    page = tmp_path / "page.html"
    ran = tilth("-w", shop, "report", "--out", page, "--json", "--lang", "zh")
    assert ran.json["file"] == str(page)
    html = page.read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in html
    assert "shop增长报告" in html
    assert "漏斗：view → cart → pay" in html  # the steps are found by the usual names
    assert "留存" in html
    own = tilth("-w", shop, "report", "--out", page, "--step", "view::Look", "--step", "pay", "--by", "none", "--start", "view", "--title", "Mine")
    assert own.code == 0
    assert "Funnel: Look → pay" in page.read_text(encoding="utf-8")


def test_a_report_on_nothing_says_so(tilth, tmp_path) -> None:
    tilth("-w", tmp_path / "w", "init")
    ran = tilth("-w", tmp_path / "w", "report")
    assert ran.code == 1
    assert "load" in ran.err


def test_doctor_finds_what_waits_in_quarantine(tilth, shop, tmp_path) -> None:
    ran = tilth("-w", shop, "doctor", "--json")
    states = {finding["check"]: finding["state"] for finding in ran.json["findings"]}
    assert (ran.code, ran.json["healthy"]) == (3, False)
    assert states["quarantine"] == "fault"
    assert states["kernels"] == states["workspace"] == states["home"] == "ok"
    tilth("-w", tmp_path / "clean", "init")
    assert tilth("-w", tmp_path / "clean", "doctor").code == 0


def test_a_damaged_workspace_is_a_finding_and_no_crash(tilth, shop) -> None:
    (shop / "workspace.toml").write_text("version = ", encoding="utf-8")
    ran = tilth("-w", shop, "doctor", "--json")
    assert ran.code == 3
    assert any("workspace.toml" in finding["text"] for finding in ran.json["findings"] if finding["state"] == "fault")


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process alone on Windows")
def test_ctrl_c_leaves_the_table_as_it_was(tilth, tmp_path) -> None:
    folder, big = tmp_path / "w", tmp_path / "big.csv"
    tilth("-w", folder, "init")
    with big.open("w", encoding="utf-8") as stream:
        stream.write("user_id,ts,event\n")
        for start in range(0, 3_000_000, 10_000):
            stream.writelines(f"u{i % 9973},{1735689600 + i},view\n" for i in range(start, start + 10_000))
    command = [
        sys.executable,
        "-c",
        "from tilth.cli.main import main; main()",
        "-w",
        str(folder),
        "load",
        str(big),
        "--yes",
        "--table",
        "events",
        "--lang",
        "en",
    ]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    table = folder / "tables" / "events"
    deadline = time.monotonic() + 60
    while not any(table.rglob("*.parquet")) and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _out, err = running.communicate(timeout=60)
    if running.returncode == 0:
        pytest.skip("the load was over before it could be cancelled")
    assert running.returncode == 130
    assert "Cancelled" in err
    assert "Traceback" not in err
    status = tilth("-w", folder, "doctor", "--json").json
    assert any("no rows" in finding["text"] for finding in status["findings"])


def test_the_figures_of_the_real_files_come_out_of_the_terminal(tilth, tmp_path) -> None:
    tilth("-w", tmp_path / "w", "init")
    loaded = tilth("-w", tmp_path / "w", "load", real("cdnow_sample.csv"), "--yes", "--json")
    assert loaded.json["loads"][0]["accepted"] == 6919
    assert tilth("-w", tmp_path / "w", "rfm", "--json").json["people"] <= 2357  # who never paid anything has no score
    taobao = tilth("-w", tmp_path / "w", "load", real("taobao_behavior.csv"), "--yes", "--json").json["loads"][0]
    assert (taobao["table"], taobao["accepted"]) == ("events", 4321)


def test_the_demo_brand_is_built_once_and_kept(tilth, tmp_path, monkeypatch) -> None:
    from tilth.engine import home

    monkeypatch.setenv("TILTH_HOME", str(tmp_path / "home"))
    home.home.cache_clear()
    try:
        built = tilth("demo", "--people", "300", "--json").json
        again = tilth("demo", "--json").json
        assert (built["built"], again["built"]) == (True, False)
        assert built["rows"] == again["rows"]
        assert built["quarantined"] > 0
        asked = tilth("funnel", "view_goods", "add_to_cart", "pay", "--demo", "--json").json["rows"]
        assert asked[0]["people"] > asked[1]["people"] > asked[2]["people"] > 0
        page = Path(tilth("report", "--demo", "--json", "--lang", "zh").json["file"])
        assert "禾间生活增长报告" in page.read_text(encoding="utf-8")
        assert "浏览商品 → 加入购物车 → 提交订单 → 支付" in page.read_text(encoding="utf-8")
        anew = tilth("demo", "--rebuild", "--people", "200", "--seed", "3", "--end", "2024-12-31", "--json").json
        assert anew["rows"]["people"] == 200
    finally:
        home.home.cache_clear()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "code", "rows"), [("y\n", 0, "9"), ("n\n", 130, "no rows")])
def test_on_a_terminal_it_asks_and_does_as_told(tilth, tmp_path, events, answer, code, rows) -> None:
    import pty

    folder = tmp_path / "w"
    tilth("-w", folder, "init")
    command = ["-w", str(folder), "load", str(events), "--lang", "en", "--map", "person=who", "--map", "time=at", "--map", "event=what"]
    try:
        outside, inside = pty.openpty()
    except OSError:
        pytest.skip("this machine has no pseudo-terminals")
    ran = subprocess.Popen([sys.executable, "-c", "from tilth.cli.main import main; main()", *command], stdin=inside, stdout=inside, stderr=inside)
    os.close(inside)
    os.write(outside, answer.encode())
    shown = b""
    while True:
        try:
            part = os.read(outside, 65536)
        except OSError:  # the other side is closed: all was read
            break
        if not part:
            break
        shown += part
    os.close(outside)
    assert ran.wait(timeout=60) == code, shown.decode()
    assert "Load it like this?" in shown.decode()
    status = tilth("-w", folder, "doctor", "--json").json["findings"]
    assert any(f"events {rows}" in one["text"] or rows in one["text"] for one in status if one["check"] == "workspace")
