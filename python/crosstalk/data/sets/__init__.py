"""The known data sets: each module here with a SET is one."""

import pkgutil
from importlib import import_module

_modules = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
KNOWN = {module.SET.name: module.SET for module in _modules if hasattr(module, "SET")}
