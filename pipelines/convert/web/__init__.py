"""Pages of the web: HTML as portals print it, as Word saves it, as one file of a whole page."""
