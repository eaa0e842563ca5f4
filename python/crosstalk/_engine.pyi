# Written by `make stubs` from the modules' own signatures, as pybind11 3.1 has them.
import builtins
import collections.abc
import numpy
import numpy.typing
import typing
import typing_extensions

version: str
torch_version: str

class Error(RuntimeError):
    kind: str

class Trace:
    @property
    def samples(self) -> int: ...
    @property
    def output(self) -> numpy.ndarray: ...
    def gradient(self) -> numpy.ndarray: ...
    def per_sample_gradients(self) -> numpy.ndarray: ...
    def directional(self, arg0: numpy.ndarray, /) -> numpy.ndarray: ...
    def plan(self) -> str: ...
    def reference(self, arg0: str, /) -> object: ...
    def gram(
        self, path: str = "fastest", method: str = "", scratch_bytes: typing.SupportsIndex = 67108864
    ) -> numpy.ndarray: ...
    def gram_per_layer(
        self, path: str = "fastest", method: str = "", scratch_bytes: typing.SupportsIndex = 67108864
    ) -> list[numpy.ndarray]: ...
    def squared_norms(
        self, path: str = "fastest", method: str = "", scratch_bytes: typing.SupportsIndex = 67108864
    ) -> numpy.ndarray: ...
    def cross_gram(
        self, columns: Trace, path: str = "fastest", method: str = "", scratch_bytes: typing.SupportsIndex = 67108864
    ) -> numpy.ndarray: ...

class Network:
    def __init__(
        self,
        input: collections.abc.Sequence[typing.SupportsIndex],
        outputs: typing.SupportsIndex,
        layers: collections.abc.Sequence[str],
    ) -> None: ...
    @property
    def parameters(self) -> int: ...
    @property
    def segments(self) -> list[tuple[str, int, list[int]]]: ...
    def forward(self, arg0: numpy.ndarray, arg1: numpy.ndarray, /) -> numpy.ndarray: ...
    def trace(
        self, theta: numpy.ndarray, x: numpy.ndarray, function: str | numpy.ndarray, into: Trace | None = None
    ) -> Trace:
        """One forward and backward pass; function is "max", "mean" or the cotangent (N, outputs)."""
    def third_term(self, theta: numpy.ndarray, a: numpy.ndarray, b: numpy.ndarray, function: str) -> numpy.ndarray:
        """g_B . H_A g_B + g_A . H_B g_B of all pairs of samples, (A, B)."""
    def gram_in_blocks(
        self, theta: numpy.ndarray, x: numpy.ndarray, function: str, budget_bytes: typing.SupportsIndex
    ) -> numpy.ndarray: ...

def plan_costs(arg0: Trace, /) -> list[tuple[str, str, float, float, bool]]: ...
def layer_gram(arg0: Trace, arg1: typing.SupportsIndex, arg2: str, /) -> numpy.ndarray: ...
def image_layers(
    hidden: typing.SupportsIndex, depth: typing.SupportsIndex, head: typing.SupportsIndex
) -> list[str]: ...
def plain_layers(hidden: typing.SupportsIndex, depth: typing.SupportsIndex) -> list[str]: ...
def atari_layers(width: typing.SupportsIndex = 32) -> list[str]: ...
def set_threads(arg0: typing.SupportsIndex, /) -> None: ...
def threads() -> int: ...

class Scratch:
    """Memory that contractions form rows in, kept from one to the next."""
    def __init__(self) -> None: ...

class Uses:
    """A trace put together use by use; tensors are DLPack capsules of float or double."""
    def __init__(self, samples: typing.SupportsIndex) -> None: ...
    @property
    def places(self) -> list[tuple[int, int, int]]: ...
    def add_linear(
        self,
        name: str,
        weight: typing.SupportsIndex,
        outputs: typing.SupportsIndex,
        inputs: typing.SupportsIndex,
        bias: typing.SupportsIndex | None,
        x: typing_extensions.CapsuleType,
        gradients: typing_extensions.CapsuleType,
    ) -> None:
        """Weight (outputs, inputs); x (N, ..., inputs), gradients (N, ..., outputs)."""
    def add_convolution(
        self,
        name: str,
        weight: typing.SupportsIndex,
        shape: collections.abc.Sequence[typing.SupportsIndex],
        bias: typing.SupportsIndex | None,
        stride: typing.Annotated[collections.abc.Sequence[typing.SupportsIndex], 'FixedSize(2)'],
        padding: typing.Annotated[collections.abc.Sequence[typing.SupportsIndex], 'FixedSize(2)'],
        dilation: typing.Annotated[collections.abc.Sequence[typing.SupportsIndex], 'FixedSize(2)'],
        groups: typing.SupportsIndex,
        x: typing_extensions.CapsuleType,
        gradients: typing_extensions.CapsuleType,
    ) -> None:
        """Weight `shape` (P, C / groups, kh, kw); x (N, C, H, W), gradients (N, P, H', W')."""
    def add_embedding(
        self,
        name: str,
        weight: typing.SupportsIndex,
        rows: typing.SupportsIndex,
        width: typing.SupportsIndex,
        numbers: typing_extensions.CapsuleType,
        gradients: typing_extensions.CapsuleType,
    ) -> None:
        """Weight (rows, width); numbers of rows (N, T) int64, gradients (N, T, width)."""
    def add_rows(
        self,
        name: str,
        parameter: typing.SupportsIndex,
        size: typing.SupportsIndex,
        gradients: typing_extensions.CapsuleType,
    ) -> None:
        """The gradient of each sample by a parameter of `size` numbers: (N, size)."""
    def gram(self) -> typing_extensions.CapsuleType: ...
    def gram_above_diagonal(self, scratch: Scratch | None = None) -> typing_extensions.CapsuleType:
        """Right on and above the diagonal alone: `mirrored` makes the sum of several whole."""
    def cross_gram(self, columns: Uses) -> typing_extensions.CapsuleType: ...
    def is_like(self, columns: Uses) -> bool:
        """Whether both are of the same uses of the same parameters, so that there is a cross-Gram of theirs."""
    def squared_norms(self) -> typing_extensions.CapsuleType: ...
    def directional(self, direction: typing_extensions.CapsuleType) -> typing_extensions.CapsuleType: ...
    def per_sample(self) -> typing_extensions.CapsuleType: ...
    def gradient(self) -> typing_extensions.CapsuleType: ...
    def costs(self) -> list[tuple[str, str, float, float, float]]: ...

