"""Write a report in one format a module: `write(report, out)`. What was found is decided before; here it gets its form."""
