"""Everything that turns captures into a release: cleaning, extraction, the night, its checks and its commands."""
