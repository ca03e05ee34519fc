"""Files of office programs: Word, WPS, RTF, OpenDocument, workbooks."""
