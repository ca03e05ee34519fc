"""What an archive hands to others, in forms their programs read: one file a form, nothing of ours needed to use them.

``warc``
    WARC/1.1 (ISO 28500:2017): every capture as request and response, or as revisit; conversions of readings
``wacz``
    WACZ 1.1.1: the same WARC with index, pages and checksums in one zip
``bagit``
    a BagIt bag (RFC 8493): the reports' files under readable names, their texts and figures
``prov``
    W3C PROV-JSON: what was made from what, by whom and when
``parquet``, ``csv``
    the tables of reports, observations, changes and findings
``bundle``
    evidence, data, data dictionary, checksums and a program that checks them with Python's standard library alone

All of them read one moment of the archive, also while a crawl writes it; write under another name and take DEST's
name when all is on the disk; and give the same bytes for the same archive (no clock, no random number).
"""
