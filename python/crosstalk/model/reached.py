"""Where autograd's graph of some scalars leads to."""

from __future__ import annotations

from torch import Tensor

from crosstalk.model.tracked import Parameter


def reached_from(root: Tensor, parameters: list[Parameter]) -> tuple[set[int], bool]:
    """Numbers of the parameters that autograd's graph of the scalars leads to, and whether a reentrant checkpoint hides
    others."""
    numbers = {id(p.tensor): p.number for p in parameters}
    reached, seen, stack, is_reentrant = set(), set(), [root.grad_fn], False
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        is_reentrant |= node.name() == "CheckpointFunctionBackward"
        variable = getattr(node, "variable", None)
        if id(variable) in numbers:
            reached.add(numbers[id(variable)])
        stack.extend(following for following, _ in node.next_functions)
    return reached, is_reentrant
