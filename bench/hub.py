#!/usr/bin/env python3
"""The hub at a city's size: 10 000 products, 10 000 scenarios, a million pieces of evidence; all made up, in a folder of its own.

    cargo build --release && $(oracle/hub/install.sh) bench/hub.py [--evidence 1000000] [--products 10000] [--leitai target/release/leitai]

Products and scenarios are copies of the catalog's under other names and go in by the door, `leitai serve --catalog`. Evidence is one real
bundle, published, whose row and ledger entry are then multiplied in the database, chained as the hub chains them. `wrk` (Debian's package of
that name) asks for five seconds each with one connection and with 16; the hub's own CPU time per request is taken from the kernel. Last,
`leitai hub check` goes over the records. Needs 9 GB of disk; 6 min.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

from blake3 import blake3

ROOT = pathlib.Path(__file__).resolve().parent.parent
NEEDS = 500
NAMES = ["建筑搬运臂", "焊接机器人", "码垛机器人", "巡检机器人", "手术辅助臂", "分拣机器人", "移动操作臂", "喷涂机器人"]


def make_catalog(folder, count):
    """Copies of one robot and of the job, each with a name and figures of its own."""
    draw = random.Random(1)
    robot, model = ((ROOT / "catalog/robots/ur20" / f).read_text() for f in ("robot.toml", "robot.xml"))
    job = (ROOT / "catalog/scenarios/con-block-palletizing/scenario.toml").read_text()
    world = (ROOT / "catalog/scenarios/con-block-palletizing/world.xml").read_text()
    for i in range(count):
        name = draw.choice(NAMES)
        text = robot.replace('id = "ur20"', f'id = "made-up-{i}"').replace("优傲 UR20", f"虚构{name} {i} 号").replace("value = 20.0", f"value = {draw.uniform(1, 100):.1f}", 1)
        here = folder / "robots" / f"made-up-{i}"
        here.mkdir(parents=True)
        (here / "robot.toml").write_text(text)
        (here / "robot.xml").write_text(model)
        here = folder / "scenarios" / f"made-up-job-{i}"
        here.mkdir(parents=True)
        (here / "scenario.toml").write_text(job.replace('id = "con-block-palletizing"', f'id = "made-up-job-{i}"').replace("建筑材料搬运码垛", f"虚构{name}作业 {i}"))
        (here / "world.xml").write_text(world)


class Hub:
    """A hub in a process of its own."""

    def __init__(self, leitai, catalog, data):
        began = time.monotonic()
        command = [leitai, "--json", "--catalog", str(catalog), "serve", "--no-open", "--address", "127.0.0.1:0", "--data", str(data), "--sample", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        said = ""
        while not said.endswith("}\n"):
            line = self.process.stdout.readline()
            if not line:
                sys.exit("the hub did not start")
            said += line
        self.address = urllib.parse.urlparse(json.loads(said)["hub"]).netloc
        print(f"started in {time.monotonic() - began:.1f} s", flush=True)

    def cpu_s(self):
        """CPU time that the hub has used."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settle(self):
        """Waits until the hub has gone over its records and does nothing by itself."""
        began = before = time.monotonic()
        used = self.cpu_s()
        while True:
            time.sleep(1)
            now, uses = time.monotonic(), self.cpu_s()
            if uses - used < 0.05 * (now - before):
                print(f"at rest after {before - began:.0f} s", flush=True)
                return
            before, used = now, uses

    def stop(self):
        self.process.terminate()
        self.process.wait()


def chained(before, number, at_ms, words):
    """Digest of a ledger entry, as crates/hub/src/store/ledger.rs computes it."""
    text = lambda word: b"t" + struct.pack("<Q", len(word)) + word
    count = lambda n: b"u" + struct.pack("<Q", n)
    form = text(b"leitai hub ledger v1") + text(before.encode()) + count(number) + count(at_ms)
    return blake3(form + b"".join(text(word.encode()) for word in words)).hexdigest()


