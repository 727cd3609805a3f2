"""One Chinese sentence, one English one: templates, ``Wording``, ``bi``, refusals and filters read as they are written.

Chinese has one form for a word where English has several (撤回: withdraw, withdrawn; 人员: person, persons; done, Done):
forms of the same words are one sentence. What is two sentences in English has two in Chinese, too.
"""

from __future__ import annotations

import ast
import functools
import re
import tomllib
from collections import defaultdict
from pathlib import Path

from gradphoto.apps.core.templatetags.wording import unbroken

SOURCE = Path(__file__, "../../../src/gradphoto").resolve()
IN_A_TEMPLATE = re.compile(
    r"""\{%\s*t\s+(?:"(?P<zh>[^"]*)"|'(?P<zh_>[^']*)')\s+(?:"(?P<en>[^"]*)"|'(?P<en_>[^']*)')"""
    r"""|\{%\s*sentence\b[^%]*%\}(?P<long>.*?)\{% english %\}(?P<english>.*?)\{% endsentence %\}""",
    re.DOTALL,
)
PAIRS_OF = {
    "Wording": [(0, 1)], "bi": [(0, 1)], "refuse": [(1, 2), (3, 4)], "invalid": [(1, 2), (3, 4)], "wrong": [(1, 2)],
    "search": [(0, 1)], "day": [(0, 1)], "choice": [(1, 2)], "tab": [(1, 2)], "record": [(1, 2)], "Ticked": [(1, 2)],
}  # fmt: skip
LITTLE_WORDS = frozenset(["a", "an", "the", "it", "them", "your", "his", "her", "their", "is", "are", "in"])
HOMONYMS = frozenset(
    # one Chinese word for a thing and for what is done with it, or for two things of different rooms
    [
        "依据",
        "时间",
        "人员",
        "照片",
        "待处理",
        "确定",
        "不采用",
        "登记",
        "问题",
        "毕业生图像采集",
        "已撤销",
        "撤销",
        "提示",
        "交回",
        "采集中",
        "接收",
        "通过",
        "预约",
        "人",
        "班级代收",
        "刷身份证",
        "汇款",
        "要求",
        "时段",
        "通知",
    ]
)


@functools.cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _said_in(template: str):
    """Chinese and English of every sentence of a template, however many lines it is written on."""
    for found in IN_A_TEMPLATE.finditer(template):
        zh, en = (
            found["zh"] or found["zh_"] or found["long"] or "",
            found["en"] or found["en_"] or found["english"] or "",
        )
        yield unbroken(zh), unbroken(en)


def _pairs():
    for path in sorted(SOURCE.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for zh, en in _said_in(text):
            yield zh, en, path
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(_parsed(path)):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                for zh, en in PAIRS_OF.get(called, ()):
                    said = [getattr(node.args[n], "value", None) if n < len(node.args) else None for n in (zh, en)]
                    if all(isinstance(text, str) for text in said):
                        yield *said, path


def _words(sentence: str) -> list[str]:
    return [word for word in re.findall(r"[a-z0-9{}:|]+", sentence.lower()) if word not in LITTLE_WORDS]


def _is_same(one: str, other: str) -> bool:
    """Whether two English sentences are the same words in other forms: case, number, tense, articles."""
    first, second = _words(one), _words(other)
    return len(first) == len(second) and all(map(_is_one_word, first, second))


def _is_one_word(one: str, other: str) -> bool:
    common = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one == other or common >= max(3, min(len(one), len(other)) - 2)


def test_a_chinese_sentence_has_one_english_one():
    told: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for zh, en, path in _pairs():
        if re.search("[\u4e00-\u9fff]", zh):
            told[zh][en].append(path.relative_to(SOURCE).as_posix())
    assert len(told) > 3000, "the sentences are read"
    two = {}
    for zh, english in told.items():
        first, *others = sorted(english, key=lambda en: -len(english[en]))
        if zh not in HOMONYMS and (stray := [en for en in others if not _is_same(first, en)]):
            two[zh] = {en: english[en] for en in (first, *stray)}
    assert two == {}, "say it as it is said elsewhere, or give each its own Chinese sentence"


def test_the_allowed_homonyms_still_are_some():
    found = {zh for zh, _, _ in _pairs()}
    assert HOMONYMS - found == set()


TOO_MUCH = re.compile("过长|过大|过多(?!次)|太长|超过上限|大小上限")
NO_LIMIT_OF_OURS = re.compile(
    "用时过长|内存过多|请求过多|请求内容过大|尝试(次数)?过多|内容过多|头发(是否)?过多|异常或过大|问题过多|次数过多"
)
"""What has no number a person could keep to: somebody's time, memory, attempts, hair."""


REFUSALS = re.compile("refuse|invalid|wrong|_?fault|_?error|.*Error|.*Refusal|BadRow|Finding", re.IGNORECASE)
"""What tells a person of a fault: its sentence and its remedy are read together."""


def _text_of(node: ast.AST) -> str | None:
    """A string as it is read, however many lines it is written on; what is put in stands as ``{}``."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = (_text_of(node.left), _text_of(node.right))
        return None if parts == (None, None) else "".join("{}" if part is None else part for part in parts)
    return None


def _sentences(node: ast.AST, told: str = ""):
    """Every string below with all that is told together with it; docstrings are nobody's sentence."""
    for below in ast.iter_child_nodes(node):
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            continue
        if (text := _text_of(below)) is not None:
            yield text, told or text
            continue
        more = told
        if isinstance(below, ast.Call) and not told:
            called = below.func.id if isinstance(below.func, ast.Name) else getattr(below.func, "attr", "")
            if REFUSALS.fullmatch(called):
                more = " ".join(text for text, _ in _sentences(below))
        yield from _sentences(below, more)


def _all_sentences():
    for path in sorted(SOURCE.rglob("*.py")):
        if re.search("[过太超限]", path.read_text(encoding="utf-8")):
            for text, told in _sentences(_parsed(path)):
                yield path.name, text, told
    for path in sorted(SOURCE.rglob("*.html")):
        for zh, _ in _said_in(path.read_text(encoding="utf-8")):
            yield path.name, zh, zh
    for path in sorted(SOURCE.rglob("*.toml")):
        for text in _values(tomllib.loads(path.read_text(encoding="utf-8"))):
            yield path.name, text, text


def _values(found):
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        for one in found:
            yield from _values(one)
    elif isinstance(found, str):
        yield found


def test_who_says_too_long_or_too_large_says_how_much_may_be():
    """A limit that is not named cannot be kept: each such sentence, or its remedy, holds its number."""
    bare = {
        f"{file} {text}"
        for file, text, told in _all_sentences()
        if TOO_MUCH.search(text) and not re.search(r"[0-9{%]", told) and not NO_LIMIT_OF_OURS.search(text)
    }
    assert bare == set()


def test_a_sentence_is_read_whole_on_however_many_lines_it_is_written():
    source = """refuse("x", "文件"\n "过长。", "Too long.", f"最多 {most} 字。", "…")\nWording("太" + "长", "Long")\n"""
    found = dict(_sentences(ast.parse(source)))
    assert "{}" in found["文件过长。"]
    assert found["太长"] == "太长"
