// From a scene's geoms to three.js meshes. MJCF's conventions: half sizes, capsules and cylinders along z.
import * as THREE from 'three';
import { RoundedBoxGeometry } from 'three/examples/jsm/geometries/RoundedBoxGeometry.js';
import { toCreasedNormals } from 'three/examples/jsm/utils/BufferGeometryUtils.js';
import type { Scene, SceneBody, SceneGeom, SceneMesh } from '../lib/data';
import { bytes } from '../lib/decode';

const QUARTER = Math.PI / 2;

function meshGeometry(mesh: SceneMesh): THREE.BufferGeometry {
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute('position', new THREE.BufferAttribute(new Float32Array(bytes(mesh.vertices).buffer), 3));
  geometry.setIndex(new THREE.BufferAttribute(new Uint32Array(bytes(mesh.indices).buffer), 1));
  return toCreasedNormals(geometry, 0.6);
}

/** A drawable shape, or null for an unbounded plane, which the ground stands for. */
function shape(geom: SceneGeom, meshes: SceneMesh[]): THREE.BufferGeometry | null {
  const [a = 0, b = 0, c = 0] = geom.size;
  switch (geom.kind) {
    case 'sphere':
      return new THREE.SphereGeometry(a, 32, 20);
    case 'ellipsoid':
      return new THREE.SphereGeometry(1, 32, 20).scale(a, b, c);
    case 'box': {
      // A hair of rounding lets edges catch the light; it stays below what anyone measures on a screen.
      const radius = Math.min(0.003, 0.06 * Math.min(a, b, c) * 2);
      return new RoundedBoxGeometry(2 * a, 2 * b, 2 * c, 2, radius);
    }
    case 'capsule':
      return new THREE.CapsuleGeometry(a, 2 * b, 12, 32).rotateX(QUARTER);
    case 'cylinder':
      return new THREE.CylinderGeometry(a, a, 2 * b, 48).rotateX(QUARTER);
    case 'plane':
      return a > 0 && b > 0 ? new THREE.PlaneGeometry(2 * a, 2 * b) : null;
    case 'mesh':
      return geom.mesh === null || !meshes[geom.mesh] ? null : meshGeometry(meshes[geom.mesh]);
  }
}

const SURFACE: Record<SceneBody['role'], { roughness: number; metalness: number }> = {
  world: { roughness: 0.9, metalness: 0 },
  robot: { roughness: 0.42, metalness: 0.12 },
  tool: { roughness: 0.38, metalness: 0.45 },
  work: { roughness: 0.88, metalness: 0 },
};

export interface Built {
  /** One group for each body, in order. */
  bodies: THREE.Group[];
  visual: THREE.Object3D[];
  collision: THREE.Object3D[];
  /** The height of the lowest unbounded plane, or of the lowest shape where there is none [m]. */
  floor: number;
  /** Everything but planes, at the scene's own poses. */
  bounds: THREE.Box3;
  /** What a picture is of: robot, tool and work without the cell around them; everything where there is nothing else. */
  subject: THREE.Box3;
}

export function build(scene: Scene): Built {
  const built: Built = { bodies: [], visual: [], collision: [], floor: Infinity, bounds: new THREE.Box3(), subject: new THREE.Box3() };
  for (const body of scene.bodies) {
    const group = new THREE.Group();
    group.name = body.name;
    group.position.set(...body.position);
    const [w, x, y, z] = body.rotation;
    group.quaternion.set(x, y, z, w);
    built.bodies.push(group);
  }
  const materials = new Map<string, THREE.MeshStandardMaterial>();
  for (const geom of scene.geoms) {
    const group = built.bodies[geom.body];
    if (!group) throw new Error(`geom on body ${geom.body}, but there are ${built.bodies.length}`);
    const geometry = shape(geom, scene.meshes);
    if (!geometry) {
      if (geom.kind === 'plane') built.floor = Math.min(built.floor, group.position.z + geom.position[2]);
      continue;
    }
    const hidden = geom.group >= 3;
    const role = scene.bodies[geom.body].role;
    const key = `${role}/${geom.rgba.join()}/${hidden}`;
    let material = materials.get(key);
    if (!material) {
      const [r, g, b, alpha] = geom.rgba;
      material = new THREE.MeshStandardMaterial({
        ...SURFACE[role],
        color: new THREE.Color().setRGB(r, g, b, THREE.SRGBColorSpace),
        transparent: hidden || alpha < 1,
        opacity: hidden ? 0.35 : alpha,
        depthWrite: !hidden && alpha >= 1,
      });
      materials.set(key, material);
    }
    const mesh = new THREE.Mesh(geometry, material);
    mesh.position.set(...geom.position);
    const [w, x, y, z] = geom.rotation;
    mesh.quaternion.set(x, y, z, w);
    mesh.castShadow = !hidden && geom.rgba[3] >= 0.5;
    mesh.receiveShadow = !hidden;
    (hidden ? built.collision : built.visual).push(mesh);
    group.add(mesh);
    group.updateMatrixWorld(true);
    if (geom.kind !== 'plane') {
      built.bounds.expandByObject(mesh);
      if (scene.bodies[geom.body].role !== 'world') built.subject.expandByObject(mesh);
    }
  }
  // Many imported descriptions have collision shapes only: then those are what there is to see.
  if (built.visual.length === 0) {
    for (const mesh of built.collision as THREE.Mesh[]) {
      const material = mesh.material as THREE.MeshStandardMaterial;
      Object.assign(material, { opacity: 1, transparent: false, depthWrite: true });
      mesh.castShadow = mesh.receiveShadow = true;
    }
    built.visual = built.collision;
    built.collision = [];
  }
  if (built.bounds.isEmpty()) built.bounds.set(new THREE.Vector3(-1, -1, 0), new THREE.Vector3(1, 1, 1));
  if (built.subject.isEmpty()) built.subject.copy(built.bounds);
  if (!Number.isFinite(built.floor)) built.floor = built.bounds.min.z;
  return built;
}
