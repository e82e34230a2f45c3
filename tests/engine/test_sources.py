"""Every kind of source gives the same answer. The expectation: two of three people buy, worked out from the nine rows below by eye."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tilth as tl
from tilth.engine.sources import SourceError, open_source
from tilth.engine.timeline import UnreadableTime
from tilth.errors import UnknownColumn
from tilth.language import using

ROWS = {
    "user_id": ["007", "007", "7", "7", "8", "007", "8", None, "7"],
    "ts": [100, 160, 100, 90, 50, 170, 40, 60, None],
    "event": ["view", "buy", "view", "buy", "view", "view", "view", "buy", "buy"],
    "value": [1.0, 2.5, None, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
}
FUNNEL = [3, 1]  # 007: view, buy; 7: buy before view, and a buy without a time; 8: views; a buy of nobody


def people(source, **columns):
    funnel = tl.Events(source, **columns).funnel(["view", "buy"], within="1h")
    assert funnel.left_out == 2
    return funnel.frame["people"].tolist()


@pytest.fixture
def frame():
    return pd.DataFrame(ROWS)


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda f: f, id="pandas"),
        pytest.param(lambda f: f.assign(user_id=f["user_id"].astype("category"), event=f["event"].astype("string")), id="pandas categories"),
        pytest.param(lambda f: pl.DataFrame(ROWS), id="polars"),
        pytest.param(lambda f: pl.LazyFrame(ROWS), id="polars lazy"),
        pytest.param(lambda f: pa.table(ROWS), id="arrow"),
        pytest.param(lambda f: pa.table(ROWS).to_reader(), id="arrow stream"),
        pytest.param(lambda f: ROWS, id="dict"),
        pytest.param(lambda f: duckdb.connect().from_df(f), id="duckdb"),
        pytest.param(lambda f: ibis.memtable(f), id="ibis"),
    ],
)
def test_frames_and_relations(frame, made):
    assert people(made(frame)) == FUNNEL


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".tsv", ".jsonl", ".jsonl.gz", ".parquet"])
def test_files(frame, tmp_path, ending):
    path = tmp_path / f"events{ending}"
    opened = gzip.open if ending.endswith(".gz") else open
    if ending == ".parquet":
        pq.write_table(pa.table(ROWS), path)
    else:
        text = frame.to_json(orient="records", lines=True) if "json" in ending else frame.to_csv(index=False, sep="\t" if "tsv" in ending else ",")
        with opened(path, "wt", encoding="utf-8") as out:
            out.write(text)
    assert people(path) == FUNNEL
    assert people(str(path)) == FUNNEL


def test_a_glob_is_read_in_the_order_of_its_names(frame, tmp_path):
    frame.iloc[:4].to_csv(tmp_path / "1.csv", index=False)
    frame.iloc[4:].to_csv(tmp_path / "2.csv", index=False)
    assert people(tmp_path / "*.csv") == FUNNEL
    assert tl.Events(tmp_path / "*.csv").history.timeline.rows.tolist() == [0, 1, 5, 3, 2, 6, 4]


@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs a Java runtime")
def test_a_spark_data_frame():
    """In a process of its own: a Spark session would stay for all other tests."""
    code = f"""
import warnings; warnings.simplefilter("ignore")
from pyspark.sql import SparkSession
import pandas as pd, tilth as tl
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
rows = spark.createDataFrame(list(zip(*{[ROWS[k] for k in ("user_id", "ts", "event")]!r})), "user_id string, ts long, event string")
print("people", tl.Events(rows).funnel(["view", "buy"], within="1h").frame["people"].tolist())
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, env={**os.environ, "PYSPARK_PYTHON": sys.executable}
    )
    assert f"people {FUNNEL}" in run.stdout, run.stderr[-2000:]


@pytest.mark.parametrize(
    "times",
    [
        pd.to_datetime(["2024-01-01 08:00", "2024-01-01 09:00"]),
        pd.to_datetime(["2024-01-01 00:00Z", "2024-01-01 01:00Z"]),
        ["2024-01-01 08:00:00", "2024-01-01T09:00:00.000"],
        ["2024-01-01T00:00:00Z", "2024-01-01T09:00:00+08:00"],
        [1704067200, 1704070800],
        [1704067200000, 1704070800000],
        ["1704067200", "1704070800000"],
        [1704067200.0, 1704070800.0],
        np.array(["2024-01-01T08:00", "2024-01-01T09:00"], "datetime64[ns]"),
    ],
    ids=["wall clock", "instants", "ISO text", "ISO text with offsets", "seconds", "milliseconds", "numbers as text", "floats", "numpy"],
)
def test_times_of_every_kind_are_the_same_instants(times):
    """08:00 in Shanghai on New Year's day 2024 is 1,704,067,200 seconds after 1970 (UTC+8 all year)."""
    frame = pd.DataFrame({"user_id": ["a", "a"], "ts": times, "event": ["x", "y"]})
    assert tl.Events(frame).timeline.times.tolist() == [1704067200_000000, 1704070800_000000]


def test_days_written_as_whole_numbers_are_days():
    frame = pd.DataFrame({"user_id": ["a", "a"], "ts": [19970131, 19970201], "event": ["x", "x"]})
    assert np.diff(tl.Events(frame).timeline.times).tolist() == [86_400_000_000]
    as_text = frame.assign(ts=frame["ts"].astype(str))
    assert tl.Events(as_text).timeline.times.tolist() == tl.Events(frame).timeline.times.tolist()


def test_people_whose_ids_are_numbers_with_gaps_keep_whole_ids():
    frame = pd.DataFrame({"user_id": [17850, None, 13047], "ts": [1, 2, 3], "event": ["x"] * 3})
    assert list(tl.Events(frame).people()) == [17850, 13047]


def test_errors_say_what_and_where(tmp_path):
    with using("en"):
        with pytest.raises(SourceError, match=r"no file 'nowhere.csv'"):
            tl.Events("nowhere.csv")
        with pytest.raises(SourceError, match=r"builtins.int"):
            open_source(5)
        with pytest.raises(UnknownColumn, match="'user_id'"):
            tl.Events(ROWS, person="userid")
        with pytest.raises(UnreadableTime, match=r"Column ts, row 2: 'soon'"):
            tl.Events({"user_id": ["a", "a"], "ts": ["2024-01-01", "soon"], "event": ["x", "x"]}).people()
        (tmp_path / "a.docx").write_bytes(b"x")
        with pytest.raises(SourceError, match="tilth load"):
            tl.Events(tmp_path / "a.docx")


def test_optional_packages_are_not_imported_for_others():
    """Asking a funnel of a file imports none of the parts that other sources need."""
    code = (
        "import sys, tilth as tl\n"
        f"tl.Events({ROWS!r}).funnel(['view', 'buy']).frame\n"
        "print([name for name in ('ibis', 'polars', 'pyspark', 'deltalake', 'click', 'sqlalchemy') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_file_in_gbk_is_read_as_a_chinese_spreadsheet_saved_it(tmp_path):
    rows = "用户ID,时间,行为\n007,2024-01-05 08:00,浏览商品\n007,2024-01-05 09:00,付款\n7,2024-01-05 09:00,浏览商品\n"
    for name, packed in (("事件.csv", rows.encode("gbk")), ("事件.csv.gz", gzip.compress(rows.encode("gb18030")))):
        (tmp_path / name).write_bytes(packed)
        funnel = tl.Events(tmp_path / name, person="用户ID", time="时间", event="行为").funnel(["浏览商品", "付款"], within="1h")
        assert funnel.frame["people"].tolist() == [2, 1]
        assert list(funnel.people(step=2)) == ["007"]
