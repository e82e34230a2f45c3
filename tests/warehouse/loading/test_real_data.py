"""Public data loads as an operator would load it, nothing said beyond the file, and the published figures come out.

The figures are those of shared/data/README.md; orders per customer and the like are counted a second time with Python's csv module.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.real_data import real
from tests.warehouse.shop import stored

from tilth.warehouse.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop")


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") if path.suffix == ".gz" else path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def asked(workspace: Workspace, table: str, sql: str) -> list[object]:
    return list(workspace.relation(table).aggregate(sql).fetchall()[0])


def test_online_retail(workspace: Workspace) -> None:
    path = real("online_retail.csv.gz")
    load = workspace.load(path)
    assert (load.table, load.rows, load.accepted, load.quarantined) == ("orders", 541_909, 541_909, 0)
    figures = 'count(DISTINCT "order"), count(DISTINCT person), count(*) FILTER (person IS NULL), sum(amount), sum(quantity)'
    invoices, customers, anonymous, amount, quantity = asked(workspace, "orders", figures)
    assert (invoices, customers, anonymous) == (25_900, 4_372, 135_080)
    assert round(Decimal(str(amount)), 2) == Decimal("9747747.93")
    again = list(rows_of(path))
    assert quantity == sum(int(row["Quantity"]) for row in again)
    cancelled = asked(workspace, "orders", 'count(DISTINCT "order") FILTER ("order" LIKE \'C%\' AND amount <= 0)')
    assert cancelled == [len({row["InvoiceNo"] for row in again if row["InvoiceNo"].startswith("C")})]
    assert stored(workspace, "orders").column("Country").to_pylist()[-1] == again[-1]["Country"]
    assert workspace.load(path).already


def test_taobao(workspace: Workspace) -> None:
    load = workspace.load(real("taobao_behavior.csv"))
    assert (load.table, load.accepted, load.quarantined) == ("events", 4_321, 0)
    rows = stored(workspace)
    assert len(set(rows.column("person").to_pylist())) == 43
    assert Counter(rows.column("event").to_pylist()) == {"pv": 3_926, "cart": 190, "fav": 128, "buy": 77}
    assert int(rows.column("time").to_pylist()[0].timestamp()) == 1_511_544_070
    assert workspace.events().funnel(["pv", "cart", "buy"], within="3d").frame["people"].tolist()[0] == 43


def test_higgs(workspace: Workspace) -> None:
    path = real("higgs_activity.csv.gz")
    load = workspace.load(path)
    assert (load.table, load.accepted, load.quarantined) == ("events", 563_069, 0)
    expected = Counter(row["interaction"] for row in rows_of(path))
    assert Counter(stored(workspace).column("event").to_pylist()) == expected
    assert set(expected) == {"RT", "MT", "RE"}


def test_cdnow(workspace: Workspace) -> None:
    load = workspace.load(real("cdnow_master.csv"))
    assert (load.table, load.accepted, load.quarantined) == ("orders", 69_659, 0)
    figures = asked(workspace, "orders", 'count(DISTINCT person), sum(amount), count(DISTINCT "order"), min(month), max(month)')
    assert figures == [23_570, Decimal("2500315.6300"), 69_659, "1997-01", "1998-06"]


def test_tmall(workspace: Workspace) -> None:
    path = real("tmall_orders_zh.csv")
    load = workspace.load(path)
    assert (load.table, load.accepted, load.quarantined) == ("orders", 28_010, 0)
    refunds = [Decimal(row["退款金额"]) for row in rows_of(path) if Decimal(row["退款金额"])]
    figures = asked(
        workspace, "orders", "count(*), count(DISTINCT \"order\"), count(*) FILTER (status = 'refunded'), sum(amount) FILTER (status = 'refunded')"
    )
    assert figures == [28_010 + len(refunds), 28_010, len(refunds), -sum(refunds)]
    days = asked(workspace, "orders", "min(time AT TIME ZONE 'Asia/Shanghai')::DATE::VARCHAR, max(time AT TIME ZONE 'Asia/Shanghai')::DATE::VARCHAR")
    assert days == ["2020-02-01", "2020-02-29"]


BROKEN = {
    "higgs_activity.csv.gz": [b"1,2,not a time,RT", b"1,2,3,4,5", b"", b"7", b",2,1341100972,RE", b"1,2,1341100972,"],
    "online_retail.csv.gz": [
        b"1,A,x,many,2010-12-01 08:26:00,1,1,UK",
        b"1,A,x,1,2010-13-01 08:26:00,1,1,UK",
        b",A,x,1,2010-12-01 08:26:00,1,1,UK",
        b"short",
    ],
    "tmall_orders_zh.csv": [
        "1,2,3,上海,某天,,0".encode(),
        "9,1,免费,上海,2020-02-21 00:00:00,,0".encode(),
        b'9,"1,2,x,2020-02-21 00:00:00,,0',
        b"\xff\xfe,1",
    ],
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_rows_appended_to_a_copy_land_in_quarantine_and_only_they(name: str, tmp_path: Path, workspace: Workspace) -> None:
    path = real(name)
    whole = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    lines = whole.rstrip(b"\r\n").split(b"\n")
    good = lines[1:2000]
    broken = BROKEN[name]
    copy = tmp_path / "copy.csv"
    copy.write_bytes(b"\n".join([lines[0], *good, *broken, *good]) + b"\n")
    load = workspace.load(copy)
    bad = [line for line in broken if line]  # a blank line is no row
    assert (load.accepted, load.quarantined) == (2 * len(good), len(bad))
    quarantine = workspace.quarantine()
    assert quarantine["row"].tolist() == [len(good) + 1 + n for n in range(len(bad))]
    assert (quarantine["reason"].str.len() > 5).all()
