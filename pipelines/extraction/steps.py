"""Why a number was read as it was: the names of the rules that are code, and the words that made one apply.

The rules that recognise indicators are rows of tables and have their own names. Those that settle how numbers hang
together and what flags they carry are code; here they have a name and a sentence each, so that a decision can be
shown and a rule be left out by its name. What the rules do stands in :mod:`pipelines.extraction.structure` and
:mod:`pipelines.extraction.flags`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

STRUCTURE_RULES: Mapping[str, str] = {
    "parenthesis": "a number in parentheses directly behind another belongs to it",
    "list_opener": "其中, 包括, 分别为 or a colon opens a list of parts of the number before",
    "list_continues": "the list that is open goes on with an item of the same kind",
    "out_of": "有 or 中有 takes a number out of the one before it",
    "enumeration": "an item joined by 、 or 和 measures what the item before it measures",
    "share": "占 names a share of the number before it",
    "earlier_value": "比 or 较 with a year names the value of that year",
    "growth": "同比增长 and the like name the change of the number before",
    "growth_row": "a rate joined to a growth rate is one too",
    "pair": "由…调整为… holds the value before and the value after",
    "in_order": "the numbers behind 分别 take the names before it in their order",
    "taken_up": "…中, at the start of a sentence takes up a total of the paragraph",
    "part_of_total": "the catalogue says of which total the indicator is a part",
    "subtotal": "a part belongs to the subtotal that its words name or that was spoken of last",
    "table_total": "a figure of a table is part of the total of its row or column, or of the row above its 其中",
    "table_growth": "a figure under 同比 and the like is the growth of the nearest figure to its left",
    "table_share": "a figure under 占比 and the like is a share of the nearest count to its left",
    "table_labels": "figures of one indicator are told apart by the labels in which they differ",
    "shared_dimension": "the catalogue says that a part has the dimension of its total",
}
"""Rules of :mod:`pipelines.extraction.structure` and, for tables, ``table_relations``, and what each says."""

FLAG_RULES: Mapping[str, str] = {
    "plan_part": "the section tells of plans",
    "planned_words": "力争, 预计, 计划 and the like stand before the number",
    "future_sentence": "the sentence begins with 下一步, 明年 and the like",
    "next_year_sentence": "the sentence begins with the year after the reporting year",
    "since": "the number counts since an earlier year or event",
    "counts_up": "累计 stands in the clause, or in that of the total, and nothing limits it to the year",
    "stocked": "已归集 and the like tell of a stock grown over years",
    "proposed_words": "拟废止, 拟修订 and the like: not done yet",
    "lower_unit": "the clause begins with the name of a division under the report's region",
    "township_subject": "the clause begins with a township that acts",
    "scope_words": "全市, 市本级, 县级 and the like stand before the number",
    "scope_of_total": "a part has the scope of its total",
    "authority_of_indicator": "the catalogue says whose figure the indicator is",
    "reviewing_organ": "the government above that reviews the case is named",
    "police_measure": "detention and the like are acts of the police",
    "other_subject": "a court, procuratorate, people's congress or the like is the subject",
}
"""Rules of :mod:`pipelines.extraction.flags` and what each says."""


class Step(NamedTuple):
    """One rule that applied to a number, and the words of the masked text that made it apply."""

    rule: str
    words: str
