"""Document → kind, region, year, sections, observations. Pure: strings and dataclasses in and out, no storage."""
