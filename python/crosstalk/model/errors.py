"""What the functions on a user's own network raise and warn of."""

from __future__ import annotations


class TraceError(RuntimeError):
    """The trace of this model would not be exact, or there is none; the message names the layer and the mend."""


class TraceWarning(UserWarning):
    """The result is exact, but perhaps not of what was meant."""


class NotExact(Exception):
    """Uses of these parameters are not what they seemed: they are to be taken by a module as a whole, or refused."""

    def __init__(self, parameters: list[int], reason: str) -> None:
        super().__init__(reason)
        self.parameters = parameters


class Unproven(Exception):
    """A gradient that was 0 when the trace was checked is no longer 0: it is to be checked now."""


class NotFinite(TraceError):
    """A sample's gradient is not finite."""


LEADS_NOWHERE = (
    "f of the model's output depends on no trainable parameter: it was computed under no_grad, it is detached, or all that leads "
    "to it is frozen"
)
