"""The digest that browsers compute of each piece, against Python's."""

import hashlib
import random
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

from tilth.workbench import data

SCRIPT = (Path(data.__file__).parent / "static" / "data" / "sha256.js").read_text("utf-8")


@pytest.mark.parametrize("length", [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 1000, 100_003])
def test_it_is_sha_256(length):
    content = random.Random(length).randbytes(length)
    racer = MiniRacer()
    racer.eval(SCRIPT)
    assert racer.eval(f"sha256(new Uint8Array([{','.join(map(str, content))}]).buffer)") == hashlib.sha256(content).hexdigest()
