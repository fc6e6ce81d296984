"""Candidate reserve formulas, one file each, and the law they come from."""

from analysis.rules.article_175 import Accrual, Article175, accrue
from analysis.rules.custom_formula import custom
from analysis.rules.formula import Formula, Reference, maximum, total
from analysis.rules.selection import candidates, catalogue, load_formula, securities_reserve

__all__ = [
    "Accrual",
    "Article175",
    "Formula",
    "Reference",
    "accrue",
    "candidates",
    "catalogue",
    "custom",
    "load_formula",
    "maximum",
    "securities_reserve",
    "total",
]
