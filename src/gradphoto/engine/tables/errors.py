"""Why a file as a whole cannot be read, and what to do about each."""

from __future__ import annotations

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


class RosterFileError(GradPhotoError):
    """The file as a whole cannot be read."""


def refusal(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> RosterFileError:
    """A refusal with its sentences."""
    return RosterFileError(f"roster.{code}", Wording(zh, en), Wording(remedy_zh, remedy_en))


def empty() -> RosterFileError:
    return refusal("empty", "文件是空的。", "The file is empty.", "请重新导出后再上传。", "Export it again.")


def no_rows() -> RosterFileError:
    return refusal(
        "empty", "表头下面没有数据。", "There are no rows below the heading.", "请填写后再上传。", "Fill it in first."
    )


def only_formulas() -> RosterFileError:
    return refusal(
        "only_formulas",
        "表头下面只有错误值或没有保存结果的公式。",
        "Below the heading stand only error values and formulas whose results were not saved.",
        "请用表格软件打开并保存一次，或把公式粘贴为数值。",
        "Open and save the file once in a spreadsheet program, or paste the values.",
    )


def too_large(limit_bytes: int) -> RosterFileError:
    most = limit_bytes // 1024**2
    return refusal(
        "too_large",
        f"文件超过 {most} MB。",
        f"The file is larger than {most} MB.",
        "请按学院拆分。",
        "Split it by department.",
    )


def too_many_rows(limit: int) -> RosterFileError:
    return refusal(
        "too_many_rows",
        f"超过 {limit} 行。",
        f"More than {limit} rows.",
        "请按学院拆分后分别上传；若下方多是空行，请删除空行后另存。",
        "Split it by department; if most rows are blank, delete those and save again.",
    )


def too_wide(limit: int) -> RosterFileError:
    return refusal(
        "too_wide",
        f"表格右侧远处还有内容，超过 {limit} 列。",
        f"There is something far to the right: the table has more than {limit} columns.",
        "请删除名册右侧多余的列后另存。",
        "Delete the columns right of the roster and save again.",
    )


def encrypted() -> RosterFileError:
    return refusal(
        "encrypted",
        "文件有打开密码。",
        "The file is protected by a password.",
        "请去掉密码后另存再上传（文件—信息—保护工作簿—用密码进行加密，清空密码）。",
        "Remove the password (File, Info, Protect workbook) and save it again.",
    )


def zip_bomb() -> RosterFileError:
    return refusal(
        "zip_bomb",
        "文件解压后异常巨大，已拒绝。",
        "The file unpacks to an absurd size and was refused.",
        "请在表格软件中另存为新的 xlsx 后再上传。",
        "Save it as a new xlsx in your spreadsheet program.",
    )


def truncated() -> RosterFileError:
    return refusal(
        "truncated",
        "文件不完整，可能没有传完或拷贝中断。",
        "The file is cut off: an upload or a copy broke off.",
        "请找到原文件，能打开后重新上传。",
        "Go back to the original, see that it opens, and hand it in again.",
    )


def damaged() -> RosterFileError:
    return refusal(
        "damaged",
        "文件内部已损坏。",
        "The file is damaged inside.",
        "请在表格软件中打开并另存为新的 xlsx。",
        "Open it in your spreadsheet program and save it as a new xlsx.",
    )


def not_a_table(zh: str = "", en: str = "") -> RosterFileError:
    """No table; ``zh`` and ``en`` name what it is instead, where that is known."""
    return refusal(
        "not_a_table",
        f"文件不是可读取的表格{f'，而是{zh}' if zh else ''}。",
        f"The file is not a table that can be read{f' but {en}' if en else ''}.",
        "请上传 xlsx、xls、csv 或 dbf；不要只改扩展名。",
        "Hand in an xlsx, xls, csv or dbf; renaming is not enough.",
    )


def web_page() -> RosterFileError:
    return refusal(
        "web_page",
        "文件是网页或 XML 表格，只是扩展名写成了 xls。",
        "The file is a web page or XML that was named xls.",
        "请用表格软件打开，另存为 xlsx 后再上传。",
        "Open it in your spreadsheet program and save it as xlsx.",
    )


def unknown_encoding(line: int) -> RosterFileError:
    return refusal(
        "mojibake",
        f"第 {line} 行起文字编码无法识别。",
        f"From line {line} on the text encoding cannot be recognised.",
        "请另存为 xlsx 或 UTF-8 编码的 csv。",
        "Save it as xlsx, or as csv in UTF-8.",
    )


def garbled(should_be: str) -> RosterFileError:
    """Text that decodes but was read in a wrong encoding before it was saved."""
    return refusal(
        "mojibake",
        f"文件内容是乱码：保存前曾用错误的编码打开（表头本应是“{should_be}”）。",
        f"The text is garbled: it was opened in a wrong encoding and saved so (the heading should be {should_be}).",
        "请从原系统重新导出，直接上传，不要先用记事本或表格软件打开再保存。",
        "Export it again and hand it in as it is, without opening and saving it on the way.",
    )


def unclosed_quote(line: int) -> RosterFileError:
    return refusal(
        "bad_csv",
        f"第 {line} 行附近的引号没有成对，后面的行会被当作一个单元格。",
        f"A quotation mark near line {line} is not closed; all that follows would be one cell.",
        "请删除多余的引号，或另存为 xlsx。",
        "Delete the odd quotation mark, or save the file as xlsx.",
    )


def header_not_found(sheet: str, headings: int) -> RosterFileError:
    where = (f"工作表“{sheet}”", f" of sheet {sheet}") if sheet else ("", "")
    return refusal(
        "header_not_found",
        f"{where[0]}前{headings}行中没有找到表头。",
        f"No heading row was found in the first {headings} rows{where[1]}.",
        "表头应含“学号、姓名、性别、身份证号”等列；请取消表头的合并单元格，或下载模板对照，或手工指定各列。",
        "It needs headings such as 学号, 姓名, 性别, 身份证号: unmerge them, compare with the template, or name the columns.",
    )


def no_such_sheet(sheet: str, sheets: tuple[str, ...]) -> RosterFileError:
    return refusal(
        "no_such_sheet",
        f"没有工作表“{sheet}”。",
        f"There is no sheet {sheet}.",
        f"请选择：{'、'.join(sheets)}。",
        f"Choose one of: {', '.join(sheets)}.",
    )


def mapping_does_not_fit() -> RosterFileError:
    return refusal(
        "mapping_does_not_fit",
        "列对应关系与文件不符：所指的表头行或列不存在。",
        "The column mapping does not fit the file: its heading row or a column is not there.",
        "请重新确认各列。",
        "Confirm the columns again.",
    )


def too_many_sheets(limit: int) -> RosterFileError:
    return refusal(
        "too_many_sheets",
        f"工作簿中的工作表超过 {limit} 个。",
        f"The workbook has more than {limit} sheets.",
        "请只保留名册所在的工作表后另存。",
        "Keep only the sheets of the roster and save again.",
    )


def too_many_merges(limit: int) -> RosterFileError:
    return refusal(
        "too_many_merges",
        f"合并单元格超过 {limit} 处。",
        f"There are more than {limit} merged cells.",
        "请全选后取消合并单元格，另存后再上传。",
        "Select all, unmerge the cells and save again.",
    )


def cell_too_long(line: int) -> RosterFileError:
    return refusal(
        "cell_too_long",
        f"第 {line} 行有一个单元格超过 13 万个字符。",
        f"A cell in row {line} has more than 130,000 characters.",
        "请检查该行是否缺少引号或分隔符，删除多余内容后另存。",
        "See whether a quotation mark or a separator is missing in that row, mend it and save again.",
    )
