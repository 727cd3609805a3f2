"""Reading the tensors of an old PyTorch checkpoint without PyTorch, and without running anything that stands in it.

The file is five pickles (magic number, protocol, facts of the machine, the dictionary of tensors, the keys of the storages)
and then each storage: its number of elements (int64) and its bytes. The unpickler knows four names and nothing else.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.errors import ModelError, model_error
from gradphoto.engine.wording import Wording

_MAGIC = 0x1950A86A20F9469CFC6C
_TYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
Tensor = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    dtype: np.dtype[Any]
    size: int


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor as a window on a storage, all in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuilt(storage: _Storage, offset: int, shape: Any, strides: Any, *_: object) -> _View:
    return _View(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuilt
        if module == "torch" and name in _TYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, type_name, key, _, size, *_ = pid
        if kind != "storage" or type_name not in _TYPES:
            raise pickle.UnpicklingError(f"storage {type_name} is not allowed")
        return _Storage(str(key), _TYPES[type_name], int(size))


def read_tensors(data: bytes) -> dict[str, Tensor]:
    """Every tensor of the checkpoint by name. Raises ``models.checkpoint`` when it is not such a file."""
    stream = io.BytesIO(data)
    try:
        if _Restricted(stream).load() != _MAGIC:
            raise pickle.UnpicklingError("no such checkpoint")
        _Restricted(stream).load()
        _Restricted(stream).load()
        views: dict[str, _View] = dict(_Restricted(stream).load())
        keys: list[str] = list(_Restricted(stream).load())
        types = {view.storage.key: view.storage for view in views.values()}
        stored = {key: _elements(stream, types[key]) for key in keys}
        return {name: _tensor(view, stored[view.storage.key]) for name, view in views.items()}
    except (pickle.UnpicklingError, KeyError, TypeError, ValueError, EOFError, struct.error, AttributeError) as fault:
        raise _no_checkpoint(fault) from fault


def _elements(stream: io.BytesIO, storage: _Storage) -> Tensor:
    (size,) = struct.unpack("<q", stream.read(8))
    if size != storage.size:
        raise ValueError(f"storage {storage.key} has {size} elements")
    return np.frombuffer(stream.read(size * storage.dtype.itemsize), storage.dtype, size)


def _tensor(view: _View, stored: Tensor) -> Tensor:
    reach = view.offset + 1 + sum((n - 1) * step for n, step in zip(view.shape, view.strides, strict=True))
    if min((*view.shape, *view.strides, view.offset), default=0) < 0 or reach > stored.size:
        raise ValueError("a tensor reaches beyond its storage")
    strides = tuple(step * stored.itemsize for step in view.strides)
    return np.ascontiguousarray(np.lib.stride_tricks.as_strided(stored[view.offset :], view.shape, strides))


def _no_checkpoint(fault: Exception) -> ModelError:
    return model_error(
        "checkpoint",
        Wording(f"模型权重文件无法读取：{fault}。", f"The checkpoint cannot be read: {fault}."),
        Wording("请重新安装，或换一个文件。", "Install it again, or use another file."),
    )
