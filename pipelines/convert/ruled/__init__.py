"""The lattice: tables from ruled lines and characters, stitched over page breaks, and the text around them."""
