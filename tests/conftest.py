"""Share what many tests need: the kinds and the library, read once."""

from __future__ import annotations

import pytest

from ledgers.kinds import Kind, load_kinds
from policies.load import Library, load_library, shipped_packs


@pytest.fixture(scope="session")
def kinds() -> dict[str, Kind]:
    return load_kinds()


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library([name for name in shipped_packs() if name != "core"])
