"""A TFLite graph ready to run: one LiteRT interpreter on one thread, built once and reused."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

Float32 = npt.NDArray[np.float32]
_WHITE = np.float32(255.0)


_GREETING = b"Created TensorFlow Lite XNNPACK delegate"
"""What LiteRT says on stderr at a process's first graph. It has no switch: TF_CPP_MIN_LOG_LEVEL is not asked for this line,
and its logger is exported nowhere (ai-edge-litert 2)."""
_STDERR = 2
_ONE_AT_A_TIME = threading.Lock()
"""Of two that turned stderr aside at once the second would put the first one's file back for good."""


@contextlib.contextmanager
def _unheard(words: bytes) -> Iterator[None]:
    """Lines with these words do not reach the process's stderr meanwhile; all others do, when it is over."""
    with _ONE_AT_A_TIME, contextlib.ExitStack() as after:
        try:
            own = os.dup(_STDERR)
            after.callback(os.close, own)
            kept = after.enter_context(tempfile.TemporaryFile())
        except OSError:  # a process without stderr, or without a place for files
            yield
            return
        os.dup2(kept.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(own, _STDERR)
            kept.seek(0)
            with contextlib.suppress(OSError):  # nobody hears it
                os.write(_STDERR, b"".join(line for line in kept if words not in line))


class Graph:
    """Runs one model. Not thread-safe: the interpreter keeps its tensors between calls."""

    _has_greeted: ClassVar[bool] = False

    def __init__(self, model: bytes) -> None:
        # One thread each: the work is spread over processes, one per core.
        with contextlib.nullcontext() if Graph._has_greeted else _unheard(_GREETING):
            self._interpreter = Interpreter(model_content=model, num_threads=1)
            self._interpreter.allocate_tensors()
        Graph._has_greeted = True
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [entry["index"] for entry in self._interpreter.get_output_details()]

    def run(self, write: Callable[[Float32], object]) -> list[Float32]:
        """Every output tensor, each without its axes of length one, for the input that ``write`` puts into the tensor it is given.

        Written in place: what was there before is of the last run. ``write`` must not keep the tensor.
        """
        write(self._interpreter.tensor(self._input)())
        self._interpreter.invoke()
        return [np.squeeze(self._interpreter.get_tensor(index)) for index in self._outputs]

    def run_on(self, picture: npt.NDArray[np.uint8]) -> list[Float32]:
        """The same for a network that takes one picture with values from 0 to 1."""
        return self.run(lambda tensor: np.divide(picture, _WHITE, out=tensor[0]))
