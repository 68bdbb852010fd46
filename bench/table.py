#!/usr/bin/env python3
"""Results as tables with their bars: table.py results.tsv

A line per scene with the median of each engine's steps per second and the ratio to MuJoCo in the same run, then their geometric
mean; a line per algorithm with the median times and their ratio to Pinocchio's; then loading.
"""
import math
import sys

SCENE_BAR, MEAN_BAR, TIME_BAR, CACHED_BAR_MS = 0.5, 0.8, 1.0, 50.0
rows = [line.rstrip('\n').split('\t') for line in open(sys.argv[1]) if line.count('\t') >= 6]
found = {}
for engine, scene, measure, median, low, high, unit, *note in rows:
    found.setdefault((unit, scene, measure), {})[engine.split('-')[0]] = (float(median), float(low), float(high), ' '.join(note))


def mark(good):
    return '' if good else ' **short**'


steps = {scene: engines for (unit, scene, _), engines in found.items() if unit == 'steps/s'}
others = sorted({engine for engines in steps.values() for engine in engines} - {'mujoco', 'leitai'})
if steps:
    print('| scene | MuJoCo | Leitai | spread | x MuJoCo | bar |%s' % ''.join(' %s |' % engine for engine in others))
    print('|---|---:|---:|---:|---:|---:|' + '---:|' * len(others))
ratios = []
for scene, engines in steps.items():
    theirs, ours = engines.get('mujoco'), engines.get('leitai')
    ratio = ours[0] / theirs[0] if ours and theirs else None
    ratios += [ratio] if ratio else []
    cells = ['%.0f' % e[0] if e else '' for e in (theirs, ours)]
    cells.append('%.0f to %.0f' % ours[1:3] if ours else '')
    cells += ['%.2f%s' % (ratio, mark(ratio >= SCENE_BAR)) if ratio else '', '%.1f' % SCENE_BAR]
    cells += ['%.0f' % engines[engine][0] if engine in engines else '' for engine in others]
    print('| `%s` | %s |' % (scene, ' | '.join(cells)))
if ratios:
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print('| geometric mean | | | | %.2f%s | %.1f |%s' % (mean, mark(mean >= MEAN_BAR), MEAN_BAR, ' |' * len(others)))

calls = {(scene, measure): engines for (unit, scene, measure), engines in found.items() if unit == 'ns/call'}
if calls:
    print('\n| robot | algorithm | Pinocchio, ns | Leitai, ns | x its time | bar |\n|---|---|---:|---:|---:|---:|')
for (robot, algorithm), engines in calls.items():
    theirs, ours = engines.get('pinocchio'), engines.get('leitai')
    if theirs and ours:
        ratio = ours[0] / theirs[0]
        print('| %s | %s | %.0f | %.0f | %.2f%s | %.1f |' % (robot, algorithm, theirs[0], ours[0], ratio, mark(ratio <= TIME_BAR), TIME_BAR))

loads = {(scene, measure): engines for (unit, scene, measure), engines in found.items() if unit == 'ms'}
if loads:
    print('\n| loading | | MuJoCo, ms | Leitai, ms | bar |\n|---|---|---:|---:|---:|')
for (scene, measure), engines in loads.items():
    theirs, ours = engines.get('mujoco'), engines.get('leitai')
    if theirs and ours:
        bar = theirs[0] if measure == 'load' else CACHED_BAR_MS
        print('| `%s` | %s | %.0f | %.0f%s | %.0f |' % (scene, measure, theirs[0], ours[0], mark(ours[0] <= bar), bar))
