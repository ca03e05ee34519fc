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
    the n-th distinct substance of a report, and its page and attachments with their payloads
``reading``
    what named software understood of a revision; a newer reading stands beside an older one
``observation``, ``indicator``, ``place``
    printed text, value, status and unit of an indicator in a reading; its code; where it stands
``finding``
    a recorded doubt about a reading
``compared``
    two readings of one publisher's successive years, and the findings of the rules across years
``change``
    what a crawl saw happen to a report: new, changed, cosmetic, missing, gone, back, moved
``expectation``
    how many rows a listing says it holds
``log``, ``log_node``, ``head``
    the Merkle log, one leaf per capture, revision and reading (RFC 6962); its size and root after each crawl
``paragraph``, ``revision_paragraph``
    distinct paragraphs, bigram-indexed, and which revisions hold them
``part``, ``listed``
    scratch of a crawl under way, emptied when it finishes

``capture``, ``payload``, ``revision``, ``reading``, ``observation``, ``finding``, ``compared``, ``change`` and ``log`` are only
ever added to.  Times are milliseconds since 1970 UTC; digests are 32 raw bytes.
"""
