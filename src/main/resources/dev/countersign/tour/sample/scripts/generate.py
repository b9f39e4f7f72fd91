"""Writes web/rates.mjs from rates.json."""
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent


def write():
    rates = json.loads((ROOT / "rates.json").read_text())
    (ROOT / "web" / "rates.mjs").write_text(
        "// Generated from rates.json by scripts/generate.py. Don't edit.\n"
        "export const rates = %s;\n" % json.dumps(rates, indent=2))
    # A marker, so that the tour can show whether this ran.
    markers = ROOT / "tour-markers"
    markers.mkdir(exist_ok=True)
    (markers / "generated").write_text("scripts/generate.py ran\n")
    print("web/rates.mjs is up to date")
