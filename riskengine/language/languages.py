"""What differs between the languages of reports apart from their texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How a language writes numbers, dates and money, and in which fonts."""

    code: str  #: ISO 639-1, as `run.language` and the `lang` of a page
    percent: str = " %"  #: after the figure
    to: str = " to "  #: between the ends of a range
    comma: str = ", "  #: between the items of a list
    last_comma: str = " and "  #: before the last of them
    date: str = ""  #: a date in full; empty for English
    gap: str = " "  #: between two sentences
    myriads: Mapping[str, float] = field(default_factory=dict)  #: words of large numbers: size
    scales: Mapping[str, str] = field(default_factory=dict)  #: `million` -> its words
    space: str = ""  #: between the word for a large number and the currency
    currencies: Mapping[str, str] = field(default_factory=dict)  #: by code or sign
    font: str = ""  #: of a workbook; empty for that of the program
    style: str = ""  #: CSS of a page, after that of all pages


ENGLISH = Language(code="en")
KOREAN = Language(
    code="ko",
    percent="%",
    to="~",
    last_comma=", ",
    date="{year}년 {month}월 {day}일",
    myriads={"조": 1e12, "억": 1e8, "만": 1e4, "": 1.0},
    scales={"thousand": "천", "million": "백만", "billion": "십억", "trillion": "조"},
    space=" ",
    currencies={
        "USD": "달러", "US$": "달러", "KRW": "원", "₩": "원", "JPY": "엔", "EUR": "유로",
        "€": "유로", "CNY": "위안", "GBP": "파운드", "TWD": "대만 달러", "INR": "루피",
    },
    font="Malgun Gothic",
    style='\nbody { font-family: "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", '
    '"Noto Sans KR", system-ui, sans-serif; word-break: keep-all; }\n',
)  # fmt: skip
JAPANESE = Language(
    code="ja",
    percent="%",
    to="～",
    comma="、",
    last_comma="、",
    date="{year}年{month}月{day}日",
    gap="",
    myriads={"兆": 1e12, "億": 1e8, "万": 1e4, "": 1.0},
    scales={"thousand": "千", "million": "百万", "billion": "十億", "trillion": "兆"},
    currencies={
        "USD": "ドル", "US$": "ドル", "KRW": "ウォン", "₩": "ウォン", "JPY": "円", "EUR": "ユーロ",
        "€": "ユーロ", "CNY": "人民元", "GBP": "ポンド", "TWD": "台湾ドル", "INR": "ルピー",
    },
    font="Yu Gothic",
    style='\nbody { font-family: "Hiragino Sans", "Yu Gothic", Meiryo, "Noto Sans CJK JP", '
    '"Noto Sans JP", system-ui, sans-serif; line-break: strict; }\n'
    "thead th { min-width: 5rem; }\n@media print { thead th { min-width: 0; } }\n",
)  # fmt: skip

LANGUAGES = {each.code: each for each in (ENGLISH, KOREAN, JAPANESE)}
