"""The hub's executor on Slurm beside its threads: the same bundle, also when a task and the hub itself are killed.

    python3 bench/slurm.py target/release/leitai

Needs root and Debian's slurm-wlm and munge; starts them on this machine (bench/slurm-node.sh) and stops them again. Two claims are proved
by `leitai prove` on threads and by a hub on Slurm: one of 40 trials, during which a running task and then the hub are killed by SIGKILL, and
one that ends as soon as it is settled. Prints what was compared; exit code 1 if a digest differs.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCENARIO = "con-block-palletizing"
LONGEST_S = 300.0


def short_catalog(folder: pathlib.Path) -> None:
    """The job cut off after two simulated seconds, so that trials are short."""
    target = folder / "scenarios" / SCENARIO
    shutil.copytree(ROOT / "catalog" / "scenarios" / SCENARIO, target)
    manifest = target / "scenario.toml"
    manifest.write_text(manifest.read_text().replace("duration_s = 160.0", "duration_s = 2.0"))


class Hub:
    """A hub on Slurm, in a process of its own."""

    def __init__(self, leitai: str, work: pathlib.Path):
        words = [leitai, "--json", "--catalog", work / "short", "serve", "--no-open", "--address", "127.0.0.1:0", "--data", work / "store"]
        words += ["--executor", "slurm", "--slurm-tasks", "8", "--slurm-trials", "5"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        said = ""
        while not said.endswith("}\n"):
            line = self.process.stdout.readline()
            assert line, "the hub ended"
            said += line
        self.base = json.loads(said)["hub"].rstrip("/")
        self.token = (work / "store" / "token").read_text()

    def ask(self, address: str, body: dict | None = None) -> dict:
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.base}/api/v1/{address}", data, headers)) as answer:
            return json.load(answer)

    def settled(self, proof: int) -> dict:
        began = time.monotonic()
        while time.monotonic() - began < LONGEST_S:
            found = self.ask(f"proofs/{proof}")
            if found["ended_ms"] is not None:
                return found
            time.sleep(0.2)
        raise TimeoutError(f"proof {proof} did not end: {found}")


def tasks_under_way(store: pathlib.Path) -> list[int]:
    """Processes that run a part of this store's proofs."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"work" in words and any(word.startswith(str(store).encode()) for word in words):
            found.append(int(entry.name))
    return found


def main() -> int:
    leitai = str(pathlib.Path(sys.argv[1]).resolve())
    work = pathlib.Path(tempfile.mkdtemp(prefix="leitai-slurm-"))
    os.environ["HOME"] = str(work)
    node = ROOT / "bench" / "slurm-node.sh"
    short_catalog(work / "short")
    wanted = []
    for more in (["--trials", "40"], []):
        words = [leitai, "--json", "--catalog", work / "short", "prove", "ur20", SCENARIO, "--unsigned", "-o", work / "out", *more]
        ran = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        document = json.loads(ran.stdout)
        wanted.append((document["bundle_digest"], document["verdict"]["trials"]))
    subprocess.run([node, "start", work / "slurm"], check=True, stdout=subprocess.DEVNULL)
    os.environ["SLURM_CONF"] = str(work / "slurm" / "slurm.conf")
    hub = None
    try:
        began = time.monotonic()
        hub = Hub(leitai, work)
        request = {"robot": "ur20", "scenario": SCENARIO, "why": "a test of Slurm"}
        first = hub.ask("proofs", {**request, "trials": 40})["proof"]["id"]
        killed = []
        while not killed and time.monotonic() - began < LONGEST_S:
            for process in tasks_under_way(work / "store")[:1]:
                os.kill(process, signal.SIGKILL)
                killed.append(process)
            time.sleep(0.005)
        assert killed, "no task was seen running"
        hub.process.kill()
        hub.process.wait()
        hub = Hub(leitai, work)
        second = hub.ask("proofs", request)["proof"]["id"]
        good = True
        for proof, (digest, trials) in zip((first, second), wanted):
            found = hub.settled(proof)
            same = found["evidence"] == digest
            good &= same
            cause = found["cause"] or ""
            print(f"proof {proof}: {found['state']}, {found['trials']} trials; threads {digest[:12]} ({trials} trials), Slurm {str(found['evidence'])[:12]}: "
                  f"{'the same' if same else 'DIFFERENT'} {cause}")
        print(f"killed: task (process {killed[0]}), hub; {time.monotonic() - began:.0f} s on Slurm")
        return 0 if good else 1
    finally:
        if hub:
            hub.process.kill()
            hub.process.wait()
        subprocess.run([node, "stop", work / "slurm"], check=False)
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
