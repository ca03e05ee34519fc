"""What nianlun keeps: nouns, tables, revisions, evidence and questions.  No Scrapy, no network.

One archive is one SQLite file.  Its tables (:mod:`archive.migrations`) and what each row is:

``portal``
    the register's entry as it was at the last crawl
``crawl``
    one run over one portal: when, by which software, settings and operator, and its sums
``software``
    a program with version and parameters: the crawler, each converter, each reader
``request``
    the frontier: each request of a crawl and its one outcome (null: still to be made)
``resource``
    an address, once, with the key that equates its spellings
``capture``
    one fetch of one address at one time, whatever came back
``headers``
    a set of request headers, once; response headers lie compressed in their capture
``payload``
    bytes by SHA-256 digest, stored once, delta-compressed, checked at every reading
``exemplar``
    which payload the first payloads of a portal's pages lean on
``report``
    the report of one publisher for one year as last seen: a view of the rows below
``revision``, ``revision_part``
    the n-th distinct substance of a report, and its page and attachments with their payloads; ``home`` is the number
    it was logged under (0: said again, it follows from ``sighting``), ``n`` the one among all (null: it says what the
    one before it says), ``reading`` the reading it stands for
``sighting``
    which revision a crawl saw again, and in which capture
``reading``
    what named software understood of a revision; a newer reading stands beside an older one
``observation``, ``indicator``, ``place``
    printed text, value, status and unit of an indicator in a reading; its code; where it stands
``finding``
    a recorded doubt about a reading
``compared``
    two readings of one publisher's successive years, and the findings of the rules across years
``change``, ``retold``, ``told``
    what a crawl saw happen to a report: new, changed, cosmetic, missing, gone, back, moved; the same worked out anew
    from the facts for reports that a merge or an import touched; and, as a view, what is told today
``seal``
    a finished crawl's digests of its requests, expectations and sightings
``shard``
    the size and root of the log of each archive that was merged in
``expectation``
    how many rows a listing says it holds
``log``, ``log_node``, ``head``
    the Merkle log, one leaf for each capture, revision, reading, change, comparison, seal and shard (RFC 6962); its
    size and root after each crawl and merge, with a time stamp if one was kept (RFC 3161)
``paragraph``, ``revision_paragraph``, ``paragraph_index``, ``indexed``
    distinct paragraphs, which revisions hold them, their bigrams by year, and under which year a revision's stand
``part``, ``listed``
    scratch of a crawl under way, emptied when it finishes

``capture``, ``payload``, ``revision``, ``reading``, ``observation``, ``finding``, ``compared``, ``change``, ``seal``,
``sighting`` and ``log`` are only ever added to (of a revision ``n``, ``summary`` and ``reading`` follow from the rest);
what else there is follows from them, is checked by ``verify`` and written again by ``verify --rebuild``.  Only crawls
under way, what a portal's entry says and time stamps change.  Times are milliseconds since 1970 UTC; digests are 32 raw bytes.
"""
