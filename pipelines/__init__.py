"""What a fetched payload becomes: recognise, convert, text, tables, narrative, validate (pure functions first)."""
