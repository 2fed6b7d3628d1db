"""Control steps per second of a Sawyer model in MuJoCo, beside `cargo bench -p gcrl-envs --bench steps`.

    python sawyer_mujoco.py assets/robots/sawyer_reach.xml [seconds a round]

One control step moves the mocap body by a random action and runs 50 sub-steps, as the original tasks
do; every 50 control steps the state of the first reset comes back, which costs the original another
ten control steps that are left out here. Prints the median over five rounds of CPU time.
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


def settled(model):
    """The state after the original's reset: the arm's pose, then 500 sub-steps on the weld."""
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, 0)
    mujoco.mj_step(model, data, 10 * N_SUB_STEPS)
    return data.qpos.copy(), data.mocap_pos.copy()


def n_steps_in(model, name, secs, rng):
    """Control steps made in that many seconds of CPU time."""
    data = mujoco.MjData(model)
    qpos, mocap = settled(model)
    low, high = (np.array(corner) for corner in BOXES[name])
    hand = model.body("hand").id
    n_steps = 0
    start = time.process_time()
    while time.process_time() - start < secs:
        if n_steps % HORIZON == 0:
            mujoco.mj_resetData(model, data)
            data.qpos[:], data.mocap_pos[:] = qpos, mocap
            mujoco.mj_forward(model, data)
        action = rng.uniform(-1, 1, 3)
        data.mocap_pos[0] = np.clip(data.mocap_pos[0] + 0.02 * action, low, high)
        mujoco.mj_step(model, data, N_SUB_STEPS)
        _observation = np.concatenate([data.xpos[hand], data.qpos[7:]])
        n_steps += 1
    return n_steps / (time.process_time() - start)


def main():
    path = sys.argv[1]
    secs = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
    model = mujoco.MjModel.from_xml_path(path)
    rng = np.random.default_rng(0)
    speeds = [n_steps_in(model, model.names.split(b"\0")[0].decode(), secs, rng) for _ in range(N_ROUNDS)]
    print(f"{path}: {statistics.median(speeds):.0f} control steps per CPU second, MuJoCo {mujoco.__version__}")


if __name__ == "__main__":
    main()
