"""A TFLite graph ready to run: one LiteRT interpreter on one thread, built once and reused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

Float32 = npt.NDArray[np.float32]
_WHITE = np.float32(255.0)


class Graph:
    """Runs one model. Not thread-safe: the interpreter keeps its tensors between calls."""

    def __init__(self, model: bytes) -> None:
        # One thread each: the work is spread over processes, one per core.
        self._interpreter = Interpreter(model_content=model, num_threads=1)
        self._interpreter.allocate_tensors()
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