def multiply(data, count, products):
    """Makes a million rows of one, spread over the products and jobs that there are."""
    draw = random.Random(2)
    db = sqlite3.connect(data / "hub.sqlite")
    # All of it is made up: what a crash leaves is thrown away.
    db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000;")
    indices = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'evidence' AND sql IS NOT NULL").fetchall()
    for name, _ in indices:
        db.execute(f"DROP INDEX {name}")
    columns = [c[1] for c in db.execute("PRAGMA table_info(evidence)")]
    row = dict(zip(columns, db.execute("SELECT * FROM evidence").fetchone()))
    entry = db.execute("SELECT who, what, why FROM ledger WHERE what = 'evidence.published'").fetchone()
    number, before = db.execute("SELECT number, digest FROM ledger ORDER BY number DESC LIMIT 1").fetchone()
    at = time.time_ns() // 1_000_000
    # The texts between what changes, so that a million bodies are put together and not searched through.
    changes = [row["digest"], f'"robot":"{row["robot"]}"', f'"scenario":"{row["scenario"]}"', f'"decision":"{row["decision"]}"']
    assert row["decision"] == "rejected" and all(row["body"].count(change) == 1 for change in changes)
    begun = time.monotonic()
    while count:
        rows, entries = [], []
        for _ in range(min(count, 20_000)):
            number += 1
            robot, scenario, decision = f"made-up-{draw.randrange(products)}", f"made-up-job-{draw.randrange(products)}", draw.choice(["proved", "refuted", "undecided"])
            digest = f"{number:064x}"
            body = row["body"]
            for old, new in zip(changes, [digest, f'"robot":"{robot}"', f'"scenario":"{scenario}"', f'"decision":"{decision}"']):
                body = body.replace(old, new, 1)
            made = row | dict(digest=digest, robot=robot, scenario=scenario, decision=decision, published_ms=at, body=body)
            rows.append([made[c] for c in columns])
            who, what, why = entry
            before = chained(before, number, at, [who, what, f"evidence/{digest}", why, body])
            entries.append((number, at, who, what, f"evidence/{digest}", why, body, before))
            number += 1
            told = ["hub", "evidence.checked", f"evidence/{digest}", "re-execution of a sample", '{"state":"agrees","trials":0,"detail":null}']
            before = chained(before, number, at, told)
            entries.append((number, at, *told, before))
        count -= len(rows)
        db.executemany(f"INSERT INTO evidence VALUES ({','.join('?' * len(columns))})", rows)
        db.executemany("INSERT INTO evidence_check VALUES (?, 'agrees', 0, 0, 0, NULL, 0)", [made[:1] for made in rows])
        db.executemany("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entries)
    for _, sql in indices:
        db.execute(sql)
    db.commit()
    db.close()
    print(f"made up in {time.monotonic() - begun:.0f} s", flush=True)


def make_market(hub, token, products):
    """Offers for a tenth of the products, and needs with limits, stated by the door."""
    draw = random.Random(4)
    connection = http.client.HTTPConnection(hub.address)

    def put(path, body):
        connection.request("PUT", f"/api/v1/{path}", json.dumps(body), {"authorization": f"Bearer {token}", "content-type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status} {said}")

    put("organizations/made-up", {"name": {"zh": "虚构机构", "en": "Made-up organization"}, "kind": "buyer", "why": "bench"})
    for i in range(products // 10):
        offer = {"product": f"made-up-{draw.randrange(products)}", "organization": "made-up", "kind": draw.choice(["sale", "lease"]), "price_cny": draw.randrange(1, 500) * 1000.0,
                 "per": "piece", "delivery_days": draw.randrange(90), "regions": draw.choice([[], ["daxing"], ["haidian", "daxing"]]), "floor_m2": draw.uniform(1, 20), "source": "made up"}
        put(f"offers/offer-{i}", {"offer": offer, "why": "bench"})
    for i in range(NEEDS):
        limits = {"kind": "sale", "price_cny": draw.randrange(1, 500) * 1000.0, "per": "piece", "region": "daxing", "delivery_days": 60}
        wanted = {"scenario": f"made-up-job-{draw.randrange(products)}", "limits": limits}
        put(f"needs/need-{i}", {"need": {"organization": "made-up", "title": "made up", "wanted": wanted}, "why": "bench"})


def ask(hub, paths, clients):
    """Asks for five seconds: requests/s, median and p99 [ms], CPU time of the hub per request [ms]."""
    before = hub.cpu_s()
    command = ["wrk", "--threads", "1", "--connections", str(clients), "--duration", "5s", "--script", str(ROOT / "bench/hub.lua"), f"http://{hub.address}", "--", str(paths)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    requests, duration_us, median_us, p99_us, wrong = map(int, said.rsplit("figures", 1)[1].split())
    if wrong:
        sys.exit(f"{wrong} of {requests} requests went wrong\n{said}")
    return requests / (duration_us / 1e6), median_us / 1e3, p99_us / 1e3, 1e3 * (hub.cpu_s() - before) / requests


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--leitai", default=str(ROOT / "target/release/leitai"))
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--evidence", type=int, default=1_000_000)
    a = parser.parse_args()
    draw = random.Random(3)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        catalog, data = folder / "catalog", folder / "hub"
        make_catalog(catalog, a.products)
        hub = Hub(a.leitai, catalog, data)
        subprocess.run([a.leitai, "prove", "kuka-iiwa14", "con-block-palletizing", "--unsigned", "-o", str(folder / "one")], capture_output=True)
        token = (data / "token").read_text()
        subprocess.run([a.leitai, "publish", str(folder / "one"), "--hub", f"http://{hub.address}", "--token", token, "--no-wait"], check=True, capture_output=True)
        make_market(hub, token, a.products)
        time.sleep(2)
        hub.stop()
        multiply(data, a.evidence, a.products)
        hub = Hub(a.leitai, catalog, data)
        hub.settle()
        word = lambda: urllib.parse.quote(draw.choice(NAMES)[: draw.choice((2, 3, 5))])
        some = lambda: draw.randrange(a.products)
        kinds = {
            "search products": lambda: f"/api/v1/products?q={word()}",
            "search scenarios": lambda: f"/api/v1/scenarios?q={word()}",
            "filter products": lambda: f"/api/v1/products?payload_min={some() / 150:.1f}&reach_min=1&q={word()}",
            "list products": lambda: f"/api/v1/products?page={1 + some() // 60}",
            "product": lambda: f"/api/v1/products/made-up-{some()}",
            "scenario": lambda: f"/api/v1/scenarios/made-up-job-{some()}",
            "list evidence": lambda: f"/api/v1/evidence?page={1 + some() // 10}",
            "evidence of a product": lambda: f"/api/v1/evidence?robot=made-up-{some()}",
            "summary": lambda: "/api/v1/summary",
            "robot × scenario": lambda: f"/api/v1/evidence?robot=made-up-{some()}&scenario=made-up-job-{some()}",
            "ledger": lambda: f"/api/v1/ledger?page={1 + some() // 10}",
            "indicators": lambda: "/api/v1/indicators",
            "an indicator": lambda: "/api/v1/indicators/products?per=day",
            "records of a figure": lambda: f"/api/v1/indicators/products/records?state=proved&page={1 + some() // 100}",
            "districts": lambda: "/api/v1/districts",
            "gaps": lambda: "/api/v1/gaps?kind=product",
            "parts": lambda: "/api/v1/parts",
            "match a need": lambda: f"/api/v1/needs/need-{draw.randrange(NEEDS)}/match?per_page=20",
            "catalog page": lambda: "/catalog",
        }
        print("\n| request | median, ms | p99, ms | 16 clients, requests/s | p99, ms | CPU, ms |\n|---|---:|---:|---:|---:|---:|")
        for name, path in kinds.items():
            paths = folder / "paths"
            paths.write_text("".join(path() + "\n" for _ in range(5_000)))
            _, median, p99, _ = ask(hub, paths, 1)
            rate, _, p99_together, cpu = ask(hub, paths, 16)
            print(f"| {name} | {median:.2f} | {p99:.2f} | {rate:.0f} | {p99_together:.1f} | {cpu:.2f} |", flush=True)
        hub.stop()
        began = time.monotonic()
        checked = subprocess.run([a.leitai, "--json", "hub", "check", "--records", "--data", str(data)], capture_output=True, text=True)
        print(f"\nchecked in {time.monotonic() - began:.1f} s: {checked.stdout}{checked.stderr}")


if __name__ == "__main__":
    main()
