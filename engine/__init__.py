"""Judge typed ledgers by policies: conditions, verdicts, findings, reports. The command line is unknown here."""

VERSION = "0.1.0"
