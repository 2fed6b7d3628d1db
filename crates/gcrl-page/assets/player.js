// Plays recorded episodes. Needs three.js as the global THREE, and the episodes as JSON in the page.
// Lengths are meters, z is up, quaternions in the data are (w, x, y, z).
"use strict";

const POSE = 7; // numbers of a pose: position, quaternion
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];
const VIEWS = { front: [0, 15], left: [-90, 15], right: [90, 15], back: [180, 15], top: [-90, 89] }; // degrees around and above
const GOAL = 0x2fb457, GOAL_DOT = 0x0d9933, ACHIEVED = 0xf27310;
const DOT = 0.008; // radius of a dot as a share of the camera's distance

const element = (id) => document.getElementById(id);
const episodes = JSON.parse(element("episodes").textContent).map(decode);

// ---- data ------------------------------------------------------------------------------------------------

function decode(episode) {
  const columns = ["pose", "observation", "achieved_goal", "desired_goal", "action", "reward", "goal_point", "achieved_point"];
  for (const name of columns) {
    const bytes = Uint8Array.from(atob(episode[name]), (character) => character.charCodeAt(0));
    episode[name] = new Float32Array(bytes.buffer);
  }
  episode.duration = episode.n_steps * episode.about.step_secs;
  return episode;
}

const isReached = (episode, t) => 0 < t && 0 < episode.reward[t - 1];

function returnAt(episode, t) {
  return episode.reward.subarray(0, t).reduce((sum, reward) => sum + reward, 0);
}

// ---- what is drawn ---------------------------------------------------------------------------------------

const renderer = new THREE.WebGLRenderer({ canvas: element("view"), antialias: true });
renderer.shadowMap.enabled = true;
renderer.shadowMap.type = THREE.PCFSoftShadowMap;
const camera = new THREE.PerspectiveCamera(40, 1, 0.01, 1000);
camera.up.set(0, 0, 1);
const orbit = new THREE.OrbitControls(camera, renderer.domElement);
orbit.enableDamping = true;

const geometries = {
  cuboid: ({ half_extents: [x, y, z] }) => new THREE.BoxGeometry(2 * x, 2 * y, 2 * z),
  sphere: ({ radius }) => new THREE.SphereGeometry(radius, 32, 20),
  // three.js has its axes along y, the data along z.
  capsule: ({ radius, half_length }) => new THREE.CapsuleGeometry(radius, 2 * half_length, 12, 28).rotateX(Math.PI / 2),
  cylinder: ({ radius, half_length }) => new THREE.CylinderGeometry(radius, radius, 2 * half_length, 40).rotateX(Math.PI / 2),
  plane: ({ half_extents: [x, y] }) => new THREE.PlaneGeometry(2 * x, 2 * y),
};

function materialOf({ color: [red, green, blue, opacity], roughness, metallic }) {
  const color = new THREE.Color().setRGB(red, green, blue, THREE.SRGBColorSpace);
  // Without a room around it to mirror, pure metal would be black.
  return new THREE.MeshStandardMaterial({ color, roughness, metalness: 0.5 * metallic, opacity, transparent: opacity < 1 });
}

function place(object, numbers, at) {
  object.position.fromArray(numbers, at);
  const [w, x, y, z] = numbers.subarray(at + 3, at + POSE);
  object.quaternion.set(x, y, z, w);
}

function dot(radius, color) {
  const group = new THREE.Group();
  const ball = new THREE.SphereGeometry(radius, 16, 12);
  // Once where it is, once faintly through what hides it.
  group.add(new THREE.Mesh(ball, new THREE.MeshBasicMaterial({ color })));
  const through = new THREE.MeshBasicMaterial({ color, transparent: true, opacity: 0.45, depthTest: false });
  group.add(new THREE.Mesh(ball, through));
  return group;
}

function lights(scene, target, distance, right) {
  scene.add(new THREE.HemisphereLight(0xe8efff, 0xc4beb6, 2.1));
  const sun = new THREE.DirectionalLight(0xffffff, 2.2);
  const size = 1.2 * distance;
  // Above, behind the left shoulder.
  sun.position.copy(target).add(new THREE.Vector3(-0.55 * right.x + 0.45 * right.y, -0.55 * right.y - 0.45 * right.x, 1).multiplyScalar(size));
  sun.target.position.copy(target);
  sun.castShadow = true;
  sun.shadow.mapSize.set(2048, 2048);
  Object.assign(sun.shadow.camera, { left: -size, right: size, top: size, bottom: -size, near: 0.01 * size, far: 4 * size });
  sun.shadow.normalBias = 0.004 * distance;
  sun.shadow.radius = 3;
  scene.add(sun, sun.target);
}

