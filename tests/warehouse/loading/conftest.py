"""The language of messages that tests look at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tilth.language import using


@pytest.fixture
def english() -> Iterator[None]:
    """Read messages in English."""
    with using("en"):
        yield
