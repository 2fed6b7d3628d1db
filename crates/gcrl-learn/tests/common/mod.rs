//! A small made-up task, with episodes that hold something to learn.

use gcrl_core::{EpisodeShape, Episodes, Field, SuccessRule, TaskSpec, seed};
use gcrl_learn::{AlgorithmEntry, Preset, RunConfig, Trainer};
use gcrl_nn::{EngineError, KernelChoice, Native, Source};

static LINE: TaskSpec = TaskSpec {
    id: "Line",
    summary: "Three numbers of which two are the goal.",
    observation: &[Field::new("place", 2, "m"), Field::new("distraction", 1, "1")],
    goal: &[Field::new("place", 2, "m")],
    action: &[Field::new("speed", 2, "m/s")],
    horizon: 7,
    n_transitions: 6,
    sub_steps: 1,
    physics_dt_secs: 1.0,
    physics_version: 1,
    reward: SuccessRule::Within(0.5),
    success: SuccessRule::Within(0.5),
};

/// A task, its data, and a run on them.
pub(crate) struct Scene {
    pub(crate) spec: &'static TaskSpec,
    pub(crate) episodes: Episodes,
    pub(crate) config: RunConfig,
    algorithm: AlgorithmEntry,
    seeds: Vec<u64>,
}

/// An algorithm's settings, before any of the tests'.
pub(crate) fn settings(algorithm: &AlgorithmEntry) -> RunConfig {
    RunConfig::new(algorithm, LINE.id, &Preset::fallback())
}

/// A run with small networks, whose targets move every other update.
pub(crate) fn scene(algorithm: &AlgorithmEntry, mut config: RunConfig, seeds: &[u64]) -> Scene {
    config.dataset = Some("made up".to_owned());
    config.train.hidden = vec![9, 7];
    config.train.batch_size = 12;
    config.train.target_every = 2;
    config.train.learning_rate = 0.01;
    Scene {
        spec: &LINE,
        episodes: episodes(),
        config,
        algorithm: *algorithm,
        seeds: seeds.to_vec(),
    }
}

impl Scene {
    pub(crate) fn trainer(&self) -> Trainer {
        self.try_trainer().expect("the networks fit into memory")
    }

    pub(crate) fn try_trainer(&self) -> Result<Trainer, EngineError> {
        let engine = Box::new(Native::new(self.seeds.len(), KernelChoice::Fastest));
        let build = self.config.resolve(&self.algorithm).expect("settings are in range");
        Trainer::new(engine, &build, self.spec, &self.config, &self.seeds)
    }

    /// Makes updates of a trainer of this scene.
    pub(crate) fn update(&self, trainer: &mut Trainer, n_updates: u64) {
        let view = self.episodes.view();
        let id = trainer.add_episodes(view).expect("the native engine copies nothing");
        for _ in 0..n_updates {
            trainer.update(Source { id, view }).expect("the native engine does not fail");
        }
    }
}

fn episodes() -> Episodes {
    let shape = LINE.episode_shape();
    let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } = shape;
    let mut episodes = Episodes::zeros(shape, 20);
    let mut rng = seed::stream(0, "episodes", 0);
    let mut uniform = || seed::signed_unit_f32(&mut rng);
    for episode in 0..20 {
        let mut place = [uniform(), uniform()];
        for t in 0..=n_transitions {
            let state_idx = episode * (n_transitions + 1) + t;
            let row = [place[0], place[1], 100.0 * uniform()];
            episodes.observation[state_idx * observation_dim..][..3].copy_from_slice(&row);
            episodes.achieved_goal[state_idx * goal_dim..][..2].copy_from_slice(&place);
            if t < n_transitions {
                let action = [uniform(), uniform()];
                let transition_idx = episode * n_transitions + t;
                episodes.action[transition_idx * action_dim..][..2].copy_from_slice(&action);
                place = [place[0] + 0.3 * action[0], place[1] + 0.3 * action[1]];
            }
        }
        episodes.desired_goal[episode * goal_dim..][..2].copy_from_slice(&[uniform(), uniform()]);
    }
    episodes
}
