"""Know the kinds of ledger and bring files and tables into them: typed rows that know where they came from.

Policies are unknown here.
"""
