"""What is done when a run has ended, whoever ran it: its record is kept, the operator hears of it, old runs go.

Nothing here changes data, and nothing here fails a night: a target that cannot be reached is told by the next summary.
"""

from __future__ import annotations

from datetime import datetime

from dagster import DagsterInstance

from pipelines import night_record, notify
from pipelines.morning import morning
from pipelines.night_record import Night
from pipelines.retention import forget_old_runs
from pipelines.settings import keep_days, notify_targets
from warehouse.paths import Home

WHOLE_NIGHT = "nightly"


def conclude(home: Home, instance: DagsterInstance, night: Night, now: datetime) -> list[notify.Delivery]:
    """Keep the record of a run, send the summary that it deserves, and forget what is old after a whole night.

    A whole night is always told of; a part of one only when it needs attention.

    Raises:
        NotifyConfigError: ``$FAZHI_NOTIFY`` cannot be used.
        ValueError: ``$FAZHI_KEEP_DAYS`` cannot be used.
    """
    night_record.save(home, night)
    deliveries: list[notify.Delivery] = []
    if night.needs_attention or night.job == WHOLE_NIGHT:
        deliveries = notify.send(morning(home, night).as_notice(), notify.parse_targets(notify_targets()))
    if deliveries:
        notify.remember(home, deliveries)
    if night.job == WHOLE_NIGHT:
        forget_old_runs(home, instance, now, keep_days())
    return deliveries
