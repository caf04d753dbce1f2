"""How numbers of a sentence hang together: lists, parts, shares, pairs, enumerations."""

import pytest

from pipelines.model import Observation
from tests.unit.reading_samples import codes, observe

Expected = list[tuple[str, str, str | None, str | None]]


def shape(text: str) -> Expected:
    """(number, code, dimension, number of the parent) of each observation."""
    found = observe(text)
    numbers = {observation.id: observation.value_text for observation in found}
    return [(o.value_text, o.indicator_code, o.dimension, numbers[o.parent_id] if o.parent_id else None) for o in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "共有行政执法主体30个,其中行政机关20个、法律法规授权组织7个、委托组织3个。",
            [
                ("30", "ENFO_SUBJECTS", None, None),
                ("20", "ENFO_SUBJECTS", "行政机关", "30"),
                ("7", "ENFO_SUBJECTS", "授权组织", "30"),
                ("3", "ENFO_SUBJECTS", "委托组织", "30"),
            ],
        ),
        (
            "审结行政复议案件40件,其中:维持12件,驳回复议申请8件,撤销5件,终止审理15件。",
            [
                ("40", "RR_CLOSED", None, None),
                ("12", "RR_UPHELD", None, "40"),
                ("8", "RR_REJECTED", None, "40"),
                ("5", "RR_REVOKED", None, "40"),
                ("15", "RR_TERMINATED", None, "40"),
            ],
        ),
        (
            "作为被申请人的行政复议案件11件,办结的共9件,其中不予受理3件,维持6件。",
            [
                ("11", "RR_AS_RESPONDENT", "被申请人", None),
                ("9", "RR_AS_RESPONDENT_CLOSED", None, "11"),
                ("3", "RR_AS_RESPONDENT_CLOSED", "不予受理", "9"),
                ("6", "RR_AS_RESPONDENT_CLOSED", "维持", "9"),
            ],
        ),
        (
            "行政应诉案件50件(经复议后提起诉讼的20件),其中一审案件30件,二审案件20件。",
            [
                ("50", "LIT_CASES", None, None),
                ("20", "LIT_AFTER_RR", None, "50"),
                ("30", "LIT_CASES", "一审", "50"),
                ("20", "LIT_CASES", "二审", "50"),
            ],
        ),
        (
            "评查行政处罚案卷220卷,优秀、合格、不合格分别为58卷、151卷和11卷。",
            [
                ("220", "ENFO_FILES_REVIEWED", "行政处罚", None),
                ("58", "ENFO_FILES_GRADE", "优秀", "220"),
                ("151", "ENFO_FILES_GRADE", "合格", "220"),
                ("11", "ENFO_FILES_GRADE", "不合格", "220"),
            ],
        ),
        (
            "办理行政处罚案件46起,审结行政复议案件20件,同比分别增长15%和9.7%。",
            [
                ("46", "ENFO_PENALTIES", None, None),
                ("20", "RR_CLOSED", None, None),
                ("15", "ENFO_PENALTIES", None, None),
                ("9.7", "RR_CLOSED", None, None),
            ],
        ),
        (
            "清理政府文件90件,其中规范性文件30件,非规范性文件60件,规范性文件继续有效的20件,废止的10件;非规范性文件在有效期内的50件,失效10件。",
            [
                ("90", "RULE_CLEAN_TOTAL", None, None),
                ("30", "RULE_CLEAN_TOTAL", "规范性文件", "90"),
                ("60", "RULE_CLEAN_TOTAL", "非规范性文件", "90"),
                ("20", "RULE_CLEAN_KEPT", "规范性文件", "30"),
                ("10", "RULE_CLEAN_REPEAL", "规范性文件", "30"),
                ("50", "RULE_CLEAN_KEPT", "非规范性文件", "60"),
                ("10", "RULE_CLEAN_EXPIRED", "非规范性文件", "60"),
            ],
        ),
        (
            "评查行政处罚案卷50件,评出优秀案卷10件,占20%;合格案卷40件,占80%。",
            [
                ("50", "ENFO_FILES_REVIEWED", "行政处罚", None),
                ("10", "ENFO_FILES_GRADE", "优秀", "50"),
                ("20", "ENFO_FILES_GRADE", "优秀", "50"),
                ("40", "ENFO_FILES_GRADE", "合格", "50"),
                ("80", "ENFO_FILES_GRADE", "合格", "50"),
            ],
        ),
        (
            "开展合法性审查60件,其中协议类20件、请示类40件,共对8件文件提出了修改意见。",
            [
                ("60", "DECI_LEGAL_REVIEW", None, None),
                ("20", "DECI_LEGAL_REVIEW", "协议", "60"),
                ("40", "DECI_LEGAL_REVIEW", "请示", "60"),
                ("8", "DECI_REVIEW_OPINIONS", None, "60"),
            ],
        ),
        (
            "将全市6个县(区)、40个部门以及2个园区纳入考核。",
            [
                ("6", "LEAD_ASSESSED_UNITS", "县(区)", None),
                ("40", "LEAD_ASSESSED_UNITS", "部门", None),
                ("2", "LEAD_ASSESSED_UNITS", "园区", None),
            ],
        ),
        (
            "接收报备规范性文件30件,其中予以备案28件。备案文件中,县(区)备案18件、部门备案10件。",
            [
                ("30", "RULE_NORM_RECEIVED", None, None),
                ("28", "RULE_NORM_RECORDED", None, "30"),
                ("18", "RULE_NORM_RECORDED", "县(区)", "28"),
                ("10", "RULE_NORM_RECORDED", "部门", "28"),
            ],
        ),
    ],
)
def test_lists(text: str, expected: Expected) -> None:
    assert shape(text) == expected


