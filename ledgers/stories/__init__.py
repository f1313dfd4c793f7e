"""Tell what happened to made-up persons and subjects: what is usual in a row, and stories that plant a fault or look like one.

A module for each family of ledgers. A fault names the policies that must find it; what they ask is unknown here, and a test
holds the two together.
"""

from __future__ import annotations

from ledgers.stories import aid, budgets, fees, funds, members, rectification, subsidies, welfare

_FAMILIES = (aid, budgets, subsidies, welfare, members, fees, funds, rectification)
SETTINGS = {kind: setting for family in _FAMILIES for kind, setting in family.SETTINGS.items()}
