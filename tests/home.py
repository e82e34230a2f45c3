"""Tests have a data folder of their own, so that none touches the user's; compiled kernels are shared with it, because compiling takes long."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tilth.engine import home

_kernels = home.kernel_cache()
_own = Path(tempfile.mkdtemp(prefix="tilth-tests-"))
(_own / "cache").mkdir()
(_own / "cache" / "kernels").symlink_to(_kernels)
os.environ["TILTH_HOME"] = str(_own)
home.home.cache_clear()
atexit.register(shutil.rmtree, _own, ignore_errors=True)
