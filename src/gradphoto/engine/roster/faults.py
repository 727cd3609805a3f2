"""Every sentence of the check, each beside its twin: what is wrong with a cell, and what to do about it.

Codes are stable; ``roster.`` is put before them. Sources: R20-R31, R45, GB 11643-1999, facts 2.
"""

from __future__ import annotations

from datetime import date

from gradphoto.engine.roster.findings import Fault, Place, Severity, error, warning
from gradphoto.engine.standards.identity import IdNumberError
from gradphoto.engine.standards.name_faults import NameFault
from gradphoto.engine.wording import Wording

# The file and its rows
MACROS = warning(
    "macros", "文件带有宏；只读取了数值，没有运行宏。", "The file has macros; values were read, no macro was run.",
    "如需留存，请另存为不带宏的 xlsx。", "Save it as an xlsx without macros for keeping.",
)  # fmt: skip
COLUMN_TWICE = warning(
    "column_twice", "这一列出现了两次，只读取了左边的一列。", "This heading stands twice; the left column was read.",
    "请删除或改名其中一列。", "Delete or rename one of them.",
)  # fmt: skip
REPEATED_HEADER = warning(
    "repeated_header", "这一行重复了表头，未作为学生读入。", "This row repeats the headings and was not read as a person.",
    "无需处理；可删除该行。", "Nothing needs doing; you may delete it.",
)  # fmt: skip
FOOT_LINE = warning(
    "foot_line", "这一行像是表尾说明，未作为学生读入。", "This row looks like a note below the table and was not read as a person.",
    "如果是学生，请补全该行。", "If it is a person, complete the row.",
)  # fmt: skip
CELL_ERROR = error(
    "cell_error", "单元格是公式错误值。", "The cell holds the error value of a formula.",
    "请改正公式，或直接填写数值。", "Mend the formula, or enter the value itself.",
)  # fmt: skip
FORMULA_WITHOUT_VALUE = error(
    "formula_without_value", "单元格是公式，但文件中没有保存它的结果。", "The cell holds a formula whose result was not saved.",
    "请用表格软件打开并保存一次，或把公式粘贴为数值。", "Open and save it once in a spreadsheet program, or paste the values.",
)  # fmt: skip

ROW_WITHOUT_VALUES = error(
    "row_without_values", "这一行全是错误值或没有保存结果的公式，无法读入。",
    "This row holds nothing but error values or formulas whose results were not saved; it cannot be read.",
    "请用表格软件打开并保存一次，或把公式粘贴为数值；多余的行请删除。",
    "Open and save the file once in a spreadsheet program, or paste the values; delete the row if it is nobody's.",
)  # fmt: skip


def column_missing(title: str) -> Fault:
    """A column that no row can be without."""
    return error(
        "column_missing", f"缺少“{title}”列，所有行都无法使用。", f"The column {title} is missing, so no row can be used.",
        f"请补上“{title}”列，或为整个文件指定统一的值，或在列对应中选择。", f"Add the column {title}, give one value for the whole file, or map a column to it.",
    )  # fmt: skip


HIDDEN_COLUMN = warning(
    "hidden_column", "这一列在文件中是隐藏的，已读入。", "This column is hidden in the file; it was read.",
    "如不应读入，请在列对应中改为“不导入”。", "Choose “not imported” for it if it should not be read.",
)  # fmt: skip
CUT = warning(
    "cut", "内容占满了该字段的宽度，可能被截断。", "The text fills its column to the last byte: it was probably cut.",
    "请对照原始资料核对是否完整。", "Compare it with the original papers.",
)  # fmt: skip


BROKEN_CHARACTER = warning(
    "broken_character", "单元格中有字节不成字，内容已残缺。", "A byte in this cell belongs to no character: some of the text is lost.",
    "请对照原始资料补全。", "Complete it from the original papers.",
)  # fmt: skip
ELSEWHERE = warning(
    "memo_elsewhere", "备注型字段的内容在另一个文件（dbt、fpt）中，这里没有。",
    "The text of this memo field stands in another file (dbt, fpt), which is not here.",
    "请在原系统中导出为 xlsx，或把该字段改为字符型。", "Export it as xlsx, or make it a character field.",
)  # fmt: skip
STRUCK_CELL = warning(
    "struck_cell", "单元格的内容（或其中一部分）画了删除线，仍按原文读入。",
    "The cell, or a part of its text, is struck through; it was read as it stands.",
    "请确认：划掉的内容请删除，此人不应在名册中的请删除整行。",
    "Delete what is struck out, or the whole row if the person does not belong on the list.",
)  # fmt: skip


