"""The known data sets: each module here with a SET is one. Those that ship with the package come first."""

import pkgutil
from importlib import import_module

_modules = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
_sets = [module.SET for module in _modules if hasattr(module, "SET")]
KNOWN = {
    known.name: known for known in sorted(_sets, key=lambda known: (known.shipped is None, known.kind, known.name))
}
