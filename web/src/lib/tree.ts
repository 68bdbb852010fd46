// Where each body of a model stands at joint positions q: poses composed from the root outward.
import type { ModelPage, Quat, Vec3 } from './data';

export function product([aw, ax, ay, az]: Quat, [bw, bx, by, bz]: Quat): Quat {
  return [
    aw * bw - ax * bx - ay * by - az * bz,
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
  ];
}

export function rotate(q: Quat, [x, y, z]: Vec3): Vec3 {
  const [w, a, b, c] = q;
  // v + 2·u×(u×v + w·v), u the vector part.
  const tx = 2 * (b * z - c * y);
  const ty = 2 * (c * x - a * z);
  const tz = 2 * (a * y - b * x);
  return [x + w * tx + b * tz - c * ty, y + w * ty + c * tx - a * tz, z + w * tz + a * ty - b * tx];
}

const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];

/** Ball and free joints stay at home; a body comes after its parent. */
export function bodyPoses(page: ModelPage, q: number[]): { position: Vec3; rotation: Quat }[] {
  const out: { position: Vec3; rotation: Quat }[] = [];
  page.bodies.forEach((body, i) => {
    const parent = body.parent === null ? null : out[body.parent];
    let position = parent ? add(parent.position, rotate(parent.rotation, body.position)) : body.position;
    let rotation = parent ? product(parent.rotation, body.rotation) : body.rotation;
    page.joints.forEach((joint, j) => {
      if (joint.body !== i) return;
      if (joint.kind === 'slide') {
        position = add(position, rotate(rotation, joint.axis.map((a) => a * q[j]) as Vec3));
      } else if (joint.kind === 'hinge') {
        const half = q[j] / 2;
        const s = Math.sin(half) / (Math.hypot(...joint.axis) || 1);
        const turn: Quat = [Math.cos(half), s * joint.axis[0], s * joint.axis[1], s * joint.axis[2]];
        // The anchor stays where it is.
        const anchor = add(position, rotate(rotation, joint.anchor));
        rotation = product(rotation, turn);
        const back = rotate(rotation, joint.anchor);
        position = [anchor[0] - back[0], anchor[1] - back[1], anchor[2] - back[2]];
      }
    });
    out.push({ position, rotation });
  });
  return out;
}
