"""The word that every paper of a training bears, so that none of them can pass for a real one."""

from __future__ import annotations

_words: list[str] = []


def mark_papers(word: str) -> None:
    """Print a word across every page and before every title from now on; an empty one takes it back."""
    _words[:] = [word] if word else []


def marked(title: str) -> str:
    """A title as a paper or a sheet of this installation bears it."""
    return f"【{_words[0]}】{title}" if _words else title


def mark_rule() -> str:
    """Typst source that puts the word behind every page; nothing in a real installation."""
    if not _words:
        return ""
    across = 'rotate(-30deg, text(size: 96pt, fill: rgb("#f3d6d6"), weight: "bold")'
    return f"#set page(background: {across}[{_words[0]}]))\n"
