"""Know policies, packs, parameters and the register of source documents. Ledger files and SQL engines are unknown here."""
