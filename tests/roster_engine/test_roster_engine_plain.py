"""Rows and strings told by patterns are the ones that the parser reads, whatever a writer does and however it comes in."""

import io
import random

import pytest

from gradphoto.engine.tables import xlsx_plain, xlsx_sheet, xlsx_strings
from gradphoto.engine.tables.model import Limits, SheetFacts, Wanted
from gradphoto.engine.tables.number_formats import GENERAL, read_format
from gradphoto.engine.tables.xlsx_sheet import read_rows
from gradphoto.engine.tables.xlsx_strings import Strings
from gradphoto.engine.tables.xlsx_styles import Styles
from gradphoto.engine.tables.xlsx_values import Cells

pytestmark = pytest.mark.engine
STRINGS = ["学号", "姓名", "", " ", "王五", "李\U00020003", "a&b"]
STYLES = Styles((GENERAL, read_format("0000000"), read_format("yyyy/m/d"), read_format("0.00")))
CELLS = (
    '<c r="{at}" t="s"><v>{string}</v></c>',
    '<c r="{at}" s="1" t="s"><v>{string}</v></c>',
    '<c r="{at}"><v>{figure}</v></c>',
    '<c r="{at}" s="{style}"><v>{figure}</v></c>',
    '<c r="{at}" s="{style}" t="n"><v>{figure}.5</v></c>',
    '<c r="{at}" s="2"/>',
    '<c r="{at}" s="2"></c>',
    '<c r="{at}" t="str"><v>文 {figure}</v></c>',
    '<c r="{at}" t="inlineStr"><is><t>李 {figure}_x000D_</t></is></c>',
    '<c r="{at}" t="inlineStr"><is><t xml:space="preserve"> 名 </t></is></c>',
    '<c r="{at}" t="s"><v></v></c>',
    # for the parser
    '<c r="{at}"><f>A1+{figure}</f><v>{figure}</v></c>',
    '<c r="{at}"><f>A1</f></c>',
    '<c t="s" r="{at}"><v>{string}</v></c>',
    '<c r="{at}" t="e"><v>#N/A</v></c>',
    '<c r="{at}" t="b"><v>1</v></c>',
    '<c r="{at}" t="inlineStr"><is><t>a&amp;b&#x674E;</t></is></c>',
    '<c r="{at}" t="inlineStr"><is><r><t>王</t></r><r><t>五</t></r><rPh><t>wang</t></rPh></is></c>',
    '<c r="{at}" cm="1"><v>{figure}</v></c>',
)


def sheet(rng: random.Random, odd: float) -> bytes:
    rows, number = [], 0
    for _ in range(60):
        number += rng.choice((1, 1, 1, 3))
        cells = []
        for column in sorted(rng.sample(range(30), rng.randrange(1, 12))):
            letters = chr(65 + column) if column < 26 else f"A{chr(65 + column - 26)}"
            form = rng.choice(CELLS if rng.random() < odd else CELLS[:11])
            values = {"string": rng.randrange(len(STRINGS)), "figure": rng.randrange(10**9), "style": rng.randrange(4)}
            cells.append(form.format(at=f"{letters}{number}", **values))
        more = rng.choice(("", ' spans="1:9"', ' hidden="1"', ' ht="0" customHeight="1"', ' ht="15.75"'))
        apart = rng.choice(("", "", "\n  "))
        rows.append(f'<row r="{number}"{more}>{apart}{apart.join(cells)}{apart}</row>{apart}')
        if rng.random() < 0.1:
            number += 1
            rows.append(f'<row r="{number}" s="1" customFormat="1"/>')
    head = '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="m"><cols><col min="3" max="4" hidden="1"/></cols>'
    tail = '</sheetData><autoFilter ref="A1:C9"/></worksheet>'
    return f"{head}<sheetData>{''.join(rows)}{tail}".encode()


def read(data: bytes, *, plain: bool):
    facts = SheetFacts()
    cells = Cells(Limits(), STRINGS, styles=STYLES, wanted=Wanted(columns=frozenset(range(30))))
    return list(read_rows(io.BytesIO(data), facts, cells, {}, may_be_plain=plain)), facts.to_json()


@pytest.mark.parametrize("odd", [0.0, 0.05, 0.6])
@pytest.mark.parametrize("seed", range(4))
def test_rows_told_by_patterns_are_the_parsers(monkeypatch, seed, odd):
    data = sheet(random.Random(f"{seed} {odd}"), odd)
    by_parser = read(data, plain=False)
    assert len(by_parser[0]) > 40
    for size, before in ((1 << 18, 20), (400, 2), (1000, 1), (1 << 18, 1 << 20)):
        monkeypatch.setattr(xlsx_plain, "_ROWS_BEFORE_A_PATTERN", before)
        monkeypatch.setattr(xlsx_sheet, "_BLOCK", size)
        assert read(data, plain=True) == by_parser


ITEMS = (
    "<si><t>王五</t></si>", '<si><t xml:space="preserve"> 李 </t></si>', "<si><t/></si>", "<si><t></t></si>",
    '<si><t>张三</t><phoneticPr fontId="1" type="noConversion"/></si>', "<si><t>换_x000D_行</t></si>",
    "<si><t>a&amp;b</t></si>", "<si><r><t>赵</t></r><r><rPr><strike/></rPr><t>六</t></r></si>",
    "<si><r><rPr><strike/></rPr><t>划去</t></r></si>", "<si><t>钱</t><rPh><t>qian</t></rPh></si>", "<si></si>",
)  # fmt: skip


def strings(data: bytes, *, plain: bool, monkeypatch):
    with monkeypatch.context() as patch:
        if not plain:
            patch.setattr(xlsx_strings, "_MAY_BE_PLAIN", False)
        found = Strings(io.BytesIO(data))
        return found.all(), found.struck


@pytest.mark.parametrize("comment", ["", "<!-- <si><t>x</t></si> -->", "<si><t><![CDATA[<si>]]></t></si>"])
@pytest.mark.parametrize("seed", range(3))
def test_strings_told_by_patterns_are_the_parsers(monkeypatch, seed, comment):
    rng = random.Random(f"{seed}{comment}")
    items = [rng.choice(ITEMS if rng.random() < 0.3 else ITEMS[:6]) for _ in range(80)]
    items.insert(50, comment)
    data = f'<?xml version="1.0" encoding="UTF-8"?><sst xmlns="m" count="9">{"".join(items)}</sst>'.encode()
    by_parser = strings(data, plain=False, monkeypatch=monkeypatch)
    for size in (1 << 18, 150, 333):
        monkeypatch.setattr(xlsx_strings, "_BLOCK", size)
        assert strings(data, plain=True, monkeypatch=monkeypatch) == by_parser
