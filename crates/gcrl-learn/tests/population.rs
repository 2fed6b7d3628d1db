//! A seed in a population equals the seed alone; a restored run equals one that went on; the exported
//! policy equals the network that was trained.

mod common;

use common::{scene, settings};
use gcrl_core::{Episodes, GoalAt, ObservationBatch, Policy, TransitionIndex};
use gcrl_learn::checkpoint::MemberCheckpoint;
use gcrl_learn::{ALGORITHMS, Rates, find};
use gcrl_nn::{
    At, Column, Engine, Gather, HiddenActivation, InputNormalizers, KernelChoice, Native,
    NetworkShape, OutputActivation, Source,
};

#[test]
fn a_seed_in_a_population_equals_the_seed_alone_to_the_bit() {
    for algorithm in ALGORITHMS {
        let together = scene(algorithm, settings(algorithm), &[1, 2, 3]);
        let alone = scene(algorithm, settings(algorithm), &[2]);
        let (mut population, mut member) = (together.trainer(), alone.trainer());
        together.update(&mut population, 20);
        alone.update(&mut member, 20);
        let (population, member) = (population.checkpoint(), member.checkpoint());
        assert_eq!(population.members[1], member.members[0], "{}", algorithm.name);
        assert_ne!(
            population.members[0].networks, member.members[0].networks,
            "{}",
            algorithm.name
        );
    }
}

#[test]
fn members_with_rates_of_their_own_equal_each_trained_alone_to_the_bit() {
    // Two members of one seed differ in rates alone.
    let seeds = [2, 2, 3];
    let rates = [(0.01, 0.1), (0.002, 0.1), (0.01, 0.7)];
    let rates = rates.map(|(learning_rate, tau)| Rates { learning_rate, tau });
    for algorithm in ALGORITHMS {
        let together = scene(algorithm, settings(algorithm), &seeds);
        let mut population = together.trainer();
        for (member, rates) in rates.iter().enumerate() {
            population.set_rates(member, *rates).unwrap();
        }
        together.update(&mut population, 20);
        let population = population.checkpoint();
        for (member, rates) in rates.iter().enumerate() {
            let mut alone = scene(algorithm, settings(algorithm), &seeds[member..=member]);
            alone.config.train.learning_rate = rates.learning_rate;
            alone.config.train.tau = rates.tau;
            let mut trainer = alone.trainer();
            alone.update(&mut trainer, 20);
            let mut expected = trainer.checkpoint().members.remove(0);
            // What is a member's own in the population is the run's alone.
            expected.rates = (*rates != rates_of_the_scene()).then_some(*rates);
            assert_eq!(population.members[member], expected, "{} {member}", algorithm.name);
        }
        let [one, slower, _] = &population.members[..] else { panic!("three members") };
        assert_ne!(one.networks, slower.networks, "{}", algorithm.name);
    }
}

/// Those that every member of a scene has.
fn rates_of_the_scene() -> Rates {
    scene(&ALGORITHMS[0], settings(&ALGORITHMS[0]), &[0]).config.train.rates()
}

#[test]
fn a_restored_member_learns_at_the_rates_that_it_had() {
    let scene = scene(&ALGORITHMS[0], settings(&ALGORITHMS[0]), &[1, 2]);
    let mut trainer = scene.trainer();
    let own = Rates { learning_rate: 0.002, tau: 0.7 };
    trainer.set_rates(1, own).unwrap();
    scene.update(&mut trainer, 5);
    let checkpoint = trainer.checkpoint();
    let mut restored = scene.trainer();
    restored.set_rates(0, own).unwrap();
    restored.restore(&checkpoint).unwrap();
    assert_eq!([restored.rates(0), restored.rates(1)], [rates_of_the_scene(), own]);
    scene.update(&mut trainer, 5);
    scene.update(&mut restored, 5);
    assert_eq!(restored.checkpoint(), trainer.checkpoint());
    let notes = |member| trainer.policy(member).unwrap().parts().training.notes.clone();
    assert_eq!(notes(1)["learning_rate"], "0.002");
    assert_eq!(notes(0).get("learning_rate"), None);
}

#[test]
fn a_rate_out_of_its_range_is_refused() {
    let mut trainer = scene(&ALGORITHMS[0], settings(&ALGORITHMS[0]), &[1]).trainer();
    let refused = trainer.set_rates(0, Rates { learning_rate: 0.1, tau: 1.5 }).unwrap_err();
    assert_eq!(refused.to_string(), "train.tau must be in (0, 1]");
    assert_eq!(trainer.rates(0), rates_of_the_scene());
}

#[test]
fn a_restored_run_goes_on_as_if_it_had_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    for algorithm in ALGORITHMS {
        let scene = scene(algorithm, settings(algorithm), &[1, 2]);
        let mut trainer = scene.trainer();
        scene.update(&mut trainer, 11);
        let path = folder.path().join(algorithm.name);
        trainer.checkpoint().save(&path).unwrap();
        let mut restored = scene.trainer();
        restored.restore(&gcrl_learn::Checkpoint::load(&path).unwrap()).unwrap();
        scene.update(&mut trainer, 11);
        scene.update(&mut restored, 11);
        assert_eq!(restored.checkpoint(), trainer.checkpoint(), "{}", algorithm.name);
    }
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let wgcsl = || settings(&ALGORITHMS[0]);
    let checkpoint = scene(&ALGORITHMS[0], wgcsl(), &[1]).trainer().checkpoint();
    let other_seed =
        scene(&ALGORITHMS[0], wgcsl(), &[2]).trainer().restore(&checkpoint).unwrap_err();
    assert_eq!(other_seed.to_string(), "checkpoint of seeds [1], where the run trains [2]");
    let mut without_state = checkpoint.clone();
    without_state.members[0].state.clear();
    let refused = scene(&ALGORITHMS[0], wgcsl(), &[1]).trainer().restore(&without_state);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "checkpoint keeps [] of a member, where the run keeps [\"recent_advantages\"]"
    );
    let mut wider = scene(&ALGORITHMS[0], wgcsl(), &[1]);
    wider.config.train.hidden = vec![9, 8];
    let message = wider.trainer().restore(&checkpoint).unwrap_err().to_string();
    assert!(message.starts_with("checkpoint holds 140 parameters of `actor`"), "{message}");
}

