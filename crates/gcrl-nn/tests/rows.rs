//! What stands in the rows of the native engine: gathered, written, and copied from outputs.

#![allow(clippy::unwrap_used, reason = "an error fails the test")]

mod common;

use common::{do_not_normalize, episode, fill, parameters, reference, stream};
use gcrl_core::{EpisodeShape, Episodes, GoalAt, Normalizer, TransitionIndex};
use gcrl_nn::{
    At, Column, Destination, Engine, EngineError, Gather, HiddenActivation, InputNormalizers,
    KernelChoice, Native, NetworkId, NetworkShape, OutputActivation, Source,
};

/// A network of one unit that passes the sum of its inputs, as long as it is positive.
fn sum_network(engine: &mut Native, n_inputs: usize) -> NetworkId {
    let shape = NetworkShape {
        n_inputs,
        hidden: vec![1],
        hidden_activation: HiddenActivation::Relu,
        n_outputs: 1,
        output: OutputActivation::Linear,
    };
    let mut flat = vec![1.0; n_inputs];
    flat.extend([0.0, 1.0, 0.0]);
    engine.add_network(&shape, &flat.repeat(engine.n_members())).unwrap()
}

/// Two episodes of three states; only the second holds numbers.
fn two_episodes() -> Episodes {
    let shape = EpisodeShape { observation_dim: 1, goal_dim: 1, action_dim: 1, n_transitions: 2 };
    Episodes {
        shape,
        n_episodes: 2,
        observation: vec![0.0, 0.0, 0.0, 1.0, 5.0, 300.0],
        achieved_goal: vec![0.0, 0.0, 0.0, 0.25, 0.5, 0.75],
        action: vec![0.0, 0.0, 0.125, 0.375],
        desired_goal: vec![0.0, 2.0],
    }
}

#[test]
fn gather_scales_and_clips_the_columns_asked_for() {
    let episodes = two_episodes();
    let view = episodes.view();
    let mut engine = Native::new(1, KernelChoice::Fastest);
    let normalizers = InputNormalizers {
        observation: Normalizer {
            mean: vec![1.0],
            std: vec![2.0],
            input_clip: 200.0,
            output_clip: 50.0,
        },
        goal: Normalizer::identity(1, 200.0, 50.0),
    };
    engine.set_normalizers(0, &normalizers);
    let id = engine.add_episodes(view).unwrap();
    let network = sum_network(&mut engine, 3);
    let rows = engine.add_rows(5, 3).unwrap();
    let pass = engine.add_pass(network, rows, 0..5, 0..0).unwrap();
    let mut gather = |first_row, t, goal, columns: &[Column]| {
        let transitions = &[TransitionIndex { episode: 1, t, goal }];
        let gather = Gather { rows, first_row, transitions, columns };
        engine.gather(Source { id, view }, &gather).unwrap();
    };
    let now = [Column::Observation(At::Now), Column::Goal, Column::Action];
    let next = [Column::Observation(At::Next), Column::Goal, Column::Action];
    // (5 − 1) / 2 + 2 + 0.375
    gather(0, 1, GoalAt::Desired, &now);
    // min(50, (300, limited to 200, − 1) / 2) + 0.75 + 0.375
    gather(1, 1, GoalAt::Achieved(2), &next);
    // (1 − 1) / 2 + 0.5 + 0.125, and then without a new action (5 − 1) / 2 + 0.5 + 0.125
    gather(2, 0, GoalAt::Achieved(1), &now);
    gather(2, 0, GoalAt::Achieved(1), &[Column::Observation(At::Next), Column::Goal]);
    // (1 − 1) / 2 + 0.75 + 0.375: the first state and the goal achieved in the last.
    let start = Column::Observation(At::Start);
    gather(3, 1, GoalAt::Desired, &[start, Column::AchievedGoal(At::Next), Column::Action]);
    // 9 stays in the middle: (5 − 1) / 2 + 9 + 0.375
    gather(4, 1, GoalAt::Desired, &[Column::Observation(At::Now), Column::Goal, Column::Action]);
    engine.write(Destination { rows, first_row: 4, first_column: 1 }, 1, &[9.0]).unwrap();
    let gather = Gather {
        rows,
        first_row: 4,
        transitions: &[TransitionIndex { episode: 1, t: 1, goal: GoalAt::Desired }],
        columns: &[Column::Observation(At::Now), Column::Free(1), Column::Action],
    };
    engine.gather(Source { id, view }, &gather).unwrap();
    engine.forward(pass);
    assert_eq!(engine.outputs(pass), [4.375, 51.125, 2.625, 1.125, 11.375]);
}

