"""Crosstalk measures interference and generalisation in supervised and in reinforcement learning.

On a network of your own:  crosstalk.gram(model, x, f), and what docs/python.md lists.
On a study's results:      crosstalk.load("results/...").
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crosstalk.model.contractions import cross_gram as cross_gram
    from crosstalk.model.contractions import directional as directional
    from crosstalk.model.contractions import gram as gram
    from crosstalk.model.contractions import norms as norms
    from crosstalk.model.contractions import per_sample as per_sample
    from crosstalk.model.errors import TraceError as TraceError
    from crosstalk.model.errors import TraceWarning as TraceWarning
    from crosstalk.model.kernel import ntk as ntk
    from crosstalk.model.pairs import interference as interference
    from crosstalk.model.pairs import spectrum as spectrum
    from crosstalk.model.pairs import stiffness as stiffness
    from crosstalk.model.planning import plan as plan
    from crosstalk.model.td import td_terms as td_terms
    from crosstalk.model.units import churn as churn
    from crosstalk.model.units import dormant as dormant
    from crosstalk.model.units import rank as rank
    from crosstalk.model.watch import Watch as Watch

# Where each public name is. They load torch or pandas, and are loaded when they are asked for: the command needs none.
_PLACES = {
    "gram": "model.contractions",
    "cross_gram": "model.contractions",
    "norms": "model.contractions",
    "directional": "model.contractions",
    "per_sample": "model.contractions",
    "ntk": "model.kernel",
    "td_terms": "model.td",
    "interference": "model.pairs",
    "stiffness": "model.pairs",
    "spectrum": "model.pairs",
    "rank": "model.units",
    "dormant": "model.units",
    "churn": "model.units",
    "plan": "model.planning",
    "Watch": "model.watch",
    "TraceError": "model.errors",
    "TraceWarning": "model.errors",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from crosstalk._cli import version

        return version
    if name in _PLACES:
        return getattr(import_module(f"crosstalk.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_PLACES, "__version__"])
