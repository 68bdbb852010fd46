#!/usr/bin/env python3
"""Asks a hub everything that its own description says can be asked, and what it says cannot: schemathesis with every check.

    $(oracle/hub/install.sh) oracle/hub/ask.py [--leitai target/release/leitai] [--examples 40]

Starts `leitai serve` on a store of its own and asks twice, as a stranger and with the operator's token. Ends with 1 at any finding:
an error of the server, an answer that its description does not name, wrong input that is taken, right input that is refused.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

# What a schema cannot say (whether bytes are a bundle, a password the right one, a day still to come) is refused with 400 and its
# reason, so right input by the schema may meet that too.
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "429"]
"""
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--leitai", default=str(ROOT / "target/release/leitai"))
    parser.add_argument("--examples", type=int, default=40)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "hub"
        command = [a.leitai, "--json", "serve", "--no-open", "--address", "127.0.0.1:0", "--data", str(data), "--rate", "0"]
        hub = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            said = ""
            while not said.endswith("}\n"):
                line = hub.stdout.readline()
                if not line:
                    sys.exit("the hub did not start")
                said += line
            base = json.loads(said)["hub"] + "api/v1"
            token = (data / "token").read_text().strip()
            wrong = 0
            (pathlib.Path(folder) / "schemathesis.toml").write_text(CONFIG)
            for who in ([], ["--header", f"Authorization: Bearer {token}"]):
                print("\n== " + ("with the operator's token" if who else "a stranger"), flush=True)
                words = ["--checks", "all", "--max-examples", str(a.examples), "--seed", "1", "--generation-database", "none", "--continue-on-failure"]
                asked = [sys.executable, "-m", "schemathesis.cli", "run", f"{base}/openapi.json", "--url", base, *words, *who]
                wrong |= subprocess.run(asked, cwd=folder).returncode
        finally:
            hub.terminate()
            hub.wait()
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