def comparison(text: str) -> list[tuple[str, str, str | None]]:
    return [(o.value_text, o.indicator_code, o.comparison) for o in observe(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "行政许可事项由260项调整为240项。",
            [("260", "FUNC_LICENSE_ITEMS", "before"), ("240", "FUNC_LICENSE_ITEMS", None)],
        ),
        (
            "法治建设占比分值由去年的3%上升为5%。",
            [("3", "LEAD_ASSESS_WEIGHT", "prior_year"), ("5", "LEAD_ASSESS_WEIGHT", None)],
        ),
        (
            "调解纠纷300件,同比增长12.5%,化解率98%。",
            [("300", "MED_CASES", None), ("12.5", "MED_CASES", "growth"), ("98", "MED_SUCCESS_RATE", None)],
        ),
        (
            "审结行政复议案件90件,较上年下降5%。",
            [("90", "RR_CLOSED", None), ("5", "RR_CLOSED", "growth")],
        ),
    ],
)
def test_pairs_and_growth(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert comparison(text) == expected


def test_respectively_pairs_names_and_numbers_in_order() -> None:
    text = "行政执法案件大幅增长,环境保护领域、安全生产领域和质量监管领域分别达到60%、50%、40%。"
    assert [(o.value_text, o.dimension) for o in observe(text)] == [
        ("60", "环境保护"),
        ("50", "安全生产"),
        ("40", "质量监管"),
    ]


def test_an_enumeration_without_dimensions_is_not_inherited() -> None:
    assert codes("审结行政复议案件30件、信访积案50件。") == [("30", "RR_CLOSED"), ("50", "OTHER")]


def test_the_same_number_told_again_is_marked() -> None:
    found: list[Observation] = observe("抽取43件行政处罚案卷进行评查。在抽查的43件行政处罚案卷中,未发现问题。")
    assert [o.duplicate_of for o in found] == [None, found[0].id]


def test_context_decides_between_equal_words() -> None:
    text = "收到行政复议申请20件,受理18件。收到政府信息公开申请9件,受理7件,答复6件。"
    assert codes(text) == [
        ("20", "RR_RECEIVED"),
        ("18", "RR_ACCEPTED"),
        ("9", "SUPV_FOI_RECEIVED"),
        ("7", "SUPV_FOI_ACCEPTED"),
        ("6", "SUPV_FOI_ANSWERED"),
    ]
