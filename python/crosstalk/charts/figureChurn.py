"""Policy churn and value churn over environment steps."""

from . import curve
from .figureReward import EPISODES
from .panel import value_scale

MEASURES = {"policy_churn": "policy churn (share of samples)", "value_churn": "value churn (units of reward)"}


def panels(tables, look):
    return curve.panels_of_curves(tables, look, MEASURES, EPISODES, value_scale)
