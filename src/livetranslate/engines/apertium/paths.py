"""Which modes lead from one language to another, and which of Debian's packages hold them."""

from dataclasses import dataclass

Path = tuple[str, ...]
"""Modes, one after the other."""

CODES = ("en", "es", "fr", "it", "pt")

# The measured order of preference: the first path serves, the second is for choosing. A longer path, which costs memory, must be
# at least 3 chrF better on the sentences for tuning.
PATHS: dict[tuple[str, str], tuple[Path, ...]] = {
    ("en", "es"): (("eng-cat", "cat-spa"), ("eng-spa",)),
    ("en", "fr"): (("eng-cat", "cat-fra"), ("eng-spa", "spa-cat", "cat-fra")),
    ("en", "it"): (("eng-cat", "cat-ita"), ("eng-spa", "spa-ita")),
    ("en", "pt"): (("eng-cat", "cat-por_BR"), ("eng-spa", "es-pt_BR")),
    ("es", "en"): (("spa-eng",), ("spa-cat", "cat-eng")),
    ("es", "fr"): (("spa-cat", "cat-fra"),),
    ("es", "it"): (("spa-ita",), ("spa-cat", "cat-ita")),
    ("es", "pt"): (("es-pt_BR",), ("spa-cat", "cat-por_BR")),
    ("fr", "en"): (("fra-cat", "cat-spa", "spa-eng"), ("fra-cat", "cat-eng")),
    ("fr", "es"): (("fra-cat", "cat-spa"),),
    ("fr", "it"): (("fra-cat", "cat-ita"),),
    ("fr", "pt"): (("fra-cat", "cat-por_BR"),),
    ("it", "en"): (("ita-spa", "spa-eng"), ("ita-cat", "cat-eng")),
    ("it", "es"): (("ita-spa",), ("ita-cat", "cat-spa")),
    ("it", "fr"): (("ita-cat", "cat-fra"),),
    ("it", "pt"): (("ita-cat", "cat-por_BR"),),
    ("pt", "en"): (("pt-es", "spa-eng"), ("por-cat", "cat-eng")),
    ("pt", "es"): (("pt-es",), ("por-cat", "cat-spa")),
    ("pt", "fr"): (("por-cat", "cat-fra"),),
    ("pt", "it"): (("pt-es", "spa-ita"), ("por-cat", "cat-ita")),
}

_PACKAGES = {
    "apertium-cat-ita": ("cat-ita", "ita-cat"),
    "apertium-eng-cat": ("eng-cat", "cat-eng"),
    "apertium-eng-spa": ("eng-spa", "spa-eng"),
    "apertium-es-pt": ("es-pt_BR", "pt-es"),
    "apertium-fra-cat": ("fra-cat", "cat-fra"),
    "apertium-por-cat": ("por-cat", "cat-por_BR"),
    "apertium-spa-cat": ("spa-cat", "cat-spa"),
    "apertium-spa-ita": ("spa-ita", "ita-spa"),
}
PACKAGE_OF = {mode: package for package, modes in _PACKAGES.items() for mode in modes}
"""Debian's package of each mode; each brings the programs with it."""


@dataclass(frozen=True, slots=True)
class Direction:
    """From one language to another: the paths there, best first, and the paths back."""

    source: str
    target: str

    @property
    def paths(self) -> tuple[Path, ...]:
        return PATHS[self.source, self.target]

    @property
    def back(self) -> tuple[Path, ...]:
        return PATHS[self.target, self.source]
