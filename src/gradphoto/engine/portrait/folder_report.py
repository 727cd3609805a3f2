"""The report of a folder run: xlsx for work, HTML with thumbnails for looking, the worst first in both."""

from __future__ import annotations

import html
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from gradphoto.engine.portrait.folder_journal import FolderLine
from gradphoto.engine.portrait.verdict import Outcome
from gradphoto.engine.wording import Wording
from gradphoto.engine.workbooks import open_workbook

_COLOURS = {Outcome.PASS: "#E2F0D9", Outcome.REVIEW: "#FFF2CC", Outcome.FAIL: "#F8CBAD"}
_SAME_CAUSE = Wording("（同一原因）", "(the same cause)")
_WORDS = {Outcome.PASS: "合格 pass", Outcome.REVIEW: "待看 review", Outcome.FAIL: "不合格 fail"}
_HEADINGS = (
    ("文件 file", 22), ("标准 profile", 14), ("结论 outcome", 14), ("代码 code", 26), ("说明", 48), ("建议", 48),
    ("Message", 48), ("Advice", 48), ("全部问题与建议 all findings", 80), ("请人工查看 not assessed", 48),
    ("输出 output", 28), ("KB", 8), ("质量 quality", 10),
)  # fmt: skip


def write_xlsx(lines: Sequence[FolderLine]) -> bytes:
    """One row a line, in the order given, coloured by outcome, with a filter."""
    out = io.BytesIO()
    workbook = open_workbook(out)
    sheet = workbook.add_worksheet("报告 report")
    head = workbook.add_format({"bold": True, "bg_color": "#EBEBEB", "border": 1})
    shades = {
        outcome: workbook.add_format({"bg_color": colour, "valign": "top", "text_wrap": True})
        for outcome, colour in _COLOURS.items()
    }
    for column, (title, width) in enumerate(_HEADINGS):
        sheet.write_string(0, column, title, head)
        sheet.set_column(column, column, width)
    for row, line in enumerate(lines, 1):
        shade = shades[line.outcome]
        cells = (
            line.file, line.profile_code, _WORDS[line.outcome], line.code, line.message.zh, line.advice.zh, line.message.en,
            line.advice.en, "\n".join(_numbered(line)), "\n".join(one.zh for one in line.not_assessed), line.output,
        )  # fmt: skip
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, shade)
        sheet.write_number(row, 11, round(line.size_bytes / 1024, 1), shade)
        sheet.write_number(row, 12, line.quality, shade)
    sheet.autofilter(0, 0, max(1, len(lines)), len(_HEADINGS) - 1)
    sheet.freeze_panes(1, 1)
    workbook.close()
    return out.getvalue()


def write_html(lines: Sequence[FolderLine], thumbnails: Mapping[str, str], title: str) -> bytes:
    """A page that needs nothing but the thumbnails beside it; pictures load as they are scrolled to."""
    counts = Counter(line.outcome for line in lines)
    summary = " · ".join(
        f"{_WORDS[outcome]} {counts[outcome]}" for outcome in (Outcome.FAIL, Outcome.REVIEW, Outcome.PASS)
    )
    cards = "\n".join(_card(line, thumbnails.get(line.file, "")) for line in lines)
    escaped = html.escape(title)
    return f"""<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escaped}</title><style>
body{{font:15px/1.5 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:1.5rem;color:#222}}
main{{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1rem}}
article{{border:1px solid #ccc;border-top-width:6px;border-radius:6px;padding:.6rem;overflow-wrap:anywhere}}
img{{height:160px;max-width:100%;object-fit:contain;display:block;margin:auto;background:#eee}}
.fail{{border-top-color:#c0392b}}.review{{border-top-color:#d9a400}}.pass{{border-top-color:#2e8b57}}
p{{margin:.3rem 0}}ol,ul{{margin:.3rem 0;padding-left:1.2rem}}small{{color:#555}}</style></head>
<body><h1>{escaped}</h1><p>{summary}</p><main>
{cards}
</main></body></html>
""".encode()


def _numbered(line: FolderLine) -> list[str]:
    """Every finding with its own advice, in the order of mending; what a cause explains names the cause instead."""
    return [
        f"{number}. {_WORDS[one.outcome]}：{one.message.zh}{'' if one.explained_by else one.advice.zh} [{one.code}]"
        f"{f'（同因 {one.explained_by}）' if one.explained_by else ''}"
        for number, one in enumerate(line.findings, 1)
    ]


def _card(line: FolderLine, thumbnail: str) -> str:
    picture = f'<img loading="lazy" alt="" src="{quote(thumbnail)}">' if thumbnail else ""
    told = [(line.message, line.advice)] if line.code and all(one.code != line.code for one in line.findings) else []
    told += [(one.message, _SAME_CAUSE if one.explained_by else one.advice) for one in line.findings]
    items = "".join(
        f"<li>{html.escape(message.zh)}{html.escape(advice.zh)}<br>"
        f"<small>{html.escape(message.en)} {html.escape(advice.en)}</small></li>"
        for message, advice in told
    )
    listed = f"<ol>{items}</ol>" if items else ""
    unknown = "".join(f"<li>{html.escape(one.zh)} {html.escape(one.en)}</li>" for one in line.not_assessed)
    looked = f"<details><summary>请人工查看 {len(line.not_assessed)} to look at</summary><ul>{unknown}</ul></details>"
    return (
        f'<article class="{line.outcome.value}">{picture}<p><strong>{html.escape(line.file)}</strong> '
        f"<small>{html.escape(line.profile_code)}</small> {_WORDS[line.outcome]}</p>{listed}{looked if unknown else ''}</article>"
    )
