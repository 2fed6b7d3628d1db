"""A JAX policy in 256 environments, trained by evolution strategies on FetchReach.

    pip install jax
    python jax_vector.py

Each environment plays one perturbation of the policy's weights; the whole population steps at once. A
return is the negative distance, summed over the episode.

Source: Salimans et al., "Evolution Strategies as a Scalable Alternative to Reinforcement Learning",
2017.
"""

import argparse
import time

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
from gymnasium.vector import AutoresetMode

import gcrl

N = 256  # Perturbations; half of them mirror the other half.


def act(weights: jax.Array, bias: jax.Array, seen: dict[str, jax.Array]) -> jax.Array:
    """An action for each environment, each by weights of its own: linear in the way to the goal."""
    way = seen["desired_goal"] - seen["achieved_goal"]
    return jnp.tanh(10 * jnp.einsum("nag,ng->na", weights, way) + bias)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generations", type=int, default=40)
    arguments = parser.parse_args()
    env = gymnasium.make_vec(
        "gcrl/FetchReach-v1",
        num_envs=N,
        reward_type="dense",
        autoreset_mode=AutoresetMode.DISABLED,
        copy=False,
    )
    policy = jax.jit(act)
    mean, key = jnp.zeros((4, 4)), jax.random.key(0)  # The last column is the bias.
    start = time.perf_counter()
    for generation in range(arguments.generations):
        key, draw = jax.random.split(key)
        half = jax.random.normal(draw, (N // 2, 4, 4))
        noise = jnp.concatenate([half, -half])
        weights = mean + 0.1 * noise
        # Mirrored perturbations play the same episode: that of the same seed.
        seeds = [generation * N + lane % (N // 2) for lane in range(N)]
        seen, _ = env.reset(seed=seeds)
        returns = np.zeros(N)
        for _ in range(50):
            actions = policy(weights[:, :, :3], weights[:, :, 3], seen)
            seen, rewards, _, _, infos = env.step(np.asarray(actions))
            returns += rewards
        advantage = jnp.asarray(returns[: N // 2] - returns[N // 2 :])
        advantage = advantage / (advantage.std() + 1e-8)
        mean += 0.3 * (advantage[:, None, None] * half).mean(0)
        if generation % 10 == 9:
            success = infos["is_success"].mean()
            print(
                f"generation {generation + 1}: return {returns.mean():.2f}, success {success:.2f}"
            )
    rate = N * 50 * arguments.generations / (time.perf_counter() - start)
    print(f"{rate:,.0f} steps a second, learning included")
    fixed = jnp.asarray(mean)

    def best(observation: np.ndarray, goal: np.ndarray) -> np.ndarray:
        # The gripper's position is both the achieved goal and the first part of the observation.
        seen = {"achieved_goal": observation[:, :3], "desired_goal": goal}
        n = len(observation)
        weights = jnp.broadcast_to(fixed, (n, 4, 4))
        return np.asarray(act(weights[:, :, :3], weights[:, :, 3], seen))

    scores = gcrl.evaluate(best, "FetchReach", n_episodes=200, num_threads=1)
    print(
        f"mean weights: steps on the goal {scores.mean_return:.1f} of 49, success {scores.success:.2f}"
    )


if __name__ == "__main__":
    main()
