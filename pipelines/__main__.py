"""``python -m pipelines`` is ``fazhi``, for where the script is not on PATH."""

from pipelines.cli import app

app(prog_name="fazhi")