def count_differs(said: int, found: int) -> Fault:
    """A dbf whose header tells another number of records than there are."""
    return warning(
        "count_differs", f"文件头写着 {said} 条记录，文件中实有 {found} 条，已全部读入（含标记为删除的）。",
        f"The file's header tells {said} records, {found} are there (deleted ones too); all were looked at.",
        "请核对人数是否正确。", "See whether the number of people is right.",
    )  # fmt: skip


def hidden_row(*, left: bool) -> Fault:
    """A row that a filter or a person has hidden in the file."""
    what = ("已按要求不读入", "it was left out as asked") if left else ("已读入", "it was read")
    return warning(
        "hidden_row", f"这一行在文件中被隐藏或筛选掉；{what[0]}。", f"This row is hidden in the file or filtered out; {what[1]}.",
        "请确认此人是否应在名册中。", "See whether the person belongs on the list.",
    )  # fmt: skip


def struck_row(*, left: bool) -> Fault:
    """A row whose cells are struck through."""
    what = ("已按要求不读入", "it was left out as asked") if left else ("已读入", "it was read")
    return warning(
        "struck_row", f"这一行在文件中画了删除线；{what[0]}。", f"This row is struck through in the file; {what[1]}.",
        "请确认此人是否应在名册中。", "See whether the person belongs on the list.",
    )  # fmt: skip


def more_rows(count: int, fault: Fault) -> Fault:
    """More rows of a kind than are told one by one."""
    return warning(
        fault.code, f"另有 {count} 行：{fault.reason.zh}", f"{count} more rows: {fault.reason.en}",
        fault.remedy.zh, fault.remedy.en,
    )  # fmt: skip


def more_marks(count: int) -> Fault:
    """More remarks on cells than are kept."""
    return warning(
        "more_marks", f"公式错误等单元格问题过多，另有 {count} 处未逐一列出。", f"There are {count} more cells with error values and the like.",
        "请改正已列出的问题后重新上传。", "Mend what is listed and upload the file again.",
    )  # fmt: skip


def became_date(taken: str) -> Fault:
    """A date in a column of something else: a spreadsheet made it of 3-1 or 2022-1."""
    return warning(
        "became_date", "表格软件把这里的内容变成了日期。", "A spreadsheet program made a date of what was typed here.",
        f"已按 {taken} 读入；请把单元格设为文本后重新填写原来的内容。", f"It was read as {taken}; format the cell as text and enter it again.",
    )  # fmt: skip


def month_as_figure(taken: str) -> Fault:
    """2022.1 as a figure: 2022.10 lost its zero, or January was meant."""
    return warning(
        "month_as_figure", "年月被存成了数字，分不清是 1 月还是 10 月。", "The month was stored as a figure: January or October cannot be told.",
        f"已按 {taken[:4]} 年 {int(taken[4:])} 月读入；请核对，并写成六位数字，如 {taken}。",
        f"It was read as {taken[:4]}-{taken[4:]}; check it and write six digits, e.g. {taken}.",
    )  # fmt: skip


def sheet_left_out(title: str, people: int, *, hidden: bool) -> Fault:
    """A sheet with a heading of its own that was not read."""
    kind = ("隐藏的工作表", "The hidden sheet") if hidden else ("工作表", "The sheet")
    return warning(
        "sheet_left_out", f"{kind[0]}“{title}”（约 {people} 行）没有读入。", f"{kind[1]} {title} (about {people} rows) was not read.",
        "如也是名册，请一并选择。", "Choose it too if it is part of the roster.",
    )  # fmt: skip


def sheet_unreadable(message: Wording, remedy: Wording) -> Fault:
    """A sheet that could not be read beside one that could."""
    return warning(
        "sheet_unreadable", f"有一个工作表无法读取：{message.zh}", f"A sheet cannot be read: {message.en}", remedy.zh, remedy.en,
    )  # fmt: skip


