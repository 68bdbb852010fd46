// The 3D stage: lights, camera, floor and one scene whose bodies can be put anywhere. z is up, lengths are metres.
//
// Nothing is drawn unless something changed, so a page left open costs no power.
import * as THREE from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { RoomEnvironment } from 'three/examples/jsm/environments/RoomEnvironment.js';
import type { Quat, Scene, Vec3 } from '../lib/data';
import { Ground } from './ground';
import { build, type Built } from './shapes';

export type CameraPreset = 'iso' | 'front' | 'side' | 'top';

const TOWARD: Record<CameraPreset, [number, number, number]> = {
  iso: [1, -1.05, 0.72],
  front: [1, 0, 0.12],
  side: [0, -1, 0.12],
  top: [0.0001, -0.0006, 1],
};

export function webglWorks(): boolean {
  try {
    return document.createElement('canvas').getContext('webgl2') !== null;
  } catch {
    return false;
  }
}

export class Stage {
  private renderer: THREE.WebGLRenderer;
  private world = new THREE.Scene();
  private camera = new THREE.PerspectiveCamera(32, 1, 0.02, 200);
  private controls: OrbitControls;
  private sun = new THREE.DirectionalLight(0xffffff, 2.6);
  private sky = new THREE.HemisphereLight(0xffffff, 0x8a929c, 0.55);
  private content = new THREE.Group();
  private path = new THREE.Line(new THREE.BufferGeometry(), new THREE.LineBasicMaterial({ transparent: true, opacity: 0.9 }));
  private axes = new THREE.Group();
  private built: Built | null = null;
  private ground: Ground | null = null;
  private tool: number | null = null;
  private lastTool: THREE.Vector3 | null = null;
  private dark = false;
  private stale = true;
  private size = { width: 0, height: 0 };
  follow = false;

  constructor(private holder: HTMLElement) {
    this.renderer = new THREE.WebGLRenderer({ antialias: true, alpha: true, preserveDrawingBuffer: true });
    this.renderer.setPixelRatio(Math.min(2, window.devicePixelRatio || 1));
    this.renderer.toneMapping = THREE.NeutralToneMapping;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = THREE.PCFShadowMap;
    holder.append(this.renderer.domElement);
    const pmrem = new THREE.PMREMGenerator(this.renderer);
    this.world.environment = pmrem.fromScene(new RoomEnvironment(), 0.04).texture;
    this.world.environmentIntensity = 0.5;
    pmrem.dispose();
    this.camera.up.set(0, 0, 1);
    this.controls = new OrbitControls(this.camera, this.renderer.domElement);
    this.controls.maxPolarAngle = Math.PI * 0.495;
    this.controls.addEventListener('change', () => (this.stale = true));
    this.sun.castShadow = true;
    this.sun.shadow.mapSize.set(2048, 2048);
    this.sun.shadow.radius = 4;
    this.sun.shadow.bias = -0.0004;
    this.sun.shadow.normalBias = 0.012;
    this.sky.position.set(0, 0, 1);
    this.path.frustumCulled = false;
    this.path.visible = false;
    this.axes.visible = false;
    this.world.add(this.sky, this.sun, this.sun.target, this.content, this.path, this.axes);
  }

  /** Replaces what is on the stage and frames it. */
  show(scene: Scene): void {
    this.clear();
    this.built = build(scene);
    this.tool = scene.tool;
    this.lastTool = null;
    this.content.add(...this.built.bodies);
    const { bounds, floor } = this.built;
    this.ground = new Ground(bounds, floor);
    this.ground.paint(this.dark);
    this.world.add(this.ground.object);
    const center = bounds.getCenter(new THREE.Vector3());
    const radius = bounds.getSize(new THREE.Vector3()).length() * 0.62;
    this.sun.position.copy(center).add(new THREE.Vector3(0.55, -0.5, 1.25).normalize().multiplyScalar(radius * 3));
    this.sun.target.position.copy(center);
    const frustum = this.sun.shadow.camera;
    Object.assign(frustum, { left: -radius, right: radius, top: radius, bottom: -radius, near: radius, far: radius * 5 });
    frustum.updateProjectionMatrix();
    const triad = new THREE.AxesHelper(Math.max(0.15, radius * 0.12));
    triad.position.z = floor + 0.002;
    this.axes.add(triad);
    this.collisionShapes(false);
    this.look('iso');
  }

  private clear(): void {
    this.content.traverse((object) => {
      if (object instanceof THREE.Mesh) {
        object.geometry.dispose();
        (object.material as THREE.Material).dispose();
      }
    });
    this.content.clear();
    this.axes.clear();
    if (this.ground) this.world.remove(this.ground.object);
    this.ground = null;
    this.stale = true;
  }

  /** Puts a body at a pose in the world. */
  place(body: number, [x, y, z]: Vec3, [qw, qx, qy, qz]: Quat): void {
    const group = this.built?.bodies[body];
    if (!group) return;
    group.position.set(x, y, z);
    group.quaternion.set(qx, qy, qz, qw);
    this.stale = true;
  }

