"""The machine-readable collection card (机读卡): printed from data, filled by hand or by us, read back from a scan."""

from gradphoto.engine.cards.data import Card, CardData, CardFault, CardField, CardForm, MakeUp, faults_of, standard_form
from gradphoto.engine.cards.errors import CardError
from gradphoto.engine.cards.findings import CardFinding, Weight
from gradphoto.engine.cards.pages import ScanLimits, open_pages
from gradphoto.engine.cards.printing import blank_cards, print_cards
from gradphoto.engine.cards.reading import CardReading, read_card, read_cards

__all__ = [
    "Card", "CardData", "CardError", "CardFault", "CardField", "CardFinding", "CardForm", "CardReading", "MakeUp",
    "ScanLimits", "Weight", "blank_cards", "faults_of", "open_pages", "print_cards", "read_card", "read_cards",
    "standard_form",
]  # fmt: skip