# Any cell
REQUIRED = error("required", "必填项为空。", "A required value is missing.", "请补充完整。", "Fill it in.")
REQUIRED_AND_DERIVED = error(
    "required", "必填项为空。", "A required value is missing.",
    "可按证件号码补全；请核对后采用。", "The ID number tells it; check and take it over.", safe=True,
)  # fmt: skip
PLACEHOLDER = warning(
    "placeholder", "填的是占位符，按空白处理。", "This is a placeholder; it was read as blank.",
    "没有内容就留空。", "Leave the cell blank if there is nothing to say.", safe=True,
)  # fmt: skip
PLACEHOLDER_IN_REQUIRED = error(
    "required", "必填项填的是占位符。", "A required value holds a placeholder.", "请补充完整。", "Fill it in."
)
OUTER_SPACE = warning(
    "outer_space", "前后有空格。", "There are spaces at its ends.", "删除空格；已按此读入。", "Delete them; it was read without.", safe=True,
)  # fmt: skip
INNER_SPACE = warning(
    "inner_space", "中间有空格。", "There is a space inside.", "删除空格；已按此读入。", "Delete it; it was read without.", safe=True,
)  # fmt: skip
LINE_BREAK = warning(
    "line_break", "单元格内有换行或制表符。", "There is a line break or a tab inside.",
    "删除换行；已按此读入。", "Delete it; it was read without.", safe=True,
)  # fmt: skip
INVISIBLE = warning(
    "invisible", "含有看不见的字符。", "It has an invisible character.", "删除该字符；已按此读入。", "Delete it; it was read without.", safe=True,
)  # fmt: skip
FULL_WIDTH = warning(
    "full_width", "含有全角字母或数字。", "It has full-width letters or digits.",
    "改为半角；已按此读入。", "Use ordinary ones; it was read as such.", safe=True,
)  # fmt: skip
CODE_FOR_NAME = warning(
    "code_for_name", "填的是代码，应填名称。", "A code stands where the name should.",
    "改为对应的名称；已按此读入。", "Use the name; it was read as such.", safe=True,
)  # fmt: skip
SHORT_FORM = warning(
    "short_form", "填的是简称，应填规范名称。", "A short form stands where the full name should.",
    "改为规范名称；已按此读入。", "Use the full name; it was read as such.", safe=True,
)  # fmt: skip
FIGURE_LOST = error(
    "figure_lost", "号码被存成了数字，后几位已丢失。", "The number was stored as a figure and lost its last digits.",
    "把该列设为“文本”格式后重新录入。", "Format the column as text and enter it again.",
)  # fmt: skip


def too_long(limit: int) -> Fault:
    return error(
        "too_long", f"超过 {limit} 个字，不像是这一列的内容。", f"Longer than {limit} characters: not what belongs here.",
        "请核对是否错列。", "See whether the columns are shifted.",
    )  # fmt: skip


# Names
def of_name(fault: NameFault, severity: Severity) -> Fault:
    """A fault of the standard for names."""
    return Fault(fault.code, severity, fault.reason, fault.remedy, fault.safe_fix)


# ID numbers
ID_AS_NUMBER = error(
    "id_as_number", "证件号码被存成了数字，后几位已丢失。", "The ID number was stored as a figure and lost its last digits.",
    "把该列设为“文本”格式后重新录入。", "Format the column as text and enter it again.",
)  # fmt: skip
ID_FORM = warning(
    "id_form", "证件号码含空格、全角字符、标点或小写 x。", "The ID number has spaces, full-width characters, punctuation or a small x.",
    "改为半角数字和大写 X；已按此读入。", "Use plain digits and a capital X; it was read as such.", safe=True,
)  # fmt: skip
ID_LOOK_ALIKE = error(
    "id_look_alike", "证件号码中有形近字符（如字母 O、l，或“×”）。", "The ID number has look-alike characters (the letters O or l, a times sign).",
    "换成数字后校验位正确；请对照证件核对后采用。", "With digits instead its check digit is right; compare with the card and take it over.", safe=True,
)  # fmt: skip
ID_15_DIGITS = warning(
    "id_15_digits", "这是15位旧号，已按规则升为18位。", "This is an old 15-digit number; it was upgraded to 18 digits.",
    "请本人持证核对升位后的号码。", "Have the person compare the upgraded number with the card.", safe=True,
)  # fmt: skip
ID_OTHER_DOCUMENT = warning(
    "id_other_document", "看起来是护照或军官证号码，不是身份证号。", "This looks like a passport or officer's number.",
    "请增加“证件类型”列注明；出生日期和性别请对照证件核对。", "Add a column 证件类型; compare birth date and sex with the document.",
)  # fmt: skip
ID_TYPE_CONTRADICTS = warning(
    "id_type_contradicts", "证件类型与号码不符。", "The kind of document contradicts the number.",
    "请对照证件改正其中一项。", "Compare with the document which is right.",
)  # fmt: skip
ID_TYPE_UNKNOWN = warning(
    "id_type_unknown", "证件类型不在列表中，按号码本身判断。", "The kind of document is not in the table; the number itself was judged.",
    "例如“居民身份证”“护照”。", "For example 居民身份证 or 护照.",
)  # fmt: skip


def of_id_number(problem: IdNumberError) -> Fault:
    """A fault of the standard for ID numbers."""
    return Fault(problem.code.split(".", 1)[1], Severity.ERROR, problem.message, problem.remedy)


