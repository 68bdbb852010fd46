#!/usr/bin/env python3
"""Reads a URDF as Pinocchio does and writes its model as text for bench.cc: models.py URDF fixed|free OUT"""
import sys

import pinocchio

path, base, out = sys.argv[1:]
root = [pinocchio.JointModelFreeFlyer()] if base == 'free' else []
pinocchio.buildModelFromUrdf(path, *root).saveToText(out)
