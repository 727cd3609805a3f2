"""Papers of the house: Chinese forms as PDF/A (Typst) and their twins as xlsx.

``TableForm`` is the form that most papers are: a title, facts, a table, signatures and a seal. A paper with a shape of
its own brings a Typst template that imports ``house.typ`` and is set by ``typeset``.
"""

from gradphoto.engine.documents.table_form import Column, Fact, Section, TableForm, workbook_of
from gradphoto.engine.documents.typeset import DocumentError, qr_svg, typeset

__all__ = ["Column", "DocumentError", "Fact", "Section", "TableForm", "qr_svg", "typeset", "workbook_of"]
