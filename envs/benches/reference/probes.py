"""Single contacts of the Fetch tasks, in gymnasium-robotics and here, from the same states with the same actions.

    python probes.py gcrl

`gcrl` is the program; it runs as `gcrl serve TASK`. Needs gymnasium-robotics 1.4.2 with the MuJoCo to compare with, 2.3.3 or
what people install. Each probe prints what was measured there and here: presses beside the middle of a block, bodies that slide
and come to rest, hits of the puck, grasps beside the middle of a block, and the arm under constant full actions.
"""

import argparse
import itertools

import gymnasium
import gymnasium_robotics
import mujoco
import numpy as np
from served import Served

GRIP, OBJECT, TILT, OBJECT_MOVES, GRIP_MOVES = slice(0, 3), slice(3, 6), slice(11, 13), slice(14, 17), slice(20, 23)
# Seconds of a control step, by which the observation's velocities are multiplied.
CONTROL_STEP = 0.04
# Far from the gripper, on the table.
ASIDE = np.array([1.1, 1.0])
DIRECTIONS = [(1, 0), (0, 1), (0, -1), (0.5**0.5, 0.5**0.5), (0.5**0.5, -(0.5**0.5))]


class Pair:
    """A Fetch task there and here."""

    def __init__(self, program, task):
        self.original = gymnasium.make(task).unwrapped
        self.served = Served(program, task.split("-")[0])

    def prepare(self, actions=()):
        """Begins an episode there alone, plays `actions` with the object aside, and returns where the gripper is."""
        self.original.reset(seed=0)
        self.put(ASIDE)
        for action in actions:
            self.original.step(np.array(action, dtype=np.float32))
        return self.original._get_obs()["observation"][GRIP]

    def put(self, place, velocity=(0, 0, 0)):
        """Puts the object there upright on the table at `place` (x, y), at `velocity` in m/s."""
        data, joint = self.original.data, self.original.model.joint("object0:joint")
        at, moving = joint.qposadr[0], joint.dofadr[0]
        height = self.original.height_offset
        data.qpos[at : at + 7] = [*place[:2], height, 1, 0, 0, 0]
        data.qvel[moving : moving + 6] = [*velocity, 0, 0, 0]
        mujoco.mj_forward(self.original.model, data)

    def play(self, actions):
        """What both see, step by step from the state there: two arrays of (steps + 1, 25)."""
        seen, data = self.original._get_obs(), self.original.data
        state = {name: value.tolist() for name, value in seen.items()}
        state |= {"qpos": data.qpos.tolist(), "qvel": data.qvel.tolist()}
        there = [seen["observation"]]
        here = [self.served.ask({"start_at": state})["observation"]]
        for action in actions:
            there.append(self.original.step(np.array(action, dtype=np.float32))[0]["observation"])
            here.append(self.served.ask({"step": [float(x) for x in action]})["observation"])
        return np.array(there), np.array(here)


def tips(seen):
    """Whether the object ever leans by more than 45 degrees."""
    return bool((np.cos(seen[:, TILT]).prod(axis=1) < 0.5**0.5).any())


def speeds(seen):
    """Of the object over the table, m/s."""
    return np.linalg.norm((seen[:, OBJECT_MOVES] + seen[:, GRIP_MOVES])[:, :2], axis=1) / CONTROL_STEP


def travel(seen):
    """From the first to the last state, mm."""
    return 1e3 * np.linalg.norm((seen[-1] - seen[0])[OBJECT][:2])


def press(push):
    """The closed gripper comes down on a block, beside its middle."""
    offsets = [(sign * far, 0) for far in (0.02, 0.024, 0.03) for sign in (1, -1)]
    offsets += [(0, sign * far) for far in (0.02, 0.024, 0.03) for sign in (1, -1)]
    tipped = []
    for offset in offsets:
        grip = push.prepare([(0, 0, 1, 0)] * 4)
        push.put(grip[:2] + offset)
        tipped.append([tips(seen) for seen in push.play([(0, 0, -1, 0)] * 50)])
    there, here = np.array(tipped).T
    print(f"press beside the middle: tips in {there.sum()} of {len(offsets)} places there, in {(there & here).sum()} of these here, "
          f"and in {(~there & here).sum()} others")
    grip = push.prepare([(0, 0, 1, 0)] * 4)
    push.put(grip[:2])
    for name, seen in zip(("there", "here"), push.play([(0, 0, -1, 0)] * 50)):
        print(f"press on the middle, {name:5}: gripper at least {seen[:, 2].min():.4f} m, at the end {seen[-1, 2]:.4f}; "
              f"block at least {seen[:, 5].min():.4f}, moved {travel(seen):.1f} mm")


