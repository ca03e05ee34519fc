"""The reading room: the archive in a browser, read-only.

Every page is a function from an :class:`~archive.web.exchange.Ask` to an :class:`~archive.web.exchange.Answer`.  A module
of pages (:mod:`archive.web.pages`, :mod:`archive.web.machines`) lists its own as ``ROUTES``: pairs of a regular expression
over the path and a handler.  :mod:`archive.web.room` calls them; Datasette (:mod:`archive.web.plugin`) gives tables, SQL,
JSON and CSV beside them; :mod:`archive.web.guard` stands in front of both.  There is no script on any page of ours.

==================================  ================================================================
``/``                               what is here, what changed, what is missing
``/coverage``                       publisher × year
``/reports`` ``/report/ID``         all reports; one, as it is or was (``?at=``)
``/report/ID/revision/N``           its N-th revision, for good
``/report/ID/compare``              two revisions beside each other; ``/compare``: two years, two publishers
``/figure/ID``                      one observation and its chain of provenance
``/series`` ``/chart/NAME.FORMAT``  indicators over years; their charts and tables as files
``/search`` ``/changes``            texts; what was published, edited, withdrawn
``/capture/ID`` ``/original/ID``    one answer and its evidence; the bytes, sandboxed
``/crawl/ID``                       one crawl: its sums, every request and its outcome
``/machines``                       what programs can ask
``/archive``                        Datasette: the tables, SQL, JSON, CSV, facets
``/feeds/digest.txt``               what changed, as text ready for e-mail
``/memento/…``                      TimeGate, TimeMap and mementos (RFC 7089)
``/oai`` ``/api/…`` ``/sitemap.xml``  OAI-PMH, JSON described by OpenAPI, all pages for crawlers
``/feeds/changes.atom``             what changed, as Atom (RFC 4287)
==================================  ================================================================
"""
