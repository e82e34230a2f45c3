"""A real Spark for tests: a master and two executors, each a process of its own, that run the same Python.

Tests that take the fixture ``spark`` get its session. They are skipped, saying so, where there is no Java.
"""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start a cluster, give its session, stop it."""
    if shutil.which("java") is None:
        pytest.skip("no Java runtime is installed (Debian: apt-get install default-jre-headless)")
    session = _started(tmp_path_factory.mktemp("spark"))
    yield session
    session.stop()


def _started(folder: Path) -> Any:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local-cluster[2,1,2048]").appName("tilth-tests")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
        "spark.sql.shuffle.partitions": "3",
        "spark.local.dir": str(folder),
        "spark.worker.dir": str(folder),
        "spark.executorEnv.TILTH_HOME": os.environ.get("TILTH_HOME", ""),
        "spark.executorEnv.PYTHONPATH": str(ROOT),
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as fault:  # a cluster of processes now and then does not find itself when it starts
        warnings.warn(f"Spark did not start and is tried once more: {fault}", stacklevel=1)
        return builder.getOrCreate()
