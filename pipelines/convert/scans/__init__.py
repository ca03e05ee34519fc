"""Pictures of text: pages made level, their rules and ink, and the recognition of characters (extra ``ocr``)."""