#[test]
fn a_checkpoint_of_other_sizes_is_refused_and_changes_nothing() {
    let algorithm = find("cql").unwrap();
    let scene = scene(algorithm, settings(algorithm), &[1]);
    let mut trainer = scene.trainer();
    scene.update(&mut trainer, 3);
    let checkpoint = trainer.checkpoint();
    let mut other = scene.trainer();
    let untouched = other.checkpoint();
    let mut refused = |change: fn(&mut MemberCheckpoint)| {
        let mut changed = checkpoint.clone();
        change(&mut changed.members[0]);
        let message = other.restore(&changed).unwrap_err().to_string();
        assert_eq!(other.checkpoint(), untouched, "{message}");
        message
    };
    let moments = "moments of `critic`, where the run has 150";
    let first = refused(|it| it.networks.get_mut("critic").unwrap().first_moment.clear());
    assert_eq!(first, format!("checkpoint holds 0 {moments}"));
    let second = refused(|it| it.networks.get_mut("critic").unwrap().second_moment.push(0.0));
    assert_eq!(second, format!("checkpoint holds 151 {moments}"));
    let observations = refused(|it| it.normalizer.observation.sum.push(0.0));
    let expected = "checkpoint scales observations of 4 numbers, where those of the run have 3";
    assert_eq!(observations, expected);
    let goals = refused(|it| it.normalizer.goal.sum_of_squares.clear());
    assert_eq!(goals, "checkpoint scales goals of 0 numbers, where those of the run have 2");
    let temperature = refused(|it| it.state.get_mut("temperature").unwrap().truncate(3));
    assert_eq!(temperature, "checkpoint keeps 3 numbers as `temperature`, where the run keeps 4");
    for (name, state, largest) in [
        ("wgcsl", "recent_advantages", 50_000),
        ("goat", "recent_advantages", 50_000),
        ("goat", "recent_deviations", 10_000),
    ] {
        let algorithm = find(name).unwrap();
        let mut trainer = self::scene(algorithm, settings(algorithm), &[1]).trainer();
        let mut checkpoint = trainer.checkpoint();
        checkpoint.members[0].state.insert(state.to_owned(), vec![0.5; largest]);
        trainer.restore(&checkpoint).unwrap();
        checkpoint.members[0].state.insert(state.to_owned(), vec![0.5; largest + 1]);
        let expected = format!(
            "checkpoint keeps {} numbers as `{state}`, where the run keeps 0 to {largest}",
            largest + 1
        );
        assert_eq!(trainer.restore(&checkpoint).unwrap_err().to_string(), expected);
    }
}

#[test]
fn the_exported_policy_equals_the_engines_forward_pass() {
    let scene = scene(&ALGORITHMS[0], settings(&ALGORITHMS[0]), &[1]);
    let mut trainer = scene.trainer();
    scene.update(&mut trainer, 20);
    let policy = trainer.policy(0).unwrap();
    let Episodes { n_episodes, .. } = scene.episodes;
    let view = scene.episodes.view();

    let shape = NetworkShape {
        n_inputs: 5,
        hidden: scene.config.train.hidden.clone(),
        hidden_activation: HiddenActivation::Relu,
        n_outputs: 2,
        output: OutputActivation::Tanh,
    };
    for kernel in [KernelChoice::Fastest, KernelChoice::Portable] {
        let mut engine = Native::new(1, kernel);
        let parameters = trainer.network(0, "actor").unwrap().parameters;
        let actor = engine.add_network(&shape, &parameters).unwrap();
        let rows = engine.add_rows(n_episodes, 5).unwrap();
        let pass = engine.add_pass(actor, rows, 0..n_episodes, 0..0).unwrap();
        let transitions: Vec<_> = (0..n_episodes as u32)
            .map(|episode| TransitionIndex { episode, t: 0, goal: GoalAt::Desired })
            .collect();
        let parts = policy.parts();
        let (observation, goal) = (parts.observation.clone(), parts.goal.clone());
        engine.set_normalizers(0, &InputNormalizers { observation, goal });
        let id = engine.add_episodes(view).unwrap();
        let columns = &[Column::Observation(At::Now), Column::Goal];
        let gather = Gather { rows, first_row: 0, transitions: &transitions, columns };
        engine.gather(Source { id, view }, &gather).unwrap();
        engine.forward(pass);
        for (index, expected) in transitions.iter().zip(engine.outputs(pass).chunks_exact(2)) {
            let episode = index.episode as usize;
            let batch = ObservationBatch {
                n_rows: 1,
                observation: view.observation(episode, 0),
                desired_goal: view.desired_goal(episode),
            };
            let mut action = [0.0; 2];
            policy.act(&batch, &mut action);
            for (found, expected) in action.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
            }
        }
    }
}
