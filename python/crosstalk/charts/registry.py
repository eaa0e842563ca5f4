"""The figures that are drawn: each module here with a function `panels`, which makes panels of tables. The order of a report
is that of src/desk/figures/registry.cpp."""

import pkgutil
from importlib import import_module

_package = __name__.rpartition(".")[0]
_names = [module.name for module in pkgutil.iter_modules(import_module(_package).__path__) if module.name != "registry"]
_modules = {name: import_module(f"{_package}.{name}") for name in _names}
FIGURES = {name: module.panels for name, module in _modules.items() if hasattr(module, "panels")}
