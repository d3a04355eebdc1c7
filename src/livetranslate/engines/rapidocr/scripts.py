"""Which languages RapidOCR's own model can read, and what Tesseract calls the others."""

OWN = frozenset({"en", "zh", "yue", "ja", "fr", "de", "es", "pt", "it", "id", "tr"})

TESSERACT = {"ru": "rus", "ko": "kor", "ar": "ara", "hi": "hin", "th": "tha", "el": "ell", "vi": "vie"}
"""By the catalog's code."""