#[test]
fn a_goal_of_another_episode_is_gathered_from_there() {
    let episodes = two_episodes();
    let view = episodes.view();
    let mut engine = Native::new(1, KernelChoice::Fastest);
    do_not_normalize(&mut engine, 2);
    let id = engine.add_episodes(view).unwrap();
    let network = sum_network(&mut engine, 1);
    let rows = engine.add_rows(1, 1).unwrap();
    let pass = engine.add_pass(network, rows, 0..1, 0..0).unwrap();
    let goal = GoalAt::Elsewhere { episode: 1, t: 2 };
    let transitions = &[TransitionIndex { episode: 0, t: 0, goal }];
    let gather = Gather { rows, first_row: 0, transitions, columns: &[Column::Goal] };
    engine.gather(Source { id, view }, &gather).unwrap();
    engine.forward(pass);
    assert_eq!(engine.outputs(pass), [0.75]);
}

#[test]
#[should_panic(expected = "episodes that changed are refreshed")]
fn episodes_that_grew_are_not_gathered_from_before_they_are_refreshed() {
    let episodes = two_episodes();
    let mut engine = Native::new(1, KernelChoice::Fastest);
    do_not_normalize(&mut engine, 2);
    let id = engine.add_episodes(episodes.view()).unwrap();
    let view = gcrl_core::EpisodeView { n_written: 3, ..episodes.view() };
    engine.refresh_episodes(id, view).unwrap();
    let rows = engine.add_rows(1, 1).unwrap();
    let gather = Gather { rows, first_row: 0, transitions: &[], columns: &[Column::Goal] };
    engine.gather(Source { id, view }, &gather).unwrap();
    engine.gather(Source { id, view: episodes.view() }, &gather).unwrap();
}

/// Two data sets of one size with handles of their own, in an engine that has gathered from both; then `act`
/// on the second with the handle of the first. The one number in which they differ is not among those that
/// are compared: they differ in where they are.
fn with_the_handle_of_another(act: impl Fn(&mut Native, Source<'_>, &Gather<'_>)) {
    let episodes = Episodes::zeros(two_episodes().shape, 20);
    let mut others = episodes.clone();
    others.desired_goal[3] = 3.0;
    let mut engine = Native::new(1, KernelChoice::Fastest);
    do_not_normalize(&mut engine, 2);
    let id = engine.add_episodes(episodes.view()).unwrap();
    let own_id = engine.add_episodes(others.view()).unwrap();
    let rows = engine.add_rows(1, 1).unwrap();
    let gather = Gather { rows, first_row: 0, transitions: &[], columns: &[Column::Goal] };
    engine.gather(Source { id, view: episodes.view() }, &gather).unwrap();
    engine.gather(Source { id: own_id, view: others.view() }, &gather).unwrap();
    act(&mut engine, Source { id, view: others.view() }, &gather);
}

#[test]
#[should_panic(expected = "a handle is used with its own episodes")]
fn a_data_set_is_not_gathered_from_by_the_handle_of_another() {
    with_the_handle_of_another(|engine, source, gather| engine.gather(source, gather).unwrap());
}

#[test]
#[should_panic(expected = "a handle is used with its own episodes")]
fn a_data_set_is_not_refreshed_by_the_handle_of_another() {
    with_the_handle_of_another(|engine, Source { id, view }, _| {
        engine.refresh_episodes(id, view).unwrap();
    });
}

#[test]
#[should_panic(expected = "a handle is used with its own episodes")]
fn a_data_set_that_takes_the_place_of_another_is_noticed() {
    let mut episodes = two_episodes();
    let mut engine = Native::new(1, KernelChoice::Fastest);
    do_not_normalize(&mut engine, 2);
    let id = engine.add_episodes(episodes.view()).unwrap();
    let rows = engine.add_rows(1, 1).unwrap();
    let gather = Gather { rows, first_row: 0, transitions: &[], columns: &[Column::Goal] };
    // At the same address.
    episodes.observation.copy_from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    engine.gather(Source { id, view: episodes.view() }, &gather).unwrap();
}

