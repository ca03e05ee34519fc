"""What nianlun keeps: nouns, tables, revisions, evidence and questions.  No Scrapy, no network.

One archive is one SQLite file.  Its tables (``archive.migrations``) and what they guarantee:

=====================  ======================================================================================
``portal``             the register's entry as it was at the last crawl
``crawl``              one run over one portal: when, by which software, settings and operator, and its sums
``request``            the frontier: each request of a crawl and its one outcome (null: still to be made)
``resource``           addresses, each once, with the key that equates their spellings
``capture``            one fetch of one address at one time, whatever came back; never changed or removed
``payload``            bytes by SHA-256 digest, stored once, delta-compressed, checked at every reading
``report``             the report of one publisher for one year as last seen: a view of the rows below
``revision``           the n-th distinct substance of a report, with its parts (page and attachments)
``reading``            what named software understood of a revision; a newer reading stands beside an older one
``observation``        indicator × reading → printed text, value, status, unit, place
``finding``            a recorded doubt about a reading
``change``             what a crawl saw happen to a report: new, changed, cosmetic, missing, gone, back, moved
``log``, ``log_node``  the Merkle log: one leaf per capture, revision and reading (RFC 6962)
``head``               the log's size and root at the end of each crawl
``place``              where observations stand; the same cell of the same layout once for all reports
``paragraph``…         distinct paragraphs and their bigram index
=====================  ======================================================================================

``capture``, ``payload``, ``revision``, ``reading``, ``observation``, ``finding``, ``change`` and ``log`` are only
ever added to.  ``part`` and ``listed`` are scratch of a crawl under way and are emptied when it finishes.
"""
