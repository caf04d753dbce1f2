"""Puts the hooks of a disturbed night into its children: Python imports this module at start if it is on the path."""

import chaos_hooks

chaos_hooks.install(chaos_hooks.role())