  /** Where a body stands, for scripts and checks. */
  position(body: number): Vec3 | null {
    return (this.built?.bodies[body]?.position.toArray() as Vec3 | undefined) ?? null;
  }

  look(preset: CameraPreset): void {
    if (!this.built) return;
    const { subject, floor } = this.built;
    const box = subject.clone();
    // The arm lifts what it carries above where it stood at first.
    box.expandByVector(box.getSize(new THREE.Vector3()).multiplyScalar(0.06));
    box.min.z = Math.min(box.min.z, floor);
    const center = box.getCenter(new THREE.Vector3());
    const toward = new THREE.Vector3(...TOWARD[preset]).normalize();
    // The smallest distance from which every corner of the box is inside the picture.
    const forward = toward.clone().negate();
    const right = new THREE.Vector3().crossVectors(forward, this.camera.up).normalize();
    const up = new THREE.Vector3().crossVectors(right, forward);
    const tanY = Math.tan(THREE.MathUtils.degToRad(this.camera.fov / 2));
    const tanX = tanY * this.camera.aspect;
    let distance = 0;
    for (let i = 0; i < 8; i++) {
      const corner = new THREE.Vector3(
        i & 1 ? box.max.x : box.min.x,
        i & 2 ? box.max.y : box.min.y,
        i & 4 ? box.max.z : box.min.z,
      ).sub(center);
      const need = Math.max(Math.abs(corner.dot(right)) / tanX, Math.abs(corner.dot(up)) / tanY);
      distance = Math.max(distance, need + corner.dot(toward));
    }
    this.controls.target.copy(center);
    this.camera.position.copy(center).addScaledVector(toward, distance * 0.94);
    this.controls.minDistance = 0.05;
    this.controls.maxDistance = distance * 6;
    this.controls.update();
    this.stale = true;
  }

  /** The way the tool goes: points [m], flat. */
  setPath(points: Float32Array, color: string): void {
    this.path.geometry.dispose();
    this.path.geometry = new THREE.BufferGeometry();
    this.path.geometry.setAttribute('position', new THREE.BufferAttribute(points, 3));
    (this.path.material as THREE.LineBasicMaterial).color.set(color);
    this.stale = true;
  }
  showPath(shown: boolean, count: number): void {
    this.path.visible = shown;
    this.path.geometry.setDrawRange(0, count);
    this.stale = true;
  }
  collisionShapes(shown: boolean): void {
    for (const mesh of this.built?.collision ?? []) mesh.visible = shown;
    this.stale = true;
  }
  get hasCollisionShapes(): boolean {
    return (this.built?.collision.length ?? 0) > 0;
  }
  showAxes(shown: boolean): void {
    this.axes.visible = shown;
    this.stale = true;
  }

  paint(dark: boolean): void {
    this.dark = dark;
    this.world.environmentIntensity = dark ? 0.34 : 0.5;
    this.sun.intensity = dark ? 2.1 : 2.6;
    this.sky.intensity = dark ? 0.35 : 0.55;
    this.ground?.paint(dark);
    this.stale = true;
  }

  /** Draws if anything changed. */
  draw(): void {
    const width = this.holder.clientWidth;
    const height = this.holder.clientHeight;
    if (width === 0 || height === 0) return;
    if (width !== this.size.width || height !== this.size.height) {
      const first = this.size.width === 0;
      this.size = { width, height };
      this.renderer.setSize(width, height);
      this.camera.aspect = width / height;
      this.camera.updateProjectionMatrix();
      if (first) this.look('iso');
      this.stale = true;
    }
    const tool = this.tool === null ? null : this.built?.bodies[this.tool]?.position;
    if (tool) {
      if (this.follow && this.lastTool && !this.lastTool.equals(tool)) {
        const moved = tool.clone().sub(this.lastTool);
        this.camera.position.add(moved);
        this.controls.target.add(moved);
        this.controls.update();
      }
      this.lastTool = tool.clone();
    }
    if (!this.stale) return;
    this.stale = false;
    this.renderer.render(this.world, this.camera);
  }

  /** Brings the follow camera close to the tool. */
  approachTool(): void {
    const tool = this.tool === null ? undefined : this.built?.bodies[this.tool]?.position;
    if (!tool || !this.built) return;
    const distance = this.built.bounds.getSize(new THREE.Vector3()).length() * 0.62;
    const away = this.camera.position.clone().sub(this.controls.target).setLength(distance);
    this.controls.target.copy(tool);
    this.camera.position.copy(tool).add(away);
    this.controls.update();
    this.stale = true;
  }

  dispose(): void {
    this.clear();
    this.path.geometry.dispose();
    this.controls.dispose();
    this.renderer.dispose();
    this.renderer.domElement.remove();
  }
}
