// The writing half of the page's compact forms, for samples: what `report::replay` does in Rust.

export const base64 = (bytes) => Buffer.from(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength).toString('base64');

/** Quantized keys of one body → TrackBody. `poses`: [frame, [x, y, z, w, qx, qy, qz]] at changed frames. */
export function trackBody(body, poses) {
  const out = [];
  const unsigned = (value) => {
    while (value > 127) {
      out.push((value % 128) | 128);
      value = Math.floor(value / 128);
    }
    out.push(value);
  };
  let last = [0, 0, 0, 0, 0, 0, 0];
  let frame = 0;
  for (const [at, pose] of poses) {
    const steps = pose.map((x) => Math.round(x * 1e4));
    unsigned(at - frame);
    steps.forEach((x, i) => {
      const d = x - last[i];
      unsigned(d >= 0 ? 2 * d : -2 * d - 1);
    });
    last = steps;
    frame = at;
  }
  return { body, keys: poses.length, data: Buffer.from(out).toString('base64') };
}

/** Keeps the frames where a pose changes, and the last still frame before each change. */
export function changes(poses) {
  const out = [];
  const same = (a, b) => a.every((x, i) => Math.round(x * 1e4) === Math.round(b[i] * 1e4));
  poses.forEach((pose, frame) => {
    if (frame === 0 || !same(pose, poses[frame - 1])) {
      if (frame > 0 && out.at(-1)[0] !== frame - 1) out.push([frame - 1, poses[frame - 1]]);
      out.push([frame, pose]);
    }
  });
  return out;
}

export function series(group, name, unit, rate_hz, limit, values) {
  const most = Math.max(1e-9, ...values.map(Math.abs));
  const scale = most / 32000;
  const wire = Int16Array.from(values, (value) => Math.round(value / scale));
  return { group, name: typeof name === 'string' ? { zh: name, en: name } : name, unit, rate_hz, limit, scale, samples: base64(wire) };
}
