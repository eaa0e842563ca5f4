"""Crosstalk measures interference and generalisation in supervised and in reinforcement learning.

On a network of your own:  crosstalk.gram(model, x)         docs/own-network.md
On a study's results:      crosstalk.load("results/...")    docs/python.md
"""

TYPE_CHECKING = False  # a type checker takes it for typing's, whose import costs more than the command's start
if TYPE_CHECKING:
    from crosstalk._cli import Error as Error
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
    from crosstalk.results.loading import load as load
    from crosstalk.results.results import Results as Results
    from crosstalk.results.running import run as run

# Each public name and the module that has it: loaded when the name is asked for, so that a child of the command, which
# asks for none, loads nothing.
_PUBLIC = {
    "Error": "crosstalk._cli",
    "Results": "crosstalk.results.results",
    "TraceError": "crosstalk.model.errors",
    "TraceWarning": "crosstalk.model.errors",
    "Watch": "crosstalk.model.watch",
    "churn": "crosstalk.model.units",
    "cross_gram": "crosstalk.model.contractions",
    "directional": "crosstalk.model.contractions",
    "dormant": "crosstalk.model.units",
    "gram": "crosstalk.model.contractions",
    "interference": "crosstalk.model.pairs",
    "load": "crosstalk.results.loading",
    "norms": "crosstalk.model.contractions",
    "ntk": "crosstalk.model.kernel",
    "per_sample": "crosstalk.model.contractions",
    "plan": "crosstalk.model.planning",
    "rank": "crosstalk.model.units",
    "run": "crosstalk.results.running",
    "spectrum": "crosstalk.model.pairs",
    "stiffness": "crosstalk.model.pairs",
    "td_terms": "crosstalk.model.td",
}


def __getattr__(name: str) -> object:
    if name == "__version__":  # as it was compiled
        from crosstalk._cli import version

        return version
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), "__version__", *_PUBLIC])
