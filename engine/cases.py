"""Follow the case of each refund."""

from __future__ import annotations


def follow_cases(con, plans, intake, as_of):
    return {}, None
