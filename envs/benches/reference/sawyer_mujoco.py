"""Control steps per second of a Sawyer model in MuJoCo, beside `cargo bench -p gcrl-envs --bench steps`.

    python sawyer_mujoco.py assets/robots/sawyer_reach.xml [seconds a round]

One control step moves the mocap body by a random action and runs 50 sub-steps; a reset, every 50
control steps, puts the arm into its pose and runs 500 sub-steps, as the original tasks do. Prints the
median over five rounds of CPU time, and how much faster it would be if resets cost nothing.
"""

import statistics
import sys
import time

import mujoco
import numpy as np

N_ROUNDS = 5
N_SUB_STEPS = 50
HORIZON = 50
BOXES = {
    "sawyer_reach": ((-0.2, 0.55, 0.05), (0.2, 0.75, 0.3)),
    "sawyer_door": ((-0.1, 0.45, 0.1), (0.05, 0.65, 0.25)),
}


def reset(model, data):
    """The arm's pose, then 500 sub-steps on the weld; the door is shut after them."""
    mujoco.mj_resetDataKeyframe(model, data, 0)
    mujoco.mj_step(model, data, 10 * N_SUB_STEPS)
    if model.joint(7).name == "hinge":
        data.qpos[7] = data.qvel[7] = 0.0


def round_of(model, name, secs, rng):
    """Control steps per second of CPU time, with resets and without."""
    data = mujoco.MjData(model)
    low, high = (np.array(corner) for corner in BOXES[name])
    hand = model.body("hand").id
    n_steps, in_resets = 0, 0.0
    start = time.process_time()
    while time.process_time() - start < secs:
        if n_steps % HORIZON == 0:
            before = time.process_time()
            reset(model, data)
            in_resets += time.process_time() - before
        action = rng.uniform(-1, 1, 3)
        data.mocap_pos[0] = np.clip(data.mocap_pos[0] + 0.02 * action, low, high)
        mujoco.mj_step(model, data, N_SUB_STEPS)
        _observation = np.concatenate([data.xpos[hand], data.qpos[7:]])
        n_steps += 1
    elapsed = time.process_time() - start
    return n_steps / elapsed, n_steps / (elapsed - in_resets)


def main():
    path = sys.argv[1]
    secs = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
    model = mujoco.MjModel.from_xml_path(path)
    rng = np.random.default_rng(0)
    name = model.names.split(b"\0")[0].decode()
    rounds = [round_of(model, name, secs, rng) for _ in range(N_ROUNDS)]
    whole, bare = (statistics.median(speeds) for speeds in zip(*rounds))
    print(f"{path}: {whole:.0f} control steps per CPU second, {bare:.0f} without resets, MuJoCo {mujoco.__version__}")


if __name__ == "__main__":
    main()
