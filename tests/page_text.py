"""A page's text as tests compare it: how the template breaks its lines makes no difference."""

from __future__ import annotations

import re

from django.http import HttpResponse


def flat(answer: HttpResponse) -> str:
    """The page with white space as single blanks, and none beside a tag."""
    text = re.sub(r"\s+", " ", answer.content.decode())
    return re.sub(r" ?(<[^>]*>) ?", r"\1", text).replace(" >", ">")