# Dates
DATE = error(
    "date", "日期不存在或格式不对。", "The date does not exist or is not written as one.",
    "用八位数字填写，如 19860305。", "Write it as eight digits, e.g. 19860305.",
)  # fmt: skip
DATE_FORM = warning(
    "date_form", "日期没有写成八位数字。", "The date is not written as eight digits.",
    "写成如 19860305；已按此读入。", "Write it like 19860305; it was read as such.", safe=True,
)  # fmt: skip
DATE_SERIAL = error(
    "date_serial", "日期显示成了表格软件的序号。", "The date became a spreadsheet's serial number.",
    "按序号换算成八位数字；请核对后采用。", "Convert it to eight digits; check and take it over.", safe=True,
)  # fmt: skip
DATE_MONTH = warning(
    "date_month", "日期没有写到日，按当月1日读入。", "The date has no day; it was read as the first of the month.",
    "请补全为八位数字。", "Complete it to eight digits.",
)  # fmt: skip
BIRTH_DATE_UNLIKELY = error(
    "birth_date_unlikely",
    "出生日期不合常理。",
    "The birth date is not plausible.",
    "请对照身份证核对。",
    "Compare it with the card.",
)
ENTRY_DATE_AHEAD = error("entry_date_ahead", "入学日期在未来。", "The entry date lies ahead.", "请核对。", "Check it.")


def birth_date_contradicts(by_number: date) -> Fault:
    day = f"{by_number:%Y%m%d}"
    return error(
        "birth_date_contradicts_id", "出生日期与证件号码不一致。", "The birth date contradicts the ID number.",
        f"证件号码中为 {day}；以身份证为准改正其中一项。", f"The ID number says {day}; the card decides which is right.",
    )  # fmt: skip


def study_contradicts(due_year: int, year: int) -> Fault:
    return warning(
        "study_contradicts", f"按入学日期和学制应在 {due_year} 年毕业，与 {year} 年不符。",
        f"Entry date and length of study lead to {due_year}, not {year}.",
        "请核对入学日期和学制；休学、转专业等请在备注中注明。", "Check both; note a suspension or transfer in the remarks.",
    )  # fmt: skip


OUTSIDE_COHORT = warning(
    "outside_cohort", "入学年份、学制和专业不在本届的范围内。", "Intake year, length of study and major are not in this class.",
    "请核对；往届随本届毕业的请在备注中说明。", "Check it; say in the remarks why the person graduates with this class.",
)  # fmt: skip

# Values of a table
SEX_UNKNOWN = error("sex_unknown", "性别应为“男”或“女”。", "The sex must be 男 or 女.", "请改正。", "Correct it.")
SEX_CONTRADICTS = error(
    "sex_contradicts_id", "性别与证件号码第17位不一致。", "The sex contradicts digit 17 of the ID number.",
    "以身份证为准改正其中一项。", "The card decides which is right.",
)  # fmt: skip
SEASON_UNKNOWN = error(
    "season_unknown", "毕业季应为“春季”或“秋季”。", "The season must be 春季 or 秋季.",
    "春、秋季毕业生须严格分开，请填写其一。", "Spring and autumn graduates are kept apart: name one.",
)  # fmt: skip


def season_of_no_month(month: int) -> Fault:
    """R13: the rule has no season for this month of graduation."""
    return error(
        "season_month_unruled",
        f"没有规定 {month} 月毕业属于哪一季。",
        f"No rule says which season month {month} is.",
        "在规则“毕业月份对应的毕业季”中补上这个月份，再重新读取；或在文件中加“毕业季”一列。",
        "Add the month to the rule “Season of a month of graduation” and read the file again, or add a column 毕业季.",
    )


SEASON_BY_MONTH = warning(
    "season_by_month", "填的是毕业月份，已按规则对应到毕业季。", "A month of graduation stands here; the season was told from it by rule.",
    "写成“春季”或“秋季”；请核对后采用。", "Write 春季 or 秋季; check and take it over.", safe=True,
)  # fmt: skip
POLITICAL_OTHER = warning(
    "political_status_other", "不在通知所列的四种之中（国家标准中有）。", "Not one of the notice's four values (the national table has it).",
    "请核对；确实如此可保留。", "Check it; keep it if it is so.",
)  # fmt: skip
ETHNIC_UNKNOWN = error(
    "ethnic_group_unknown", "民族名称不在国家标准中。", "The ethnic group is not in the national table.",
    "请按身份证填写，如“汉族”。", "Fill it in as on the card, e.g. 汉族.",
)  # fmt: skip
ETHNIC_UNCOUNTED = warning(
    "ethnic_group_uncounted", "不在56个民族之中，身份证上可能如此印刷。", "Not one of the 56, though cards may print it.",
    "请对照身份证核对。", "Compare it with the card.",
)  # fmt: skip


