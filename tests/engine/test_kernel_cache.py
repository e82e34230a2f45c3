"""What is compiled is kept for the next process, whoever else compiles at the time."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOY = """
from tilth.engine.kernels import kernel

@kernel
def total(values):
    found = values[0]
    for value in values[1:]:
        found += value
    return found
"""
ASK = """
import sys, time
import numpy as np
from numba.core.caching import IndexDataCacheFile

listed = IndexDataCacheFile._save_index
def late(self, overloads):  # another process comes between the list and what it lists
    time.sleep(float(sys.argv[2]))
    listed(self, overloads)
    time.sleep(float(sys.argv[3]))
import toy
IndexDataCacheFile._save_index = late
print(float(toy.total(np.array([2, 3, 4], sys.argv[1]))), sum(toy.total.stats.cache_hits.values()))
"""


def test_two_processes_that_compile_one_kernel_at_once_do_not_mix_up_their_code(tmp_path):
    (tmp_path / "toy.py").write_text(TOY)
    environment = {**os.environ, "TILTH_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(tmp_path)])}

    def started(kind, before="0", after="0"):
        return subprocess.Popen(
            [sys.executable, "-c", ASK, kind, before, after], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    both = [started("int64", "1", "4"), started("float64", "2", "0")]
    assert [one.communicate()[0].strip() for one in both] == ["9.0 0"] * 2
    later = [started(kind).communicate()[0].strip() for kind in ("int64", "float64", "int64", "float64")]
    assert later[2:] == ["9.0 1"] * 2, "what one of them lost the next one keeps"
    assert {one.split()[0] for one in later} == {"9.0"}
