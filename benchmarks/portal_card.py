"""What a made-up graduate of the benchmark holds in his hand."""

from typing import NamedTuple


class Card(NamedTuple):
    """What one made-up graduate types."""

    student_no: str
    name: str
    code: str
