"""Native places in the form of R28: ××省××县（市）."""

from __future__ import annotations

import re

# GB/T 2260, first level: full names by the short form that people write.
PROVINCES: dict[str, str] = {
    "北京": "北京市", "天津": "天津市", "河北": "河北省", "山西": "山西省", "内蒙古": "内蒙古自治区", "辽宁": "辽宁省",
    "吉林": "吉林省", "黑龙江": "黑龙江省", "上海": "上海市", "江苏": "江苏省", "浙江": "浙江省", "安徽": "安徽省",
    "福建": "福建省", "江西": "江西省", "山东": "山东省", "河南": "河南省", "湖北": "湖北省", "湖南": "湖南省",
    "广东": "广东省", "广西": "广西壮族自治区", "海南": "海南省", "重庆": "重庆市", "四川": "四川省", "贵州": "贵州省",
    "云南": "云南省", "西藏": "西藏自治区", "陕西": "陕西省", "甘肃": "甘肃省", "青海": "青海省", "宁夏": "宁夏回族自治区",
    "新疆": "新疆维吾尔自治区", "台湾": "台湾省", "香港": "香港特别行政区", "澳门": "澳门特别行政区",
}  # fmt: skip
_SHORT = re.compile("|".join(PROVINCES))
_SECOND = re.compile(r"[\u3400-\u9fff]+(?:县|市|区|旗|州|盟|地区|林区|特区|团|师)")
_WHOLE_REGIONS = frozenset({"香港特别行政区", "澳门特别行政区"})
_CITIES = frozenset({"北京市", "天津市", "上海市", "重庆市"})


def is_native_place(text: str) -> bool:
    """Whether a text names an existing province in full and a county, city or district in it."""
    found = _SHORT.match(text)
    if found is None:
        return False
    province = PROVINCES[found[0]]
    if not text.startswith(province):
        return False
    rest = text.removeprefix(province)
    return text in _WHOLE_REGIONS or _SECOND.fullmatch(rest) is not None


def canonical_native_place(text: str) -> str | None:
    """The same place with the province's name in full, where nothing has to be guessed; else None.

    湖南平江县 becomes 湖南省平江县; a county without its kind (湖南平江) stays for a person to complete.
    """
    plain = "".join(text.split())
    found = _SHORT.match(plain)
    if found is None:
        return None
    province = PROVINCES[found[0]]
    rest = plain.removeprefix(province) if plain.startswith(province) else plain.removeprefix(found[0])
    rest = rest.removeprefix("省") if province.endswith("省") else rest
    if province in _CITIES:
        rest = rest.removeprefix("市").removeprefix(province)
    whole = province + rest
    return whole if is_native_place(whole) else None
