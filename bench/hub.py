#!/usr/bin/env python3
"""The hub at a city's size: 10 000 products, 10 000 scenarios, a million pieces of evidence; all made up, in a folder of its own.

    cargo build --release && python3 bench/hub.py [--evidence 1000000] [--products 10000] [--leitai target/release/leitai]

Products and scenarios are copies of the catalog's under other names and go in by the door, `leitai serve --catalog`. Evidence is one real
bundle, published, whose row is then multiplied in the database. Prints how long requests take, one after the other and from 16
clients at once. Needs Python 3.11 and 5 GB of disk; 10 min.
"""
import argparse
import concurrent.futures
import http.client
import json
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
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

    def stop(self):
        self.process.terminate()
        self.process.wait()


def multiply(data, count, products):
    """Makes a million rows of one, spread over the products and jobs that there are."""
    draw = random.Random(2)
    db = sqlite3.connect(data / "hub.sqlite")
    columns = [c[1] for c in db.execute("PRAGMA table_info(evidence)")]
    row = dict(zip(columns, db.execute("SELECT * FROM evidence").fetchone()))

    def rows():
        for i in range(count):
            digest = f"{i:064x}"
            made = row | dict(digest=digest, robot=f"made-up-{draw.randrange(products)}", scenario=f"made-up-job-{draw.randrange(products)}",
                              decision=draw.choice(["proved", "refuted", "undecided"]), published_ms=row["published_ms"] + i)
            made["body"] = row["body"].replace(row["digest"], digest)
            yield [made[c] for c in columns]

    db.executemany(f"INSERT INTO evidence VALUES ({','.join('?' * len(columns))})", rows())
    db.execute("INSERT INTO evidence_check SELECT digest, 'agrees', 0, 0, 0, NULL, 0 FROM evidence WHERE digest NOT IN (SELECT evidence FROM evidence_check)")
    db.commit()
    db.close()


def ask(address, paths):
    """Milliseconds of each request, over one connection."""
    connection = http.client.HTTPConnection(address)
    out = []
    for path in paths:
        began = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        out.append(1e3 * (time.perf_counter() - began))
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status}")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--leitai", default=str(ROOT / "target/release/leitai"))
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--evidence", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=2_000)
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
        time.sleep(2)
        hub.stop()
        multiply(data, a.evidence, a.products)
        hub = Hub(a.leitai, catalog, data)
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
            "catalog page": lambda: "/catalog",
        }
        print("\n| request | median, ms | p99, ms | 16 clients, requests/s | p99, ms |\n|---|---:|---:|---:|---:|")
        for name, path in kinds.items():
            alone = sorted(ask(hub.address, [path() for _ in range(a.requests)]))
            began = time.perf_counter()
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                parts = [[path() for _ in range(a.requests // 16)] for _ in range(16)]
                together = sorted(t for part in pool.map(lambda paths: ask(hub.address, paths), parts) for t in part)
            rate = len(together) / (time.perf_counter() - began)
            at = lambda times, share: times[int(share * (len(times) - 1))]
            print(f"| {name} | {at(alone, 0.5):.1f} | {at(alone, 0.99):.1f} | {rate:.0f} | {at(together, 0.99):.1f} |", flush=True)
        hub.stop()


if __name__ == "__main__":
    main()
