"""Puts the loopback guard into child processes: Python imports this module at start if it is on the path."""

import os

import loopback_only

if loopback_only.LOG_VARIABLE in os.environ:
    loopback_only.install(loopback_only.remember_in_log)
