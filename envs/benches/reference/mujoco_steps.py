"""Control steps per second of the original tasks in MuJoCo, to time beside ours.

Whole `env.step` of gymnasium-robotics (Fetch, Hand) and gymnasium (Reacher), with random actions and a reset every 50 steps, as a user
without further wrappers has them; for the Sawyer tasks, whose original no longer installs, this project's model stepped by MuJoCo
(`sawyer_mujoco.py`). CPU seconds of this process.

    python -m venv venv && venv/bin/pip install mujoco==3.3.7 gymnasium==1.2.2 gymnasium-robotics==1.4.2
    cargo bench -p gcrl-envs --bench steps -- --python venv/bin/python

asks it lines `TASK SECONDS` on standard input and reads a speed, or `none`, for each, so that both sides are timed in turns.
"""

import sys
import time
from pathlib import Path

import gymnasium
import numpy as np

HORIZON = 50
IDS = {
    "Reacher": "Reacher-v5",
    "FetchReach": "FetchReach-v4",
    "FetchPush": "FetchPush-v4",
    "FetchSlide": "FetchSlide-v4",
    "FetchPickAndPlace": "FetchPickAndPlace-v4",
    "HandReach": "HandReach-v3",
}
SAWYERS = {"SawyerReach": "sawyer_reach", "SawyerDoor": "sawyer_door"}
ROBOTS = Path(__file__).parents[3] / "assets" / "robots"


def gymnasium_speed(name):
    """Returns a function from CPU seconds to steps per CPU second."""
    if name != "Reacher":
        import gymnasium_robotics

        gymnasium.register_envs(gymnasium_robotics)
    env = gymnasium.make(IDS[name], max_episode_steps=HORIZON, disable_env_checker=True)
    rng = np.random.default_rng(0)
    low, high = env.action_space.low, env.action_space.high

    def measure(secs):
        n_steps, start = 0, time.process_time()
        while time.process_time() - start < secs:
            env.reset()
            for _ in range(HORIZON):
                env.step(rng.uniform(low, high).astype(np.float32))
            n_steps += HORIZON
        return n_steps / (time.process_time() - start)

    return measure


def sawyer_speed(name):
    """Returns a function from CPU seconds to steps per CPU second."""
    import mujoco

    import sawyer_mujoco

    model = mujoco.MjModel.from_xml_path(str(ROBOTS / f"{SAWYERS[name]}.xml"))
    rng = np.random.default_rng(0)
    return lambda secs: sawyer_mujoco.round_of(model, SAWYERS[name], secs, rng)[0]


def main():
    tasks = {}
    for line in sys.stdin:
        name, secs = line.split()
        if name not in tasks:
            tasks[name] = gymnasium_speed(name) if name in IDS else sawyer_speed(name) if name in SAWYERS else None
        print(tasks[name](float(secs)) if tasks[name] else "none", flush=True)


if __name__ == "__main__":
    main()
