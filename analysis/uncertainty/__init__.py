"""Designs of sweeps, their results, and what a sweep says about what is not known."""