// Everything that is drawn of one episode.
function buildStage(episode) {
  const scene = new THREE.Scene();
  scene.background = new THREE.Color(0xe6eaee);
  const target = new THREE.Vector3(...episode.about.scene.camera.target), eye = new THREE.Vector3(...episode.about.scene.camera.eye);
  const away = target.clone().sub(eye), distance = away.length() || 1;
  const right = new THREE.Vector3(away.y, -away.x, 0);
  if (right.length() === 0) right.set(1, 0, 0);
  lights(scene, target, distance, right.normalize());
  const bodies = episode.about.scene.bodies.map(() => new THREE.Group());
  scene.add(...bodies);
  for (const { body, in_body, shape, material, layer } of episode.about.scene.visuals) {
    const [kind, sizes] = Object.entries(shape)[0];
    const mesh = new THREE.Mesh(geometries[kind](sizes), materialOf(material));
    place(mesh, Float32Array.of(...in_body.position, ...in_body.rotation), 0);
    mesh.castShadow = kind !== "plane" && material.color[3] === 1;
    mesh.receiveShadow = true;
    mesh.userData.layer = layer;
    bodies[body].add(mesh);
  }
  const nPoints = episode.goal_point.length / 3 / (episode.n_steps + 1), goals = [], achieved = [];
  for (let i = 0; i < nPoints; i++) {
    const goal = dot(DOT * distance, GOAL_DOT);
    goals.push(goal);
    achieved.push(dot(DOT * distance, ACHIEVED));
    scene.add(goal, achieved[i]);
    if (episode.about.scene.goal_radius) {
      const reach = new THREE.MeshStandardMaterial({ color: GOAL, transparent: true, opacity: 0.25, depthWrite: false });
      goal.add(new THREE.Mesh(new THREE.SphereGeometry(episode.about.scene.goal_radius, 40, 24), reach));
    }
  }
  const trails = achieved.map((_, i) => trailOf(episode, i, nPoints));
  if (trails.length) scene.add(...trails);
  return { scene, bodies, goals, achieved, trails, target, eye, distance };
}

function trailOf(episode, point, nPoints) {
  const nStates = episode.n_steps + 1, positions = new Float32Array(3 * nStates);
  for (let t = 0; t < nStates; t++) {
    const at = 3 * (t * nPoints + point);
    positions.set(episode.achieved_point.subarray(at, at + 3), 3 * t);
  }
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute("position", new THREE.BufferAttribute(positions, 3));
  const line = new THREE.Line(geometry, new THREE.LineBasicMaterial({ color: ACHIEVED }));
  line.frustumCulled = false;
  return line;
}

// ---- what is going on ------------------------------------------------------------------------------------

const state = { episode: 0, secs: 0, isPlaying: true, speed: 1, view: "scene", hasTrail: true, layer: "look", stage: null };

function choose(index) {
  state.episode = (index + episodes.length) % episodes.length;
  const episode = episodes[state.episode];
  state.stage = buildStage(episode);
  state.secs = 0;
  element("title").textContent = episode.about.task;
  element("player").textContent = `${episode.about.player}, seed ${episode.about.seed}, episode ${episode.about.number}`;
  element("scrub").max = episode.duration;
  element("episode").value = state.episode;
  document.title = `${episode.about.task} · ${episode.about.player} · gcrl`;
  element("marks").style.background = marksOf(episode);
  buildPanel(episode);
  look(state.view);
}