def slide(pair, name, speeds_at_start):
    """The object slides over the table until it rests."""
    for speed in speeds_at_start:
        pair.prepare()
        pair.put(ASIDE - (0, 0.5) if name == "puck" else ASIDE, (speed, 0, 0))
        there, here = pair.play([(0, 0, 0, 0)] * 49)
        print(f"{name} at {speed} m/s: slides {travel(there):7.1f} mm there, {travel(here):7.1f} here")


def hit(puck):
    """The gripper hits the puck from 6 to 12 cm away, at five strengths, in five directions."""
    ratios = []
    for strength, along, gap in itertools.product((1, 0.8, 0.6, 0.4, 0.25), DIRECTIONS, range(6, 13)):
        grip = puck.prepare()
        along = np.array(along)
        puck.put(grip[:2] + along * gap / 100)
        n_steps = int(np.ceil((gap + 4) / 3.3 / strength))
        actions = [(*(along * strength), 0, 0)] * n_steps + [(0, 0, 0, 0)] * 5
        on_table = lambda seen: speeds(seen)[seen[:, 5] > 0.4]
        there, here = (on_table(seen).max() for seen in puck.play(actions))
        if there > 0.05:
            ratios.append(here / there)
    low, middle, high = np.quantile(ratios, [0.1, 0.5, 0.9])
    print(f"{len(ratios)} hits of the puck: fastest here to there, tenth percentile {low:.3f}, median {middle:.3f}, ninetieth {high:.3f}")


def grasp(pick):
    """A block is taken beside its middle, lifted and held."""
    for offset in (0, 5, 10, 15, 20, 25, 30, 35):
        grip = pick.prepare([(0, 0, 0, 1)] * 5 + [(0, 0, -1, 1)] * 3 + [(0, 0, -0.3, 1)] * 5)
        pick.put(grip[:2] + (offset / 1e3, 0))
        there, here = pick.play([(0, 0, 0, -1)] * 5 + [(0, 0, 0.5, -1)] * 10 + [(0, 0, 0, -1)] * 10)
        slip = lambda seen: 1e3 * ((seen[-1, OBJECT] - seen[-1, GRIP]) - (seen[5, OBJECT] - seen[5, GRIP]))
        print(f"grasp {offset:2} mm beside the middle: block at {there[-1, 5]:.3f} m there, {here[-1, 5]:.3f} here; slip "
              f"{np.linalg.norm(slip(there)):.1f} mm, {np.linalg.norm(slip(here)):.1f}")


def arm(reach):
    """The gripper under constant full actions, and under none."""
    for along in [(0, 0, 0), (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (1, 1, 0), (1, 1, 1), (-1, -1, 0), (1, 0, -1),
                  (0, 1, -1), (-1, 0, -1), (0, 0, -1), (1, -1, 1)]:
        reach.prepare([(0, 0, 1, 0)] * 4)
        there, here = reach.play([(*along, 0)] * 49)
        gaps = [1e3 * np.linalg.norm((there - here)[step, GRIP]) for step in (12, 25, 49)]
        print(f"constant action {along}: grippers apart by {gaps[0]:.2f}, {gaps[1]:.2f} and {gaps[2]:.2f} mm after 12, 25 and 49 steps")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    args = parser.parse_args()
    gymnasium.register_envs(gymnasium_robotics)
    print(f"MuJoCo {mujoco.__version__}")
    push, puck, pick = (Pair(args.program, f"Fetch{name}-v4") for name in ("Push", "Slide", "PickAndPlace"))
    press(push)
    slide(push, "block", (0.1, 0.3, 0.6, 1.0, 1.5, 2.0))
    slide(puck, "puck", (0.1, 0.2, 0.3, 0.6, 1.0))
    hit(puck)
    grasp(pick)
    arm(push)


if __name__ == "__main__":
    main()
