// From the compact forms on the wire to plain arrays: base64, tracks (variable-length integers), sampled series.
import type { Quat, Replay, Series, Track, Vec3 } from './data';

export function bytes(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** Metres in one position step and quaternion units in one rotation step of a track. */
const POSITION_STEP_M = 1e-4;
const ROTATION_STEP = 1e-4;

export interface Motion {
  body: number;
  /** [s], one for each key. */
  times: Float32Array;
  /** Seven for each key: x y z [m], then w x y z, unit length. */
  poses: Float32Array;
}

/** The keys of each moving body. The wire format is written by `report::replay::Recorder`. */
export function motions(track: Track): Motion[] {
  return track.bodies.map(({ body, keys, data }) => {
    const wire = bytes(data);
    let at = 0;
    const unsigned = (): number => {
      let value = 0;
      let scale = 1;
      for (;;) {
        if (at >= wire.length) throw new Error(`track of body ${body} ends early`);
        const byte = wire[at++];
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) return value;
        scale *= 128;
      }
    };
    const signed = (): number => {
      const value = unsigned();
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    };
    const times = new Float32Array(keys);
    const poses = new Float32Array(keys * 7);
    const last = [0, 0, 0, 0, 0, 0, 0];
    let frame = 0;
    for (let key = 0; key < keys; key++) {
      frame += unsigned();
      times[key] = frame / track.rate_hz;
      for (let i = 0; i < 7; i++) last[i] += signed();
      for (let i = 0; i < 3; i++) poses[key * 7 + i] = last[i] * POSITION_STEP_M;
      const norm = Math.hypot(last[3], last[4], last[5], last[6]) * ROTATION_STEP || 1;
      for (let i = 3; i < 7; i++) poses[key * 7 + i] = (last[i] * ROTATION_STEP) / norm;
    }
    return { body, times, poses };
  });
}

/** Writes the pose at `time` [s] into `position` and `rotation`: linear between keys, held before the first and after the last. */
export function poseAt(motion: Motion, time: number, position: Vec3, rotation: Quat): void {
  const { times, poses } = motion;
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= time) low = middle;
    else high = middle - 1;
  }
  const next = Math.min(low + 1, times.length - 1);
  const span = times[next] - times[low];
  const part = span > 0 ? Math.min(1, Math.max(0, (time - times[low]) / span)) : 0;
  const a = low * 7;
  const b = next * 7;
  for (let i = 0; i < 3; i++) position[i] = poses[a + i] + part * (poses[b + i] - poses[a + i]);
  let norm = 0;
  for (let i = 0; i < 4; i++) {
    rotation[i] = poses[a + 3 + i] + part * (poses[b + 3 + i] - poses[a + 3 + i]);
    norm += rotation[i] * rotation[i];
  }
  norm = Math.sqrt(norm) || 1;
  for (let i = 0; i < 4; i++) rotation[i] /= norm;
}

/** The samples of a series in its unit. */
export function samples(series: Series): Float32Array {
  const wire = bytes(series.samples);
  const view = new DataView(wire.buffer);
  const out = new Float32Array(wire.length >> 1);
  for (let i = 0; i < out.length; i++) out[i] = view.getInt16(i * 2, true) * series.scale;
  return out;
}

/** The time of the failure a replay shows, or undefined when it passed. */
export function failureTime(replay: Replay): number | undefined {
  return replay.track.events.find((event) => event.kind === 'failure')?.time_s;
}
