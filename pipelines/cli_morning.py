"""``fazhi status --morning``: shows the summary of the last night, and sends it where the operator wants it.

What the summary says is made in ``morning.py``; nothing is worked out here.
"""

from __future__ import annotations

from datetime import UTC, datetime

from pipelines.cli_common import Exit, err, out, print_json
from warehouse.paths import Home


def show(home: Home, *, send: bool, as_json: bool) -> Exit:
    """Show the summary of the last night; the exit is FAILED when it was to be sent and did not reach every target.

    Raises:
        NightRecordError: the record of the night is damaged.
        NotifyConfigError: it is to be sent, and ``$FAZHI_NOTIFY`` cannot be used.
        ReleaseDamagedError: the latest release is damaged.
    """
    from pipelines import notify
    from pipelines.morning import morning
    from pipelines.settings import NOTIFY_VARIABLE, notify_targets

    summary = morning(home, now=datetime.now(UTC))
    if as_json:
        print_json(summary.as_json())
    else:
        out.print(summary.headline, style="bold red" if summary.level == "red" else "bold green", markup=False)
        out.print(summary.as_text(), markup=False, highlight=False, soft_wrap=True)
    if not send:
        return Exit.OK
    targets = notify.parse_targets(notify_targets())
    if not targets:
        raise notify.NotifyConfigError(f"{NOTIFY_VARIABLE} names no target")
    deliveries = notify.send(summary.as_notice(), targets)
    notify.remember(home, deliveries)
    for each in deliveries:
        err.print(f"notice to {each.target}: {each.error or 'delivered'}", markup=False, highlight=False)
    return Exit.FAILED if any(each.error for each in deliveries) else Exit.OK
