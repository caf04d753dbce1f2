"""Which entries of a list are worth fetching, by their title alone.

The rule is liberal: it asks for the subject and drops only what cannot be a report, because what a page is gets
decided from its text, later and with a reason. Judging pages does not belong here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_INCLUDE = r"法治政府|依法行政|法治建设|法治建設"
"""泸州市人民政府2017年度法治政府建设工作报告; 某局依法行政工作情况; 法治政府 is written alike in both scripts."""

DEFAULT_EXCLUDE = (
    r"解读|解讀|图解|圖解|一图读懂|一圖讀懂"  # 《2023年法治政府建设情况报告》解读
    r"|培训|座谈会|推进会|知识竞赛|问卷|征求意见|招聘|采购|中标"  # 法治政府建设专题培训班开班
    r"|关于(?:做好|开展|报送|召开|举办).*通知$"  # 关于报送2017年度法治政府建设工作报告的通知
)


@dataclass(frozen=True)
class TitleRule:
    """A pair of patterns searched for in full titles.

    Attributes:
        include: a title without this is not wanted.
        exclude: a title with this is not wanted either.
    """

    include: re.Pattern[str] = re.compile(DEFAULT_INCLUDE)
    exclude: re.Pattern[str] = re.compile(DEFAULT_EXCLUDE)

    def wants(self, title: str) -> bool:
        """Whether an entry of this title shall be fetched; white space in it does not count."""
        compact = "".join(title.split())
        return bool(self.include.search(compact)) and not self.exclude.search(compact)
