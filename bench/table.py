#!/usr/bin/env python3
"""Results as a table: table.py results.tsv

One line per scene and engine; `x MuJoCo` is the ratio of medians in the same run.
"""
import sys

rows = [line.rstrip('\n').split('\t') for line in open(sys.argv[1]) if line.count('\t') >= 6]
base = {(r[1], r[2]): float(r[3]) for r in rows if r[0].startswith('mujoco')}
print('| scene | engine | measure | median | min | max | unit | x MuJoCo | note |\n|---|---|---|---:|---:|---:|---|---:|---|')
for engine, scene, metric, median, low, high, unit, *note in sorted(rows, key=lambda r: (r[1], r[2], not r[0].startswith('mujoco'), r[0])):
    ratio = float(median) / base[(scene, metric)] if (scene, metric) in base else None
    shown = ' | '.join('%.0f' % float(x) for x in (median, low, high))
    print('| %s | %s | %s | %s | %s | %s | %s |' % (scene, engine, metric, shown, unit, '%.2f' % ratio if ratio else '', ' '.join(note)))
