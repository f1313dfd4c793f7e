"""Lint policies: rules of good policies, each with a code, a page and a test."""