def not_in_table(name: str, allowed: str, severity: Severity, *, safe: bool = False) -> Fault:
    """A value that a table does not have; ``safe`` where the cell was a known short form of one that it has."""
    make = error if severity is Severity.ERROR else warning
    return make(
        f"{name}_unknown", "不是规定的填写值。", "This is not one of the values allowed.",
        f"应为：{allowed}。", f"Use one of: {allowed}.", safe=safe,
    )  # fmt: skip


NATIVE_PLACE_FORM = warning(
    "native_place_form", "籍贯没有写成“××省××县（市）”。", "The native place is not written as province and county.",
    "例如“湖南省平江县”。", "For example 湖南省平江县.", safe=True,
)  # fmt: skip

# Numbers and codes
STUDENT_NO_FORM = error(
    "student_no_form", "学号只能由数字、字母和连字符组成，最多20位。", "A student number has digits, letters and hyphens, 20 at most.",
    "请核对学号。", "Check it.",
)  # fmt: skip
STUDENT_NO_LOOK_ALIKE = warning(
    "student_no_look_alike", "学号中有字母 O、I 或 l，而其他学号都是数字。", "The student number has the letter O, I or l where all others have digits.",
    "请核对是否应为数字 0 或 1。", "See whether it should be a 0 or a 1.",
)  # fmt: skip
CANDIDATE_NO_FORM = warning(
    "candidate_no_form",
    "考生号应为10至18位数字。",
    "A candidate number has 10 to 18 digits.",
    "请与录取数据核对。",
    "Compare with the admissions data.",
)
MAJOR_CODE_FORM = warning(
    "major_code_form",
    "专业代码应为4至8位数字（可带字母）。",
    "A major code has 4 to 8 digits (letters may follow).",
    "请核对。",
    "Check it.",
)
DEPARTMENT_CODE_FORM = warning(
    "department_code_form", "院系代码应为2或3位数字。", "A department code has 2 or 3 digits.", "请核对。", "Check it."
)
DEPARTMENT_CODE_UNKNOWN = error(
    "department_code_unknown",
    "没有这个院系代码。",
    "There is no such department code.",
    "请使用本校的院系代码。",
    "Use a code of this school.",
)
SCHOOL_CODE_FORM = error(
    "school_code_form",
    "院校代码应为5位（或10位标识码）数字。",
    "A school code has 5 digits (10 as an identifier).",
    "请核对。",
    "Check it.",
)
SCHOOL_OTHER = error(
    "school_other", "院校代码不是本校的。", "The school code is another school's.",
    "请核对；照片会归到错误的学校。", "Check it: the pictures would go to the wrong school.",
)  # fmt: skip
SCHOOL_NAME_OTHER = warning(
    "school_name_other",
    "院校名称与本校名称不同。",
    "The school's name differs from this school's.",
    "请按全称填写。",
    "Use the full name.",
)
SHOOTING_NO_FILLED = warning(
    "shooting_no_filled", "拍摄序号应留空，由现场采集产生。", "The shooting number stays empty: it is born at the session.",
    "请清空该列。", "Empty this column.",
)  # fmt: skip


# Duplicates
def duplicate(first: Place) -> Fault:
    return error(
        "duplicate", f"与{first.zh}重复。", f"The same stands in {first.en}.",
        "保留正确的一行，删除另一行。", "Keep the right row and delete the other.",
    )  # fmt: skip


def second_programme(first: Place) -> Fault:
    return warning(
        "second_programme", f"与{first.zh}为同一人的另一个专业（辅修、双学位等）。",
        f"Another programme of the person in {first.en} (minor, double degree).",
        "只拍摄一次，两条记录各自交付、校对；如是录重，请删除一行。",
        "Photographed once; each record is delivered and verified. Delete one row if it was entered twice.",
    )  # fmt: skip


def duplicate_person(first: Place) -> Fault:
    return warning(
        "duplicate_person", f"与{first.zh}姓名和出生日期相同而证件号码不同。",
        f"Name and birth date are those of {first.en}, the ID number differs.",
        "请核对是否同一人录了两次。", "See whether one person was entered twice.",
    )  # fmt: skip


def elsewhere(school: str) -> Fault:
    return warning(
        "listed_elsewhere", f"“{school}”的名册中也有此人。", f"The roster of {school} lists this person too.",
        "请与对方核对；有两个学籍的，每个学籍各采集一次。", "Ask there; a person with two programmes is photographed for each.",
    )  # fmt: skip
