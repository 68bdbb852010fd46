#!/usr/bin/env python3
"""Every model file of the installed packages, MuJoCo's answers beside ours: what loads, and what differs.

    $(oracle/install.sh) oracle/mujoco/sweep.py target/release/leitai [--states 3] [--only TEXT]      # 10 min

Prints a line for each file that MuJoCo reads and on which ours is not the same, and a table of all at the end. Bars: poses
1e-12, everything else without constraints 1e-9 of the largest entry or of one, and the same pairs of geoms in contact.
Files that MuJoCo does not read (parts of other files, mostly) are only counted.
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import sysconfig
import tempfile

import numpy as np

import oracle

POSES = ('xpos', 'xquat', 'xipos', 'geom_xpos', 'site_xpos', 'subtree_com')
FREE = ('cvel', 'M', 'qfrc_bias', 'qfrc_passive', 'qfrc_actuator', 'qacc_smooth', 'actuator_force', 'ten_length')


def differences(ours, theirs):
    """What is beyond its bar, with the largest difference."""
    worst = {}

    def look(name, a, b, bar, scaled):
        a, b = np.asarray(a, float), np.asarray(b, float)
        if a.shape != b.shape:
            worst[name] = 'other sizes'
        elif a.size:
            gap = np.abs(a - b).max() / (max(1.0, np.abs(b).max()) if scaled else 1.0)
            if not gap <= bar and not isinstance(worst.get(name), str):
                worst[name] = max(worst.get(name, 0.0), float(gap))

    for a, b in zip(ours['states'], theirs['states']):
        for name in POSES:
            look(name, a[name], b[name], 1e-12 * max(1.0, np.abs(b[name]).max(initial=0)), False)
        for name in FREE:
            look(name, a[name], b[name], 1e-9, True)
        look('free.qacc', a['free']['qacc'], b['free']['qacc'], 1e-9, True)
        look('free.sensordata', a['free']['sensordata'], b['free']['sensordata'], 1e-9, True)
        touching = [{tuple(sorted(c['geom'])) for c in x['contact']['contacts'] if abs(c['dist']) > 1e-6} for x in (a, b)]
        if touching[0] != touching[1]:
            worst['pairs'] = f'{len(touching[0] - touching[1])} more, {len(touching[1] - touching[0])} fewer'
    return worst


def compare(path, leitai, states, folder):
    """How one file comes out: a word, and what there is to say."""
    try:
        theirs = oracle.oracle(path, seed=1, states=states, seconds=0)
    except Exception as error:  # MuJoCo's own errors are of several kinds
        return 'not read by MuJoCo', str(error)
    asked, answered = os.path.join(folder, 'asked.json'), os.path.join(folder, 'answered.json')
    try:
        oracle.write(theirs, asked)
    except ValueError:
        return 'no numbers from MuJoCo', 'its answers are not finite'
    try:
        run = subprocess.run([leitai, '--lang', 'en', 'oracle', path, asked, '-o', answered], capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return 'refused by ours', 'no answer in 120 s'
    if run.returncode != 0:
        return 'refused by ours', run.stderr.strip().splitlines()[0]
    found = differences(json.load(open(answered)), theirs)
    return ('differs', ', '.join(f'{k} {v if isinstance(v, str) else format(v, ".0e")}' for k, v in found.items())) if found else ('same', '')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('leitai')
    parser.add_argument('--states', type=int, default=3)
    parser.add_argument('--only', default='', help='only files whose path holds this text')
    a = parser.parse_args()
    prefix, packages = sys.prefix, sysconfig.get_paths()['purelib']
    files = sorted({os.path.realpath(f) for end in ('xml', 'urdf') for f in glob.glob(f'{prefix}/**/*.{end}', recursive=True)})
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in (f for f in files if a.only in f):
            word, said = compare(path, a.leitai, a.states, folder)
            counts[word] = counts.get(word, 0) + 1
            if word not in ('same', 'not read by MuJoCo'):
                print(f'{word}: {os.path.relpath(path, packages)}: {said}', flush=True)
    print('\n| files | |\n|---|---:|')
    for word, count in sorted(counts.items(), key=lambda entry: -entry[1]):
        print(f'| {word} | {count} |')


if __name__ == '__main__':
    main()
