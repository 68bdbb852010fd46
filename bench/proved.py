"""What the scripts that write tables of verdicts share: a claim's result, run once by `leitai prove` and then read from its file, and its reasons in words."""

import argparse
import json
import pathlib
import subprocess
import sys
import zipfile

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


def options(doc):
    """What every such script is asked for."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--leitai", default=str(ROOT / "target" / "release" / "leitai"))
    return parser.parse_args()


def lifted(reason):
    """The limits that were lifted, in words."""
    return " and ".join(reason[key].replace("_", " ") for key in ("relaxed", "also") if reason.get(key))


def reasons(arm, result):
    """Lines that say why an arm was rejected or refuted, and which control arms did not do what they must."""
    lines = []
    if result["decision"] == "rejected":
        lines.append(f"- `{arm}`: {result['verdict']['rejection']['en']}.")
    if result["decision"] == "refuted":
        with zipfile.ZipFile(result["bundle"]) as bundle:
            first = json.loads(bundle.read("trials.jsonl").splitlines()[0])
        if first.get("failure"):
            lines.append(f"- `{arm}`, first trial: \"{first['failure']['what']}\".")
    tried = result.get("reasons", [])
    helped = [r for r in tried if r["passed"] or r.get("mended")]
    for reason in helped:
        mended = ", ".join(reason.get("mended", []))
        but = f", but `{mended}`, which failed in each, holds in each" if mended else ""
        lines.append(f"- `{arm}`: with only {lifted(reason)} lifted, {len(reason['passed'])} of the same {len(reason['trials'])} failed trials pass{but}.")
    if tried and not helped:
        lines.append(f"- `{arm}`: no limit explains it; lifted alone ({', '.join(map(lifted, tried))}), none lets a failed trial pass.")
    for control in result.get("controls", []):
        if not control["as_expected"]:
            lines.append(f"- `{arm}`: the control arm `{control['control']}` did not do what it must.")
    return lines


def as_they_must(results):
    """The line that says so, if every control arm of these results did what it must."""
    wrong = any(not control["as_expected"] for result in results for control in result.get("controls", []))
    return [] if wrong else ["- Control arms: holding still and the blind motion fail, and knowing the true place passes, for every arm that was not refuted."]
