#!/usr/bin/env python3
"""Compares two folders of answers: same files, same structure, numbers equal to 1e-7 (absolute, or relative above one).

  same.py COMMITTED FRESH

Not bit by bit: MuJoCo takes sines and exponentials from the platform, whose last bit differs between processors.
"""
import json
import os
import sys

TOLERANCE = 1e-7


def differ(a, b, where):
    """The first difference between two JSON values, as text; None when they agree."""
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool):
        if abs(a - b) > TOLERANCE * max(1.0, abs(a), abs(b)):
            return '%s: %r committed, %r fresh' % (where, a, b)
    elif type(a) is not type(b):
        return '%s: %s committed, %s fresh' % (where, type(a).__name__, type(b).__name__)
    elif isinstance(a, dict):
        if a.keys() != b.keys():
            return '%s: keys differ: %s' % (where, sorted(a.keys() ^ b.keys()))
        return next(filter(None, (differ(a[k], b[k], where + '.' + k) for k in a)), None)
    elif isinstance(a, list):
        if len(a) != len(b):
            return '%s: %d values committed, %d fresh' % (where, len(a), len(b))
        return next(filter(None, (differ(x, y, '%s[%d]' % (where, i)) for i, (x, y) in enumerate(zip(a, b)))), None)
    elif a != b:
        return '%s: %r committed, %r fresh' % (where, a, b)
    return None


def main():
    committed, fresh = sys.argv[1:]
    bad = 0
    names = sorted(os.listdir(fresh))
    for name in names:
        path = os.path.join(committed, name)
        why = 'not committed' if not os.path.exists(path) else differ(json.load(open(path)), json.load(open(os.path.join(fresh, name))), '')
        if why:
            bad += 1
            print('%s: %s' % (name, why), file=sys.stderr)
    print('%d of %d files of answers agree' % (len(names) - bad, len(names)))
    return 1 if bad or not names else 0


if __name__ == '__main__':
    sys.exit(main())
