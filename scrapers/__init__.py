"""Everything that speaks HTTP: sources, CMS families, the crawl, and the sample portals it can be tried on.

Reading pages for their content does not belong here; the crawl leaves bytes in the archive and facts about its
attempts in the ledger, both through ``warehouse``, and never imports ``pipelines``.
"""
