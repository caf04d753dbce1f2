"""The modules of the drills lie beside their tests, and the hooks in a folder that goes on the path of nights."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "hooks"))
