"""Share what many tests need: the kinds and the library, read once."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings

from ledgers.kinds import Kind, load_kinds
from policies.load import Library, load_library, shipped_packs

# The gate tries the same examples every time and makes none smaller; `--hypothesis-profile ci` goes looking for new ones.
settings.register_profile("fixed", derandomize=True, deadline=None, phases=(Phase.explicit, Phase.generate))
settings.register_profile("ci", derandomize=False, print_blob=True, deadline=None)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def kinds() -> dict[str, Kind]:
    return load_kinds()


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library([name for name in shipped_packs() if name != "core"])