// A gradient that is green in the steps that earn a reward.
function marksOf(episode) {
  const stops = [];
  for (let t = 0; t < episode.n_steps; t++) {
    const color = 0 < episode.reward[t] ? "#2da44e" : "#d0d7de";
    stops.push(`${color} ${(100 * t) / episode.n_steps}% ${(100 * (t + 1)) / episode.n_steps}%`);
  }
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

function look(view) {
  state.view = view;
  element("camera").value = view;
  const { target, eye, distance } = state.stage;
  if (view === "scene") {
    camera.position.copy(eye);
  } else {
    const [azimuth, elevation] = VIEWS[view].map((degrees) => (degrees * Math.PI) / 180);
    const along = Math.cos(elevation);
    const toward = new THREE.Vector3(along * Math.cos(azimuth), along * Math.sin(azimuth), Math.sin(elevation));
    camera.position.copy(target).addScaledVector(toward, distance);
  }
  camera.near = 0.01 * distance;
  camera.far = 100 * distance;
  camera.updateProjectionMatrix();
  orbit.target.copy(target);
  orbit.update();
}

function seek(secs) {
  state.secs = Math.min(Math.max(secs, 0), episodes[state.episode].duration);
}

function stepBy(count) {
  const { step_secs } = episodes[state.episode].about;
  state.isPlaying = false;
  seek((Math.round(state.secs / step_secs) + count) * step_secs);
}

function changeSpeed(by) {
  const index = SPEEDS.indexOf(state.speed) + by;
  state.speed = SPEEDS[Math.min(Math.max(index, 0), SPEEDS.length - 1)];
  element("speed").value = state.speed;
}

function togglePlay() {
  if (episodes[state.episode].duration <= state.secs) state.secs = 0;
  state.isPlaying = !state.isPlaying;
}

// ---- the panel -------------------------------------------------------------------------------------------

let cells = [], bars = [];

function buildPanel(episode) {
  const table = element("numbers"), actions = element("actions");
  table.replaceChildren();
  actions.replaceChildren();
  cells = [];
  const group = (column, quantities) => {
    let at = 0;
    for (const { name, len, unit } of quantities) {
      const head = table.insertRow().appendChild(document.createElement("th"));
      head.colSpan = 4;
      head.textContent = unit === "1" ? name : `${name} (${unit})`;
      for (let i = 0; i < len; i++) {
        const row = i % 4 === 0 ? table.insertRow() : table.rows[table.rows.length - 1];
        cells.push({ cell: row.insertCell(), column, at: at + i });
      }
      at += len;
    }
  };
  group("observation", episode.about.observation);
  const names = episode.about.action.flatMap(({ name, len }) =>
    len === 1 ? [name] : Array.from({ length: len }, (_, i) => `${name} ${i}`),
  );
  bars = names.map((name) => {
    const label = document.createElement("span"), bar = document.createElement("div");
    label.textContent = name;
    bar.className = "bar";
    actions.append(label, bar);
    return bar.appendChild(document.createElement("i"));
  });
}

function updatePanel(episode, t) {
  const score = element("score"), reached = isReached(episode, t);
  score.textContent = `return ${returnAt(episode, t)}${reached ? ", on the goal" : ""}`;
  score.className = reached ? "reached" : "";
  for (const { cell, column, at } of cells) {
    const dim = episode[column].length / (episode.n_steps + 1);
    // Not "-0.000".
    cell.textContent = episode[column][t * dim + at].toFixed(3).replace(/^-(0\.0*)$/, "$1");
  }
  const dim = bars.length, step = Math.min(t, episode.n_steps - 1);
  bars.forEach((bar, i) => {
    const action = Math.min(Math.max(episode.action[step * dim + i], -1), 1);
    bar.style.left = `${50 + 50 * Math.min(action, 0)}%`;
    bar.style.width = `${50 * Math.abs(action)}%`;
  });
}

// ---- the user --------------------------------------------------------------------------------------------

const views = ["scene", ...Object.keys(VIEWS)];
const actions = {
  " ": togglePlay,
  ArrowLeft: () => stepBy(-1),
  ArrowRight: () => stepBy(1),
  Home: () => seek(0),
  End: () => seek(Infinity),
  "+": () => changeSpeed(1),
  "-": () => changeSpeed(-1),
  n: () => choose(state.episode + 1),
  p: () => choose(state.episode - 1),
  c: () => look(views[(views.indexOf(state.view) + 1) % views.length]),
  t: () => (state.hasTrail = !state.hasTrail),
  d: () => (state.layer = state.layer === "look" ? "collision" : "look"),
  h: () => (element("keys").open ? element("keys").close() : element("keys").showModal()),
};

window.addEventListener("keydown", (event) => {
  const act = actions[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  event.preventDefault();
  act();
});
element("play").onclick = togglePlay;
element("back").onclick = () => stepBy(-1);
element("forward").onclick = () => stepBy(1);
element("scrub").oninput = (event) => {
  state.isPlaying = false;
  seek(Number(event.target.value));
};
element("speed").onchange = (event) => (state.speed = Number(event.target.value));
element("camera").onchange = (event) => look(event.target.value);
element("episode").onchange = (event) => choose(Number(event.target.value));
element("help").onclick = actions.h;
// A button that keeps the focus would take the space bar.
for (const button of document.querySelectorAll("button, select, input")) button.addEventListener("change", () => button.blur());
for (const button of document.querySelectorAll("button")) button.addEventListener("click", () => button.blur());

// ---- every frame -----------------------------------------------------------------------------------------

const from = new THREE.Group(), to = new THREE.Group();

function update(episode) {
  const { bodies, goals, achieved, trails, scene } = state.stage;
  const steps = state.secs / episode.about.step_secs, last = episode.n_steps;
  // Seeking goes to whole states; rounding must not show the one before.
  const t = Math.min(Math.floor(steps + 1e-4), last), next = Math.min(t + 1, last), share = Math.max(steps - t, 0);
  bodies.forEach((body, i) => {
    place(from, episode.pose, POSE * (t * bodies.length + i));
    place(to, episode.pose, POSE * (next * bodies.length + i));
    body.position.lerpVectors(from.position, to.position, share);
    body.quaternion.slerpQuaternions(from.quaternion, to.quaternion, share);
  });
  goals.forEach((goal, i) => goal.position.fromArray(episode.goal_point, 3 * (t * goals.length + i)));
  achieved.forEach((ball, i) => {
    const at = (state) => 3 * (state * achieved.length + i);
    from.position.fromArray(episode.achieved_point, at(t));
    to.position.fromArray(episode.achieved_point, at(next));
    ball.position.lerpVectors(from.position, to.position, share);
  });
  trails.forEach((trail) => {
    trail.visible = state.hasTrail;
    trail.geometry.setDrawRange(0, t + 1);
  });
  scene.background.set(isReached(episode, t) ? 0xe2f2e5 : 0xe6eaee);
  for (const body of bodies) for (const mesh of body.children) mesh.visible = mesh.userData.layer === state.layer;
  updatePanel(episode, t);
  return t;
}

let before = null, nFrames = 0;

function frame(now) {
  const episode = episodes[state.episode];
  if (state.isPlaying && before !== null) {
    seek(state.secs + (state.speed * (now - before)) / 1000);
    if (episode.duration <= state.secs) state.isPlaying = false;
  }
  before = now;
  const { clientWidth: width, clientHeight: height } = renderer.domElement;
  renderer.setPixelRatio(window.devicePixelRatio);
  renderer.setSize(width, height, false);
  camera.aspect = width / Math.max(height, 1);
  // The middle of the picture is in the middle of what the panels leave free.
  const covered = width < 700 ? 0 : element("panel").offsetWidth + 24;
  camera.setViewOffset(width, height, covered / 2, 30, width, height);
  const t = update(episode);
  element("play").textContent = state.isPlaying ? "❚❚" : "▶";
  if (document.activeElement !== element("scrub")) element("scrub").value = state.secs;
  element("time").textContent = `step ${t}/${episode.n_steps}, ${state.secs.toFixed(2)} s`;
  orbit.update();
  renderer.render(state.stage.scene, camera);
  // For tests: what has happened so far.
  Object.assign(document.body.dataset, { frames: ++nFrames, step: t, playing: state.isPlaying, episode: state.episode });
  requestAnimationFrame(frame);
}

const nPlayers = new Set(episodes.map((episode) => episode.about.player)).size;
episodes.forEach((episode, i) => {
  const player = 1 < nPlayers ? ` ${episode.about.player}` : "";
  element("episode").add(new Option(`${i + 1}/${episodes.length}${player}`, i));
});
// An address that ends in `#2` shows the second episode.
const asked = () => Math.min(Math.max(parseInt(location.hash.slice(1)) || 1, 1), episodes.length) - 1;
window.addEventListener("hashchange", () => choose(asked()));
choose(asked());
requestAnimationFrame(frame);
