#!/usr/bin/env python3
"""Golden values for the intervals of a rate, at fifty digits.

  golden.py            a table for people
  golden.py --json     the same at full double precision (committed as golden.json)

| interval | rule | source |
|---|---|---|
| Wilson | the rates p with |k/n - p| <= z sqrt(p (1 - p) / n) | Wilson 1927, J. Am. Stat. Assoc. 22 |
| Clopper-Pearson | the rates p with both binomial tails >= alpha/2 | Clopper and Pearson 1934, Biometrika 26 |
| confidence sequence | the rates p with M(p) < 1/alpha, where M(p) = B(k + 1/2, n - k + 1/2) / (B(1/2, 1/2) p^k (1 - p)^(n - k)) | mixture martingale: Ville 1939; Robbins 1970, Ann. Math. Stat. 41 |

M(p) is a nonnegative martingale of mean one when p is the true rate, whatever n one stops at, so P(ever leaving the set) <= alpha.
"""
import argparse
import json
import sys

from mpmath import beta, betainc, erfinv, log, mp, mpf, sqrt

mp.dps = 50
ALPHA = mpf(5) / 100
CASES = [(45, 50), (90, 100), (0, 1), (1, 1), (0, 20), (20, 20), (1, 2), (5, 10), (19, 20), (59, 59), (60, 60), (148, 150),
         (295, 300), (570, 600), (588, 600), (600, 600), (999, 1000), (3, 7)]


def bisect(f, lo, hi):
    """The root between lo and hi of a function that changes sign there."""
    flo = f(lo)
    for _ in range(180):
        mid = (lo + hi) / 2
        fm = f(mid)
        if (fm > 0) == (flo > 0):
            lo = mid
        else:
            hi = mid
    return (lo + hi) / 2


def wilson(k, n, alpha):
    z = sqrt(2) * erfinv(1 - alpha)
    p = mpf(k) / n
    center, half = (p + z * z / (2 * n)) / (1 + z * z / n), z * sqrt(p * (1 - p) / n + z * z / (4 * mpf(n) ** 2)) / (1 + z * z / n)
    return (mpf(0) if k == 0 else center - half), (mpf(1) if k == n else center + half)


def clopper_pearson(k, n, alpha):
    """Beta quantiles: lower is Beta(k, n - k + 1) at alpha/2, upper is Beta(k + 1, n - k) at 1 - alpha/2."""
    cdf = lambda a, b, x: betainc(a, b, 0, x, regularized=True)
    if k == 0:
        lower = mpf(0)
    elif k == n:
        lower = (alpha / 2) ** (mpf(1) / n)
    else:
        lower = bisect(lambda x: cdf(k, n - k + 1, x) - alpha / 2, mpf(0), mpf(1))
    if k == n:
        upper = mpf(1)
    elif k == 0:
        upper = 1 - (alpha / 2) ** (mpf(1) / n)
    else:
        upper = bisect(lambda x: cdf(k + 1, n - k, x) - (1 - alpha / 2), mpf(0), mpf(1))
    return lower, upper


def log_martingale(k, n, p):
    half = mpf(1) / 2
    value = log(beta(k + half, n - k + half)) - log(beta(half, half))
    if k:
        value -= k * log(p)
    if n - k:
        value -= (n - k) * log(1 - p)
    return value


def confidence_sequence(k, n, alpha):
    f = lambda p: log_martingale(k, n, p) + log(alpha)
    rate, tiny = mpf(k) / n, mpf(10) ** -45
    lower = mpf(0) if k == 0 else bisect(f, tiny, rate if k < n else 1 - tiny)
    upper = mpf(1) if k == n else bisect(f, rate if k > 0 else tiny, 1 - tiny)
    return lower, upper


def check(rows):
    """The figures that Leitai's own tests promise, to the digit they are quoted with."""
    quoted = {('wilson', 45, 50): (78.6, 95.7), ('clopper_pearson', 45, 50): (78.2, 96.7),
              ('confidence_sequence', 90, 100): (77.2, 97.1)}
    for (rule, k, n), want in quoted.items():
        got = next(r[rule] for r in rows if (r['k'], r['n']) == (k, n))
        if tuple(round(100 * x, 1) for x in got) != want:
            sys.exit('%s for %d/%d is %s, quoted as %s' % (rule, k, n, got, want))


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('--json', action='store_true')
    as_json = ap.parse_args().json
    rules = dict(wilson=wilson, clopper_pearson=clopper_pearson, confidence_sequence=confidence_sequence)
    rows = [dict(k=k, n=n, **{name: [float(x) for x in rule(k, n, ALPHA)] for name, rule in rules.items()}) for k, n in CASES]
    # Other error levels, as when a claim's error is split over its requirements.
    split = [dict(k=k, n=n, alpha=float(a), confidence_sequence=[float(x) for x in confidence_sequence(k, n, mpf(a))])
             for k, n in ((45, 50), (148, 150), (600, 600)) for a in ('0.025', '0.01', '0.0125')]
    # log M(p) itself, for a one-sided test against a required rate.
    martingale = [dict(k=k, n=n, p=float(p), log_m=float(log_martingale(k, n, mpf(p))))
                  for k, n, p in ((90, 100, '0.95'), (60, 60, '0.95'), (40, 60, '0.95'), (0, 5, '0.5'), (588, 600, '0.98'))]
    check(rows)
    if as_json:
        out = dict(engine='mpmath, 50 digits', alpha=float(ALPHA), intervals=rows, other_alpha=split, martingale=martingale)
        print('{' + ',\n'.join('"%s":%s' % (k, '[\n' + ',\n'.join(map(json.dumps, v)) + '\n]' if isinstance(v, list) else json.dumps(v))
                               for k, v in out.items()) + '}')
        return
    print('%9s  %-18s %-18s %-18s  (percent, error %g)' % ('k/n', 'Wilson', 'Clopper-Pearson', 'sequence', ALPHA))
    for r in rows:
        print('%4d/%-4d ' % (r['k'], r['n']) + ' '.join('%7.3f - %-8.3f' % tuple(100 * x for x in r[name]) for name in rules))


if __name__ == '__main__':
    main()
