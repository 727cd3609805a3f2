"""Which steps a record may take from which state: one table a model, and the one place that writes the state.

A model declares its state as a :class:`StatusField`; its :class:`Lifecycle` moves it. Every ``UPDATE`` that sets such a
column asks the field first, whichever way it came (``save``, ``update``, ``bulk_update``, any manager), and outside of
a step of the table it raises :class:`LifecycleBypassedError`. So a rule that follows a step (``Lifecycle.follow``) cannot be
gone around, and a row with a lifecycle is saved by naming its fields: a full ``save()`` of an old copy would write its
old state back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models.constants import OnConflict
from django.db.models.sql.compiler import SQLUpdateCompiler

from gradphoto.apps.core.errors import StepRefusal
from gradphoto.apps.core.prepared import Change, has_more_to_save

_AT_ONCE = 500
_writing: ContextVar[bool] = ContextVar("lifecycle_writes", default=False)
_steps: ContextVar[tuple[tuple[Any, list[str]], ...]] = ContextVar("lifecycle_steps", default=())
"""The steps under way, the innermost last: whose, and which fields are written with its state."""

if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:
    _Text = models.CharField


class LifecycleBypassedError(RuntimeError):
    """A program error: a state is about to be written outside of its lifecycle."""


class StatusField(_Text):
    """The state of a record: text with choices, which only the model's lifecycle changes once the row is there."""

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Django asks for the place of this column's value in a statement: an update must be a lifecycle's."""
        if not _writing.get() and (isinstance(compiler, SQLUpdateCompiler) or self._is_put_over(compiler)):
            raise LifecycleBypassedError(
                f"{self.model._meta.label}.{self.name} is moved by its Lifecycle, not by save() or update(). "
                "Name the other fields in update_fields, or take a step of the table."
            )
        return "%s"

    def _is_put_over(self, compiler: Any) -> bool:
        """Whether an ``INSERT`` writes this column over that of a row which is there (``update_conflicts``)."""
        query = compiler.query  # of a question, too: a value that bears this field as its kind is put into it likewise
        return getattr(query, "on_conflict", None) == OnConflict.UPDATE and self in query.update_fields

    def deconstruct(self) -> Any:
        """For migrations it is plain text."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


