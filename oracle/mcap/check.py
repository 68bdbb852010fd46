#!/usr/bin/env python3
"""Reads the logs of a bundle with the Python package `mcap`, as anybody's tools would, and checks what they hold.

  check.py BUNDLE.leitai

Every log must have the five topics with JSON schemas, times that run forward and fit the stamps, joint samples at 50 Hz, poses
with unit quaternions, and an event that says how the trial ended. Prints one line for each log; exits with 1 at the first fault.
"""
import io
import json
import math
import sys
import zipfile

from mcap.reader import make_reader

SCHEMAS = {
    '/joints': 'leitai.Joints',
    '/command': 'leitai.Command',
    '/tf': 'foxglove.FrameTransforms',
    '/contacts': 'leitai.Contacts',
    '/events': 'leitai.Event',
}


def check(name, data):
    reader = make_reader(io.BytesIO(data), validate_crcs=True)
    summary = reader.get_summary()
    found = {}
    for channel in summary.channels.values():
        schema = summary.schemas[channel.schema_id]
        assert channel.message_encoding == 'json' and schema.encoding == 'jsonschema', channel.topic
        assert json.loads(schema.data)['type'] == 'object', channel.topic
        found[channel.topic] = schema.name
    assert found == SCHEMAS, found
    counts = {topic: 0 for topic in SCHEMAS}
    last, end, joints = 0, None, []
    frames = set()
    for schema, channel, message in reader.iter_messages():
        body = json.loads(message.data)
        counts[channel.topic] += 1
        assert message.log_time >= last, '%s: time runs backward at %d ns' % (channel.topic, message.log_time)
        last = message.log_time
        stamp = body['timestamp']
        assert stamp['sec'] * 10**9 + stamp['nsec'] == message.log_time, channel.topic
        properties = json.loads(schema.data)['properties']
        assert set(body) == set(properties), '%s: fields %s' % (channel.topic, set(body) ^ set(properties))
        if channel.topic == '/joints':
            joints.append(message.log_time)
        elif channel.topic == '/tf':
            for each in body['transforms']:
                frames.add(each['child_frame_id'])
                norm = math.hypot(*each['rotation'].values())
                assert abs(norm - 1.0) < 1e-4, '%s: rotation of length %g' % (each['child_frame_id'], norm)
        elif channel.topic == '/contacts':
            for pair in body['pairs']:
                force = math.hypot(*pair['force_on_b_n'].values())
                assert pair['points'] > 0 and force < 1e6, pair
        elif channel.topic == '/events':
            end = body['kind']
    for topic, count in counts.items():
        assert summary.statistics.channel_message_counts[next(c.id for c in summary.channels.values() if c.topic == topic)] == count
        assert count > 0, 'nothing on %s' % topic
    # A rate of 50 Hz on steps of 2 ms: every gap is 20 ms.
    gaps = {b - a for a, b in zip(joints, joints[1:])}
    assert max(gaps) <= 22_000_000 and min(gaps) >= 18_000_000, gaps
    assert end in ('passed', 'missed', 'failed'), end
    print('%s: %.1f s, %s, %d frames, ended `%s`' % (
        name, last * 1e-9, ', '.join('%d on %s' % (n, t) for t, n in counts.items()), len(frames), end))


def main():
    (path,) = sys.argv[1:]
    bundle = zipfile.ZipFile(path)
    logs = [name for name in bundle.namelist() if name.startswith('logs/')]
    assert logs, '%s holds no logs' % path
    for name in logs:
        check(name, bundle.read(name))


main()
