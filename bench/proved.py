"""One claim's result for the scripts that write tables of verdicts: run once by `leitai prove`, then read from its file."""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def proved(leitai, folder, robot, scenario, *more, jobs=2):
    """Runs `leitai prove ROBOT SCENARIO MORE...` into out/FOLDER unless its result is there already; ends the script if nothing was settled."""
    folder = ROOT / "out" / folder
    kept = folder / "result.json"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [leitai, "--lang", "en", "--json", "prove", robot, scenario, *more]
        command += ["--jobs", str(jobs), "--unsigned", "-o", str(folder)]
        run = subprocess.run(command, capture_output=True, text=True)
        try:
            settled = "decision" in json.loads(run.stdout)
        except json.JSONDecodeError:
            settled = False
        if not settled:
            sys.exit(f"{' '.join(command)}\nended with {run.returncode}:\n{run.stderr}")
        kept.write_text(run.stdout)
    return json.loads(kept.read_text())
