"""Which steps a record may take from which state: one table a model, checked before every action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradphoto.apps.core.errors import StepRefusal


class Lifecycle:
    """A table ``state -> {action name: next state}`` over the ``status`` field of one model.

    The action machinery asks it before an action runs and moves the state afterwards, so that no action body
    ever writes a status itself.
    """

    def __init__(self, model: type[Any], table: Mapping[str, Mapping[str, str]]) -> None:
        self.model = model
        self.table = {str(state): {name: str(to) for name, to in steps.items()} for state, steps in table.items()}

    def next_state(self, target: Any, action: str) -> str:
        """The state after ``action``; raises ``StepRefusal`` where the present state does not offer it.

        Another model's record is refused, too: states of different models may have the same name.
        """
        if not isinstance(target, self.model):
            raise StepRefusal(action, type(target).__name__)
        try:
            return self.table[str(target.status)][action]
        except KeyError:
            raise StepRefusal(action, str(target.status)) from None

    def available(self, target: Any) -> tuple[str, ...]:
        """The names of the actions the present state offers, in the order of the table; none to another model."""
        if not isinstance(target, self.model):
            return ()
        return tuple(self.table.get(str(target.status), ()))

    def sources(self, action: str) -> tuple[str, ...]:
        """The states from which ``action`` is possible: for lists of what awaits a role."""
        return tuple(state for state, steps in self.table.items() if action in steps)
