"""Candidate reserve formulas, one file each, and the law they come from."""
