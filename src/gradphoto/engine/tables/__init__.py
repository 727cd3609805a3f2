"""Tables as files: xlsx, xls, csv and dbf read as a person sees them, whatever the table is about.

Runs inside the bounded reader (:mod:`gradphoto.engine.bounded`), so nothing here may import more than it needs.
"""
