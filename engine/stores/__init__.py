"""Judge tables where they lie: the same plans, written for another engine; only findings come here."""
