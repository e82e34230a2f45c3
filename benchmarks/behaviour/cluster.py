"""Tilth on Spark: the same questions of the same workspace, its files read by two executors of a core each, processes of their own.

python -m behaviour.cluster <folder>
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from behaviour.measure import timed, told
from behaviour.ours import questions, workspace

ASKED = ("funnel", "funnel_by", "retention", "lifecycle", "sessions")


def session() -> Any:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local-cluster[2,1,4096]").appName("tilth-bench").config("spark.driver.memory", "2g")
    quiet = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "OFF", "spark.sql.shuffle.partitions": "4"}
    for name, value in (quiet | {"spark.executorEnv.TILTH_HOME": os.environ.get("TILTH_HOME", "")}).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def stages(spark: Any) -> dict[int, tuple[int, int]]:
    """Return of every stage so far the milliseconds that its tasks ran, and those spent on dealing rows out: all of one that writes them for others,
    of one that reads them the waiting.
    """
    jvm = spark.sparkContext._jvm
    store, nothing = spark.sparkContext._jsc.sc().statusStore(), jvm.java.util.ArrayList()
    listed = store.stageList(nothing, False, False, spark.sparkContext._gateway.new_array(jvm.double, 0), nothing)
    found = {}
    for place in range(listed.size()):
        stage = listed.apply(place)
        ran = stage.executorRunTime()
        found[stage.stageId()] = (ran, ran if stage.shuffleWriteBytes() else stage.shuffleFetchWaitTime())
    return found


def ask(folder: Path) -> None:
    """Ask every question of :data:`ASKED`."""
    from importlib.metadata import version

    spark = session()
    asked = questions(workspace(folder).events(engine="spark"))
    found = {}
    for name in ASKED:
        before = set(stages(spark))
        found[name] = timed(asked[name])
        mine = [told for stage, told in stages(spark).items() if stage not in before]
        found[name]["dealing"] = sum(dealt for _ran, dealt in mine) / sum(ran for ran, _dealt in mine)
    told(version=f"Spark {version('pyspark')}", rows=found)
    spark.stop()


if __name__ == "__main__":
    ask(Path(sys.argv[1]))
