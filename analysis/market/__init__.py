"""The market panel: load, check, derive, impute."""
