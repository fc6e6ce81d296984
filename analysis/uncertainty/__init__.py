"""Designs of sweeps, their results, and what a sweep says about what is not known."""

from analysis.uncertainty.design import Design, Stop, problem, scenario_of, values_of
from analysis.uncertainty.design_file import read_design

__all__ = ["Design", "Stop", "problem", "read_design", "scenario_of", "values_of"]
