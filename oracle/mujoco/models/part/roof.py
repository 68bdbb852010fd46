"""Writes roof.stl: a gabled block, 0.4 m by 0.3 m, 0.1 m at the eaves and 0.16 m at the ridge. Binary STL, outward normals."""
import os
import struct

low, eave, ridge = -0.06, 0.04, 0.10
V = [(-.2, -.15, low), (.2, -.15, low), (.2, .15, low), (-.2, .15, low),
     (-.2, -.15, eave), (.2, -.15, eave), (.2, .15, eave), (-.2, .15, eave), (-.2, 0, ridge), (.2, 0, ridge)]
F = [(0, 2, 1), (0, 3, 2), (0, 1, 5), (0, 5, 4), (2, 3, 7), (2, 7, 6),      # base, two long walls
     (4, 5, 9), (4, 9, 8), (6, 7, 8), (6, 8, 9),                            # two slopes
     (1, 2, 6), (1, 6, 5), (5, 6, 9), (3, 0, 4), (3, 4, 7), (7, 4, 8)]      # two gables
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'roof.stl'), 'wb') as f:
    f.write(b'gabled block, metres'.ljust(80) + struct.pack('<I', len(F)))
    for t in F:
        a, b, c = (V[i] for i in t)
        u, w = [b[i] - a[i] for i in range(3)], [c[i] - a[i] for i in range(3)]
        n = (u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0])
        s = sum(x * x for x in n) ** .5
        f.write(struct.pack('<12fH', *(x / s for x in n), *a, *b, *c, 0))
