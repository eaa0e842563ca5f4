"""In the child: source files into one converted file."""

from crosstalk.data.own import OWN
from crosstalk.data.sets import KNOWN


def perform(request):
    source = KNOWN.get(request["set"]) or OWN[request["set"]]
    source.convert(request["files"], request["options"]).write(request["out"], request["description"])
    return {}
