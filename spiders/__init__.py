"""Where reports are: the register of portals, the families of content management systems, the discovery of columns.

A portal is data (``portals/<province>/<portal>.toml``), a family is code (``families``).  Spiders say what a
response leads to; when and whether a request is made is the crawler's matter.
"""
