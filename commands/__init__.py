"""Hold the groups of commands; `cli` puts them together."""
