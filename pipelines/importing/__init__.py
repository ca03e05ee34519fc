"""Histories older than the first crawl: WARC, WACZ and folders of files → captures → reports, with their own provenance."""
