"""Sets the clock of the children of a disturbed night: Python imports this module at start if it is on the path."""

import chaos_hooks

chaos_hooks.set_clock()