@contextmanager
def writes_allowed() -> Iterator[None]:
    """States may be written as they come. For this module, and for tests that build a world."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def save_with_step(record: models.Model, *fields: str) -> None:
    """Save these fields: within a step of this very record by the statement that writes its state, else at once."""
    steps = _steps.get()
    if steps and steps[-1][0] is record:
        steps[-1][1].extend(fields)
    else:
        record.save(update_fields=fields)


def write_waiting(record: models.Model) -> None:
    """Write at once what waits for the end of a step of this very row: it is about to be read again."""
    for stepping, fields in _steps.get():
        if fields and stepping == record:
            stepping.save(update_fields=fields)
            fields.clear()


Follower = Callable[[Sequence[Any]], None]
REGISTRY: dict[type[models.Model], Lifecycle] = {}


class Lifecycle:
    """A table ``state -> {step: next state}`` over the ``status`` field of one model.

    A step is the name of the action that takes it, or of a part of one (``pairing.give_frame``). Where a step leads to
    one of several states (an undo, a record that comes from a station), the table names them all and the caller says
    which. The action machinery takes the step of an action with ``lifecycle=`` by itself; other code calls
    :meth:`move`, :meth:`move_many` or :meth:`move_rows`, within its transaction and holding the rows.
    """

    def __init__(self, model: type[Any], table: Mapping[str, Mapping[str, str | Collection[str]]]) -> None:
        self.model = model
        self.table = {str(state): {name: _states(to) for name, to in steps.items()} for state, steps in table.items()}
        self._followers: list[Follower] = []
        self._changes: dict[tuple[str, ...], Change] = {}
        if model in REGISTRY:
            raise ValueError(f"Two lifecycles of {model.__name__}.")
        REGISTRY[model] = self

    def next_state(self, target: Any, step: str, to: str | None = None) -> str:
        """The state after ``step``; raises ``StepRefusal`` where the present state does not offer it.

        Another model's record is refused, too: states of different models may have the same name.
        """
        offered = self.table.get(str(target.status), {}).get(step) if isinstance(target, self.model) else None
        if offered is None:
            raise StepRefusal(step, str(target.status) if isinstance(target, self.model) else type(target).__name__)
        if to is None and len(offered) > 1:
            raise ValueError(f"{step} leads to one of {offered}: say which.")
        following = offered[0] if to is None else str(to)
        if following not in offered:
            raise StepRefusal(step, str(target.status))
        return following

    def available(self, target: Any) -> tuple[str, ...]:
        """The names of the steps the present state offers, in the order of the table; none to another model."""
        if not isinstance(target, self.model):
            return ()
        return tuple(self.table.get(str(target.status), ()))

    def sources(self, step: str) -> tuple[str, ...]:
        """The states from which ``step`` is possible: for lists of what awaits a role."""
        return tuple(state for state, steps in self.table.items() if step in steps)

    def follow(self, follower: Follower) -> Follower:
        """Have a function told of every record that began or moved, after it was written, in the same transaction."""
        if follower not in self._followers:
            self._followers.append(follower)
        return follower

    def begin(self, record: Any) -> Any:
        """Write a new record in its first state and tell the followers; returns it."""
        record.save(force_insert=True)
        self._tell([record])
        return record

    @contextmanager
    def taking(self, target: Any, step: str) -> Iterator[str]:
        """A step around a body: checked before it, written after it. The state that follows is the context's value."""
        following = self.next_state(target, step)
        fields: list[str] = []
        token = _steps.set((*_steps.get(), (target, fields)))
        try:
            yield following
        finally:
            _steps.reset(token)
        self._write([(target, following)], fields)

    def move(self, target: Any, step: str, *, to: str | None = None, fields: Collection[str] = ()) -> str:
        """Take one step and write the state, with other ``fields`` of the record in the same statement."""
        following = self.next_state(target, step, to)
        self._write([(target, following)], fields)
        return following

    def move_many(
        self, targets: Iterable[Any], step: str, *, to: Mapping[Any, str] | None = None, fields: Collection[str] = ()
    ) -> None:
        """The same for many records, all or none, by few statements; ``to``: the state of each by its key."""
        moves = [(one, self.next_state(one, step, None if to is None else to[one.pk])) for one in targets]
        self._write(moves, fields)

    def move_rows(self, rows: models.QuerySet[Any], step: str) -> int:
        """Take the step for those of ``rows`` whose state offers it; returns how many there were."""
        moved = 0
        for following, states in self._by_target(step).items():
            due = rows.filter(status__in=states)
            told = list(due) if self._followers else []
            with writes_allowed():
                moved += due.update(status=following)
            for one in told:
                one.status = following
            self._tell(told)
        return moved

    def _by_target(self, step: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for state in self.sources(step):
            (following,) = self.table[state][step]
            found.setdefault(following, []).append(state)
        return found

    def _write(self, moves: Sequence[tuple[Any, str]], fields: Collection[str]) -> None:
        for one, following in moves:
            one.status = following
        with writes_allowed():
            if len(moves) == 1:
                self._write_one(moves[0][0], ("status", *fields))
            elif moves:
                records = [one for one, _ in moves]
                self.model._base_manager.bulk_update(records, ["status", *fields], batch_size=_AT_ONCE)
        self._tell([one for one, _ in moves])

    def _write_one(self, record: Any, names: tuple[str, ...]) -> None:
        """One record by a statement that is put together once, where nobody listens to its ``save`` or has their own."""
        if not has_more_to_save(self.model):
            columns = [self.model._meta.get_field(name) for name in names]
            record._prepare_related_fields_for_save("save", columns)
            written = self._changes.setdefault(names, Change(self._row, *(one.name for one in columns)))
            values = {one.name: one.pre_save(record, add=False) for one in columns}
            if not any(hasattr(value, "resolve_expression") for value in values.values()):
                ready = {one.name: one.get_db_prep_save(values[one.name], connection) for one in columns}
                if written.make(pk=record.pk, **ready):
                    return
        record.save(update_fields=names)

    def _row(self, pk: Any) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(pk=pk)

    def _tell(self, records: Sequence[Any]) -> None:
        for follower in self._followers if records else ():
            follower(records)


def _states(to: str | Collection[str]) -> tuple[str, ...]:
    return (str(to),) if isinstance(to, str) else tuple(str(state) for state in to)
