"""`make bench`: runs the parts, prints each ratio with its target and the committed baseline, writes JSON.

    python -m bench.run [--only a,b] [--json OUT] [--write-baseline]

Only ratios measured in one run are compared: seconds differ from machine to machine. Exit status 1 if a target was missed.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.batches import batches
from bench.chain import chain, http
from bench.extraction import extraction
from bench.live import live
from bench.live_speech import live_speech
from bench.load import load
from bench.memory import memory
from bench.peers import peers
from bench.pictures import pictures

BASELINE = Path(__file__).parent / "baseline.json"
Part = Callable[[Callable[[str], None]], dict[str, Any]]
PARTS: dict[str, tuple[str, Part]] = {
    "a": ("embedded against the plain chain", chain),
    "b": ("through HTTP against in-process", http),
    "c": ("1, 8 and 64 streams", load),
    "d": ("memory for three hours", memory),
    "e": ("live, against what was promised", live),
    "f": ("live, beside WhisperLiveKit", peers),
    "g": ("live, real speech through the embedded profile", live_speech),
    "h": ("sound and frames of a film against OpenCV and ffmpeg", extraction),
    "i": ("pictures that decide between meanings", pictures),
    "j": ("requests in batches against one after the other", batches),
}

console = Console(highlight=False)


def main() -> int:
    """Runs the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="parts to run (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write what was measured there")
    parser.add_argument("--write-baseline", action="store_true", help="keep what was measured as the baseline to compare with")
    args = parser.parse_args()
    if unknown := [part for part in args.only.split(",") if part not in PARTS]:
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}")
    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    found: dict[str, Any] = {}
    for part in args.only.split(","):
        title, run = PARTS[part]
        console.rule(f"({part}) {title}")
        started = time.perf_counter()
        found[part] = _rounded(run(lambda line: console.print(f"  {line}")))
        console.print(_table(found[part], baseline.get(part, {})))
        console.print(f"  {time.perf_counter() - started:.0f} s")
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n")
    if args.write_baseline:
        machine = {"python": platform.python_version(), "system": platform.system(), "processor": platform.machine()}
        BASELINE.write_text(json.dumps({**baseline, **found, "machine": machine}, indent=1) + "\n")
    return 1 if any(missed(part) for part in found.values()) else 0


def missed(part: dict[str, Any]) -> list[str]:
    """The ratios of a part that are over their targets."""
    return [name for name, most in part["targets"].items() if part["ratios"][name] > most]


def _table(part: dict[str, Any], baseline: dict[str, Any]) -> Table:
    table = Table("ratio", "measured", "target", "baseline", "")
    for name, ratio in part["ratios"].items():
        most = part["targets"].get(name)
        verdict = "" if most is None else "[green]kept[/]" if ratio <= most else "[red]missed[/]"
        before = baseline.get("ratios", {}).get(name)
        table.add_row(
            name, f"{ratio:.3f}", "" if most is None else f"≤ {most}", "" if before is None else f"{before:.3f}", verdict
        )
    return table


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    raise SystemExit(main())