def mirrored(products: typing_extensions.CapsuleType) -> typing_extensions.CapsuleType:
    """What is above the diagonal of (N, N) written below it too, in place."""
def serve(frames_in: typing.SupportsIndex, frames_out: typing.SupportsIndex) -> None:
    """Serves runs as frames on one descriptor ask, answers on the other; returns when the first closes, and ends the process when the second does."""

class Optimizer:
    def __init__(
        self,
        kind: str,
        theta: numpy.typing.NDArray[numpy.float64],
        *,
        rate: typing.SupportsFloat,
        momentum: typing.SupportsFloat = 0.0,
        weight_decay: typing.SupportsFloat = 0.0,
        beta1: typing.SupportsFloat = 0.9,
        beta2: typing.SupportsFloat = 0.999,
        alpha: typing.SupportsFloat = 0.99,
        epsilon: typing.SupportsFloat = 1e-08,
    ) -> None: ...
    def step(
        self,
        theta: numpy.typing.NDArray[numpy.float64],
        gradient: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    ) -> None:
        """Moves theta in place by one step along gradient."""

class Windowed:
    """The windowed image task over one split of a converted data set."""
    def __init__(self, file: str, split: str = "train") -> None: ...
    def reset(self, image: typing.SupportsIndex) -> numpy.typing.NDArray[numpy.float32]:
        """Begins an episode; its first observation (4, 32, 32)."""
    def step(self, guess: typing.SupportsIndex, move: typing.SupportsIndex) -> tuple:
        """Names a class and moves the window (0 up, 1 down, 2 left, 3 right): observation, reward, whether the class was right, whether the 20 steps are over. Either ends the episode."""
    @property
    def labels(self) -> list[int]:
        """Each image's class."""

class KeptEpisode: ...

class Environment:
    def __init__(
        self,
        name: str,
        file: str = "",
        sha256: str = "",
        most_steps: typing.SupportsIndex = 100000,
        *,
        frame_skip: typing.SupportsIndex = 4,
        sticky: typing.SupportsFloat = 0.25,
        all_actions: bool = False,
        maximum_first: bool = False,
    ) -> None: ...
    def reset(self, seed: typing.SupportsIndex) -> numpy.typing.NDArray[numpy.float64]: ...
    def step(self, action: typing.SupportsIndex) -> tuple[numpy.typing.NDArray[numpy.float64], float, bool, bool]:
        """(observation, reward, terminated, truncated)"""
    @property
    def observation(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def actions(self) -> int: ...
    @property
    def bytes(self) -> int:
        """Of one observation as it is stored."""
    @property
    def unrepeatable(self) -> str | None: ...
    @property
    def score(self) -> float | None:
        """What the last step earned by the game's own count."""
    @property
    def executed(self) -> list[int]:
        """The actions of the last step's frames."""
    @property
    def memory(self) -> builtins.bytes:
        """What the console's memory holds."""
    def save(self) -> KeptEpisode: ...
    def load(self, kept: KeptEpisode) -> bool:
        """Whether the episode could be had again."""

def resized(screens: typing.Annotated[numpy.typing.ArrayLike, numpy.uint8]) -> numpy.typing.NDArray[numpy.uint8]:
    """Grey screens as 84 x 84."""

class Trajectories:
    def __init__(self, folder: str) -> None: ...
    @property
    def steps(self) -> int: ...
    @property
    def episodes(self) -> int: ...
    @property
    def digest(self) -> str: ...
    def draw(
        self, rows: collections.abc.Sequence[typing.SupportsIndex], after: bool = False
    ) -> numpy.typing.NDArray[numpy.float32]:
        """(N, observation) before these steps, or after them."""
