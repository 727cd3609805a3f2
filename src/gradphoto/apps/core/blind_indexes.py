"""Columns of blind indexes: found under every key of the ring, and counted anew when the key is replaced.

While a key is being replaced some rows stand under it and some under the earlier one. A look-up must not notice: the
field compares with what a text gives under each key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models.lookups import Exact, In

from gradphoto.apps.core.encryption import BlindIndex, blind_index, indexer, keyring, opened
from gradphoto.engine.keyring import Key, Purpose

INDEX_CHARACTERS = 64

if TYPE_CHECKING:
    _TextColumn = models.CharField[str, str]
else:
    _TextColumn = models.CharField


class BlindIndexField(_TextColumn):
    """A column of :func:`blind_index`.

    ``of``: the encrypted column of the same row that it is counted from, so that it can be counted anew. Without it the
    text is not kept (a printed code, a session's key): such a row stays under the key it was made with.
    """

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("max_length", INDEX_CHARACTERS)
        super().__init__(*args, **kwargs)
        self.of = of

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, **({"of": self.of} if self.of else {})}


@BlindIndexField.register_lookup
class _ExactUnderEveryKey(Exact):
    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if isinstance(self.rhs, BlindIndex) and self.rhs.earlier:
            return In(self.lhs, list(self.rhs.every)).as_sql(compiler, connection)
        return super().as_sql(compiler, connection)


@BlindIndexField.register_lookup
class _InUnderEveryKey(In):
    def get_prep_lookup(self) -> Any:
        if isinstance(self.rhs, list | tuple | set | frozenset):
            self.rhs = [one for index in self.rhs for one in getattr(index, "every", (index,))]
        return super().get_prep_lookup()


def index_columns() -> Iterator[tuple[type[models.Model], BlindIndexField]]:
    """Every column of blind indexes, of every model."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, BlindIndexField):
                yield model, field


def under(key: Key, model: type[models.Model], field: BlindIndexField) -> models.QuerySet[Any]:
    """The rows whose index was made with this key."""
    return model._base_manager.filter(**{f"{field.attname}__startswith": key.key_id.hex()})


def present_indexes(rows: models.QuerySet[Any], index: str) -> Iterator[tuple[Any, str]]:
    """Key and index of each row, the index as it is under the current key: for comparing rows with rows."""
    current, *earlier = keyring().every(Purpose.BLIND_INDEX)
    here = {f"{index}__startswith": current.key_id.hex()}
    yield from (rows.filter(**here) if earlier else rows).values_list("pk", index).iterator()
    if earlier:
        index_of = indexer()
        field: Any = rows.model._meta.get_field(index)
        for pk, text in opened(rows.exclude(**here), field.of):
            yield pk, str(index_of(text))


T = TypeVar("T")
_DRAWS = 20
"""So often in a row no lot of millions hits; more says that it is none."""


def store_drawn(model: type[models.Model], draw: Callable[[], str], store: Callable[[str], T]) -> T:
    """Store a drawn code with ``store``, within the caller's transaction.

    ``model`` holds all codes, each once, under ``code_index``. Raises the database's refusal where it has another reason.
    """
    for left in reversed(range(_DRAWS)):
        code = draw()
        taken = model._default_manager.filter(code_index=blind_index(code))
        if taken.exists():
            continue
        try:
            with transaction.atomic():
                return store(code)
        except IntegrityError:
            if not left or not taken.exists():
                raise
    raise RuntimeError(f"{_DRAWS} codes in a row were all in use: the lot draws from too few.")
