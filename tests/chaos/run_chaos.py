"""``make chaos``: kills nights at many points, lets everything else go wrong too, and prints what came of it.

Ends with exit code 1 when a release was not as it must be, or when time ran out before all points were tried.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, SimpleQueue

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
FOLDERS = (TESTS.parent, HERE, HERE / "hooks", TESTS / "support", TESTS / "guard")
sys.path[:0] = [str(folder) for folder in FOLDERS]

from drills import Verdict, bases, drill  # noqa: E402  (their folders are put on the path just above)
from faults import CHEAP, DISKS, OTHERS, Fault, Finding  # noqa: E402
from kills import SHARES, Row, draw  # noqa: E402
from stand import Base, Stand, stand  # noqa: E402


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--points", type=int, default=60, help="points at which a night is killed")
    parser.add_argument("--seed", type=int, default=20261120, help="what the points are drawn by")
    parser.add_argument("--in-a-row", type=int, default=8, help="nights killed at most before one is left alone")
    parser.add_argument("--minutes", type=float, default=120, help="no row is begun after so many")
    parser.add_argument("--workers", type=int, default=2, help="nights at the same time")
    parser.add_argument("--only", choices=("kills", "faults"), help="leave out the rest")
    return parser.parse_args(given)


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def work(stands: Sequence[Stand], jobs: Sequence[Callable[[Stand], None]], until: float) -> int:
    """Let every stand take one job after the other; return how many were not begun in time."""
    waiting: SimpleQueue[Callable[[Stand], None]] = SimpleQueue()
    for job in jobs:
        waiting.put(job)

    def take_turns(at: Stand) -> None:
        while time.monotonic() < until:
            try:
                job = waiting.get_nowait()
            except Empty:
                return
            job(at)

    with ThreadPoolExecutor(len(stands)) as pool:
        for turn in [pool.submit(take_turns, each) for each in stands]:
            turn.result()
    return waiting.qsize()


def table(verdicts: Sequence[Verdict]) -> list[str]:
    """Return points, and rows with faults, by part of the night."""
    lines = [f"{'part of the night':<18} {'points':>6} {'group':>6} {'main':>6} {'child':>6} {'too late':>9}"]
    kills = [(kill, number < len(each.died_in)) for each in verdicts for number, kill in enumerate(each.row.kills)]
    for point in SHARES:
        hit = Counter(kill.victims for kill, died in kills if kill.point == point and died)
        late = sum(kill.point == point and not died for kill, died in kills)
        child = hit["dbt"] + hit["crawl"]
        lines.append(f"{point:<18} {hit.total():>6} {hit['group']:>6} {hit['main']:>6} {child:>6} {late:>9}")
    total = sum(len(each.died_in) for each in verdicts)
    bad = sum(bool(each.faults) for each in verdicts)
    looks = sum(each.looks for each in verdicts)
    lines.append(f"{total} points, {len(verdicts)} reruns, {bad} with faults; the reader looked {looks:,} times")
    return lines


def main(given: Sequence[str]) -> int:
    """Run the drills; return the exit code."""
    args = arguments(given)
    began = time.monotonic()
    until = began + args.minutes * 60
    folder = Path(tempfile.mkdtemp(prefix="fazhi-chaos-"))
    verdicts: list[Verdict] = []
    findings: list[Finding] = []
    left = 0
    try:
        with ExitStack() as stack:
            stands = [stack.enter_context(stand(folder / f"stand-{number}")) for number in range(args.workers)]
            # Without a network for each, nights would want the same ports.
            stands = stands if all(each.is_isolated for each in stands) else stands[:1]
            say(f"{len(stands)} at a time; undisturbed nights first")
            measure = bases(stands)
            say(f"undisturbed nights done after {time.monotonic() - began:.0f} s")
            jobs: list[Callable[[Stand], None]] = []
            if args.only != "kills":
                jobs += [fault_job(fault, measure["second night"], findings) for fault in faults()]
            if args.only != "faults":
                jobs += [
                    row_job(row, measure, verdicts)
                    for row in draw(args.points, args.seed, sorted(measure), args.in_a_row)
                ]
            left = work(stands, jobs, until)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for line in table(verdicts) if verdicts else []:
        say(line)
    bad = [each for each in verdicts if each.faults] + [each for each in findings if each.faults]
    say(f"{len(findings)} other faults; {len(bad)} drills ended badly; {left} were not begun in time; "
        f"seed {args.seed}, {time.monotonic() - began:.0f} s")  # fmt: skip
    return 1 if bad or left else 0


def row_job(row: Row, measure: dict[str, Base], verdicts: list[Verdict]) -> Callable[[Stand], None]:
    """Return the job of one row of kills."""

    def job(at: Stand) -> None:
        verdict = drill(at, measure, row)
        verdicts.append(verdict)
        say(f"{'BAD ' if verdict.faults else 'good'} {verdict.seconds:5.0f} s  {row}; died in {verdict.died_in}")
        for fault in verdict.faults:
            say(f"       {fault}")

    return job


def faults() -> tuple[Fault, ...]:
    """The other faults that this user can make."""
    if os.geteuid() != 0:
        say(f"NOT TRIED, because only root may mount a disk: {len(DISKS)} drills of full and read-only disks")
        return (*CHEAP, *OTHERS)
    return (*CHEAP, *DISKS, *OTHERS)


def fault_job(fault: Fault, base: Base, findings: list[Finding]) -> Callable[[Stand], None]:
    """Return the job of one other fault."""

    def job(at: Stand) -> None:
        began = time.monotonic()
        finding = fault(at, base)
        findings.append(finding)
        say(f"{'BAD ' if finding.faults else 'good'} {time.monotonic() - began:5.0f} s  {finding.name}: {finding.said}")
        for each in finding.faults:
            say(f"       {each}")

    return job


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
