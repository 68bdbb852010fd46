// The floor under a scene: a metre grid with fine decimetre lines that fades out, and a plane that only catches shadows.
import * as THREE from 'three';

const VERTEX = /* glsl */ `
  varying vec2 place;
  void main() {
    vec4 world = modelMatrix * vec4(position, 1.0);
    place = world.xy;
    gl_Position = projectionMatrix * viewMatrix * world;
  }`;

// Line width follows the screen derivative, so lines stay a pixel wide at any distance and blend out before they alias.
const FRAGMENT = /* glsl */ `
  uniform vec3 color;
  uniform vec2 center;
  uniform float reach;
  uniform float strength;
  varying vec2 place;
  float lines(float pitch) {
    vec2 at = place / pitch;
    vec2 width = fwidth(at);
    vec2 near = abs(fract(at - 0.5) - 0.5) / max(width, vec2(1e-6));
    float line = 1.0 - min(min(near.x, near.y), 1.0);
    return line * (1.0 - smoothstep(0.15, 0.5, max(width.x, width.y)));
  }
  void main() {
    float fade = 1.0 - smoothstep(0.25 * reach, reach, distance(place, center));
    float alpha = max(0.8 * lines(1.0), 0.2 * lines(0.1)) * fade * strength;
    if (alpha < 0.004) discard;
    gl_FragColor = vec4(color, alpha);
  }`;

export class Ground {
  readonly object = new THREE.Group();
  private grid: THREE.ShaderMaterial;
  private shade: THREE.ShadowMaterial;

  constructor(bounds: THREE.Box3, floor: number) {
    const center = bounds.getCenter(new THREE.Vector3());
    const reach = Math.max(3, bounds.getSize(new THREE.Vector3()).length() * 2.2);
    const plane = new THREE.PlaneGeometry(2 * reach, 2 * reach);
    this.grid = new THREE.ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      transparent: true,
      depthWrite: false,
      uniforms: {
        color: { value: new THREE.Color() },
        center: { value: new THREE.Vector2(center.x, center.y) },
        reach: { value: reach },
        strength: { value: 1 },
      },
    });
    this.shade = new THREE.ShadowMaterial({ depthWrite: false });
    const grid = new THREE.Mesh(plane, this.grid);
    const shade = new THREE.Mesh(plane, this.shade);
    shade.receiveShadow = true;
    // Drawn just below the floor, so that a part lying on it is never cut by a line.
    grid.position.z = shade.position.z = -0.0006;
    grid.renderOrder = -1;
    shade.renderOrder = -2;
    this.object.add(shade, grid);
    this.object.position.set(center.x, center.y, floor);
  }

  paint(dark: boolean): void {
    this.grid.uniforms.color.value.set(dark ? 0x9fb4cc : 0x35506e);
    this.grid.uniforms.strength.value = dark ? 0.36 : 0.34;
    this.shade.opacity = dark ? 0.5 : 0.26;
  }
}
