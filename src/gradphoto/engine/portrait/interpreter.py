"""A TFLite graph ready to run: one LiteRT interpreter on one thread, built once and reused."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

Float32 = npt.NDArray[np.float32]


class Graph:
    """Runs one model. Not thread-safe: the interpreter keeps its tensors between calls."""

    def __init__(self, model: bytes) -> None:
        # One thread each: the work is spread over processes, one per core.
        self._interpreter = Interpreter(model_content=model, num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [entry["index"] for entry in self._interpreter.get_output_details()]

    def run(self, tensor: Float32) -> list[Float32]:
        """Every output tensor for one input tensor, each without its axes of length one."""
        self._interpreter.set_tensor(self._input, np.ascontiguousarray(tensor, dtype=np.float32))
        self._interpreter.invoke()
        return [np.squeeze(self._interpreter.get_tensor(index)) for index in self._outputs]
