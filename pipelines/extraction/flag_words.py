"""The words that set flags: plans, running totals, proposals, other organs, whose figure it is.

Only patterns, each with an example; what they mean for a number is said in :mod:`pipelines.extraction.flags`.
"""

from __future__ import annotations

import re

# "力争办结率达到90%" "计划开展培训12次" "预计新增20家" "力争建成10个,确保出庭率达到100%"
PLANNED = re.compile(
    r"(?:力争|争取|预计|计划(?=开展|组织|完成|举办|培训|新增|建成|实现|到)|拟于|将于|目标是)[^;。]{0,60}$"
)
# "当前,…还存在薄弱环节" "仍有11个部门": a shortcoming told among the plans
PRESENT = re.compile(r"^(?:当前|目前|但)|(?:仍|还)(?:有|存在)|尚未|尚有")
# "下一步,我市将…" "明年,将…" "今后五年": a sentence that turns to the future
FUTURE_SENTENCE = re.compile(r"^(?:下一步|下步|今后|明年|下一年|下阶段|接下来)")
# "2024年,力争…" in the report of 2023
YEAR_AT_START = re.compile(r"^(?P<year>(?:19|20)\d{2})年,")
# "累计办理128件"
CUMULATIVE = re.compile(r"累计(?!达标)")
# "全年累计办理" "今年累计" "2023年累计": the year's own running total
WITHIN_YEAR = re.compile(r"全年|今年|本年|年内|当年|年度|(?:19|20)\d{2}年(?!以来)(?!来)")
# "已归集企业登记信息46.8万条" "已汇集" "已录入": a stock grown over years
STOCKED = re.compile(r"已(?:归集|汇集|累计|采集)")
# "“两法衔接”信息共享平台运行以来," "2020年以来," "制度实施以来,": an adverbial clause of its own
SINCE = re.compile(r"(?:^|[,;])(?P<since>[^,;。]{2,30}?(?:以来|至今))[,:]")
# "2020年以来": the year from which a number counts
SINCE_YEAR = re.compile(r"(?P<year>(?:19|20)\d{2})年")
# "今年以来," "年初以来,": this year only
SINCE_THIS_YEAR = re.compile(r"今年|年初|本年|入[春夏秋冬]")
# "截至目前,共有33家": a date of reference, not a sum over years
AS_OF = re.compile(r"截[至止](?P<when>[^,;。]{1,14})[,;]")
# "拟废止6件" "拟修订21件" "拟修改完善的125份"; "拟办的58项" is a list of the year
PROPOSED = re.compile(
    r"(?<!草)(?<!模)拟(?:予以)?(?:废止|修改|修订|修改完善|取消|保留|下放|新增|调整|失效|清理|制定)[^,;。、]{0,6}$"
)
# "县人大常委会听取…" "全市法院审结…" "2023年,县人大听取…": another organ is the subject; not "提请市人大常委会…"
OTHER_SUBJECT = re.compile(
    r"^(?:(?:19|20)\d{2}年(?:度)?,?|全年,?|今年,?)?(?!提请|报请|接受|配合|经)(?:全?[省市州县区盟旗]|[一-鿿]{2,8}[省市县区])?"
    r"(?P<organ>人民法院|中级法院|法院|人民检察院|检察院|检察机关|人大常委会|人大|政协|监察机关|纪委监委|纪检监察机关)(?=[一-鿿])(?!代表|委员|建议|提案|机关|的)"
)
# ";法院审结…" ",县检察院共建议": the same at the head of a clause
OTHER_SUBJECT_IN_CLAUSE = re.compile(
    r"[,;](?:[省市州县区盟旗]|[一-鿿]{2,6}[省市县区])?(?P<organ>人民法院|法院|人民检察院|检察院|检察机关|人大常委会|人大)(?=共|已|全年|依法|办理|审结|发出|听取|开展|提出)"
)
# ",行政拘留44人" "、采取刑事强制措施58人": acts that only the police can do
POLICE_MEASURE = re.compile(r"行政拘留|刑事拘留|刑事强制措施|抓获|公安(?:机关)?(?:已)?立案")
# "向省政府提出答复意见" "答复省政府受理的": the reviewing organ of the level above
REVIEWING_ORGAN = re.compile(r"(?P<organ>[省市州](?:人民)?政府|司法部|国务院)")
# "市本级行政许可事项" "全市" "区直部门" "县(区)政府": whose figure it is; "向市政府报备" names the receiver
SCOPE = re.compile(
    r"(?<![向报经由除送、])(?:市本级|县本级|区本级|区政府本级|县政府本级|市政府本级|本级|省级|市级部门|县级部门|区级部门|区直部门|县直部门|市直部门|市级|县级|"
    r"全省|全市|全县|全区|全州|全旗|市政府法制办|区政府法制办|县政府法制办|市政府|县政府|区政府)"
)
# "龙泉镇设立…" "新城街道办理…" at the head of a clause: a township inside a county
TOWNSHIP_SUBJECT = re.compile(
    r"(?:^|[,;])(?P<name>[一-鿿]{2,5}?(?:镇|乡|街道))(?=在|共|已|建立|设立|成立|开展|办理|办结|全年)"
)

FLAG_WORDS = {
    "planned": PLANNED,
    "since": SINCE,
    "cumulative": CUMULATIVE,
    "within_year": WITHIN_YEAR,
    "stocked": STOCKED,
    "proposed": PROPOSED,
    "subject": OTHER_SUBJECT,
    "subject_in_clause": OTHER_SUBJECT_IN_CLAUSE,
    "police": POLICE_MEASURE,
    "scope": SCOPE,
}
"""Patterns by name that are tried only in sentences where their words stand."""
