"""Which class a rule file's `formula` names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from analysis.rules.article_175 import Article175
from analysis.rules.custody_share import CustodyShare
from analysis.rules.fee_fund import FeeFund
from analysis.rules.fiea_turnover import FieaTurnover
from analysis.rules.formula import Formula
from analysis.rules.k_factors import KFactors
from analysis.rules.loss_quantile import LossQuantile
from analysis.rules.operational_risk import OperationalRisk
from analysis.rules.own_funds import OwnFunds
from analysis.rules.pooled_fund import PooledFund
from analysis.rules.size_custody_record import SizeCustodyRecord
from analysis.rules.volume_tiers import VolumeTiers

FORMULAS: Mapping[str, type[Formula]] = {
    "fiea_turnover": FieaTurnover,
    "volume_tiers": VolumeTiers,
    "custody_share": CustodyShare,
    "own_funds": OwnFunds,
    "k_factors": KFactors,
    "operational_risk": OperationalRisk,
    "size_custody_record": SizeCustodyRecord,
    "fee_fund": FeeFund,
    "loss_quantile": LossQuantile,
    "pooled_fund": PooledFund,
}
# Rules that need a base that exchanges do not have: law to compare with, no candidates.
OTHER_RULES: Mapping[str, type[Any]] = {"article_175": Article175}


def parameter_names(formula: str) -> tuple[str, ...]:
    """Names of the parameters of a formula, in the order of its class."""
    general = {field.name for field in fields(Formula)}
    rule = {**FORMULAS, **OTHER_RULES}[formula]
    return tuple(field.name for field in fields(rule) if field.name not in general)