#[test]
fn each_member_scales_as_it_was_last_told() {
    let episodes = two_episodes();
    let view = episodes.view();
    let halved = InputNormalizers {
        observation: Normalizer {
            mean: vec![1.0],
            std: vec![2.0],
            input_clip: 200.0,
            output_clip: 50.0,
        },
        goal: Normalizer::identity(1, 200.0, 1.5),
    };
    let mut engine = Native::new(2, KernelChoice::Fastest);
    do_not_normalize(&mut engine, 2);
    let id = engine.add_episodes(view).unwrap();
    let network = sum_network(&mut engine, 2);
    let rows = engine.add_rows(1, 2).unwrap();
    let pass = engine.add_pass(network, rows, 0..1, 0..0).unwrap();
    let transitions = &[TransitionIndex { episode: 1, t: 1, goal: GoalAt::Desired }; 2];
    let columns = &[Column::Observation(At::Now), Column::Goal];
    let gather = Gather { rows, first_row: 0, transitions, columns };
    let mut gathered = |changes: &[(usize, &InputNormalizers)]| {
        for (member, normalizers) in changes {
            engine.set_normalizers(*member, normalizers);
        }
        engine.gather(Source { id, view }, &gather).unwrap();
        engine.forward(pass);
        engine.outputs(pass).to_vec()
    };
    // 5 + 2 as they are; (5 − 1) / 2 and 2, limited to 1.5, in the member that is told to, until it is told
    // otherwise.
    assert_eq!(gathered(&[]), [7.0, 7.0]);
    assert_eq!(gathered(&[(1, &halved)]), [7.0, 3.5]);
    assert_eq!(gathered(&[]), [7.0, 3.5]);
    let identity = Normalizer::identity(1, 1e6, 1e6);
    let unchanged = InputNormalizers { observation: identity.clone(), goal: identity };
    assert_eq!(gathered(&[(0, &halved), (1, &unchanged)]), [3.5, 7.0]);
}

#[test]
fn outputs_become_inputs_across_panels_and_in_another_block() {
    // 33 inputs, an action of two: columns 33 and 34 stand in the second panel.
    let mut rng = stream(7);
    let actor = NetworkShape {
        n_inputs: 33,
        hidden: vec![8],
        hidden_activation: HiddenActivation::Relu,
        n_outputs: 2,
        output: OutputActivation::Tanh,
    };
    let critic = NetworkShape { n_inputs: 35, n_outputs: 1, ..actor.clone() };
    let (pi, q) = (parameters(&actor, &mut rng), parameters(&critic, &mut rng));
    let mut engine = Native::new(1, KernelChoice::Fastest);
    let [rows, other_rows] = [(); 2].map(|()| engine.add_rows(6, 35).unwrap());
    let pi_id = engine.add_network(&actor, &pi).unwrap();
    let q_id = engine.add_network(&critic, &q).unwrap();
    let pi_pass = engine.add_pass(pi_id, rows, 1..5, 0..0).unwrap();
    let q_passes = [rows, other_rows].map(|rows| engine.add_pass(q_id, rows, 0..6, 0..0).unwrap());
    let episodes = episode(6, 33, &mut rng);
    let filled = fill(&mut engine, rows, &episodes);
    fill(&mut engine, other_rows, &episodes);
    engine.forward(pi_pass);
    // Rows 1, 2 and 3 to themselves, rows 1 and 2 to the rows 4 and 5 of the other block.
    engine.copy_outputs(pi_pass, 3, Destination { rows, first_row: 1, first_column: 33 });
    let to = Destination { rows: other_rows, first_row: 4, first_column: 33 };
    engine.copy_outputs(pi_pass, 2, to);
    let [pi, q] = [pi, q].map(|flat| flat.into_iter().map(f64::from).collect::<Vec<f64>>());
    let sources = [[0, 1, 2, 3, 0, 0], [0, 0, 0, 0, 1, 2]];
    for (pass, sources) in q_passes.into_iter().zip(sources) {
        engine.forward(pass);
        for (i, (found, source)) in engine.outputs(pass).iter().zip(sources).enumerate() {
            let mut row = filled[i].clone();
            if 0 < source {
                row[33..].copy_from_slice(&reference(&actor, &pi, &filled[source]));
            }
            let expected = reference(&critic, &q, &row)[0];
            assert!((*found as f64 - expected).abs() < 1e-5, "row {i}: {found} and {expected}");
        }
    }
}

#[test]
fn written_numbers_stand_where_they_were_written_in_every_member() {
    let mut engine = Native::new(2, KernelChoice::Fastest);
    let network = sum_network(&mut engine, 34);
    let rows = engine.add_rows(3, 34).unwrap();
    let pass = engine.add_pass(network, rows, 0..3, 0..0).unwrap();
    // Columns 31 and 32 stand in two panels.
    let to = Destination { rows, first_row: 1, first_column: 31 };
    engine.write(to, 2, &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]).unwrap();
    engine.forward(pass);
    assert_eq!(engine.outputs(pass), [0.0, 3.0, 12.0, 0.0, 48.0, 192.0]);
    engine.write(Destination { first_row: 2, ..to }, 1, &[0.5, 0.25]).unwrap();
    engine.forward(pass);
    assert_eq!(engine.outputs(pass), [0.0, 3.0, 8.5, 0.0, 48.0, 128.25]);
}

#[test]
fn rows_that_do_not_fit_into_memory_are_refused() {
    let mut engine = Native::new(1, KernelChoice::Fastest);
    let rows = engine.add_rows(1 << 55, 5).unwrap_err();
    assert!(matches!(rows, EngineError::Memory { act: "add rows", .. }), "{rows}");
}
