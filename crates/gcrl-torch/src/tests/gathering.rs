//! Rows from a data set, on both ways there are.

use super::{batched, do_not_normalize, engines, looped, random};
use crate::engine::TorchEngine;
use gcrl_core::{EpisodeShape, Episodes, GoalAt, Normalizer, TransitionIndex};
use gcrl_nn::{
    At, Column, Destination, Engine, Gather, HiddenActivation, InputNormalizers, NetworkShape,
    OutputActivation, RowsId, Source,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

const NOW: [Column; 3] = [Column::Observation(At::Now), Column::Goal, Column::Action];

const SHAPE: EpisodeShape =
    EpisodeShape { observation_dim: 2, goal_dim: 1, action_dim: 1, n_transitions: 2 };

/// Observations, achieved and desired goals, and actions that tell where they stand.
fn episodes(n_episodes: usize) -> Episodes {
    let mut episodes = Episodes::zeros(SHAPE, n_episodes);
    let count = |column: &mut [f32], first: f32| {
        for (i, number) in column.iter_mut().enumerate() {
            *number = first + i as f32;
        }
    };
    count(&mut episodes.observation, 0.0);
    count(&mut episodes.achieved_goal, 100.0);
    count(&mut episodes.action, 200.0);
    count(&mut episodes.desired_goal, 300.0);
    episodes
}

const fn transition(episode: u32, t: u32, goal: GoalAt) -> TransitionIndex {
    TransitionIndex { episode, t, goal }
}

/// What stands in `rows`, `[n_members, n_rows, width]`, of positive numbers: read by networks that return
/// their inputs.
fn read(engine: &mut TorchEngine, rows: RowsId, n_rows: usize, width: usize) -> Vec<f32> {
    let identity = |_| (0..width * width).map(|i| f32::from(i % (width + 1) == 0));
    let layer = |i| identity(i).chain(std::iter::repeat_n(0.0, width));
    let parameters: Vec<f32> = (0..2 * engine.n_members()).flat_map(layer).collect();
    let shape = NetworkShape {
        n_inputs: width,
        hidden: vec![width],
        hidden_activation: HiddenActivation::Relu,
        n_outputs: width,
        output: OutputActivation::Linear,
    };
    let network = engine.add_network(&shape, &parameters).unwrap();
    let pass = engine.add_pass(network, rows, 0..n_rows, 0..0).unwrap();
    engine.forward(pass);
    engine.outputs(pass).to_vec()
}

#[test]
fn rows_hold_what_the_indices_say() {
    let episodes = episodes(2);
    let view = episodes.view();
    let elsewhere = GoalAt::Elsewhere { episode: 1, t: 0 };
    let transitions = [transition(0, 1, GoalAt::Achieved(2)), transition(1, 0, GoalAt::Desired)];
    for mut engine in engines(1) {
        do_not_normalize(&mut engine, SHAPE);
        let id = engine.add_episodes(view).unwrap();
        let rows = engine.add_rows(7, 4).unwrap();
        let mut gather = |first_row, transitions: &[TransitionIndex], columns: &[Column]| {
            let gather = Gather { rows, first_row, transitions, columns };
            engine.gather(Source { id, view }, &gather).unwrap();
        };
        gather(1, &transitions, &NOW);
        gather(3, &transitions, &[Column::Observation(At::Next), Column::Goal]);
        let achieved = Column::AchievedGoal(At::Next);
        let free = [Column::Free(1), achieved, Column::AchievedGoal(At::Start), Column::Action];
        gather(5, &transitions[..1], &free);
        let start = Column::Observation(At::Start);
        gather(6, &[transition(0, 1, elsewhere)], &[start, Column::Goal]);
        let expected = [
            [0.0, 0.0, 0.0, 0.0],
            [2.0, 3.0, 102.0, 201.0],
            [6.0, 7.0, 301.0, 202.0],
            [4.0, 5.0, 102.0, 0.0],
            [8.0, 9.0, 301.0, 0.0],
            [0.0, 102.0, 100.0, 201.0],
            [0.0, 1.0, 103.0, 0.0],
        ];
        assert_eq!(read(&mut engine, rows, 7, 4), expected.concat());
    }
}

#[test]
fn each_member_scales_and_clips_its_own_way() {
    let episodes = episodes(1);
    let normalizers = [
        InputNormalizers {
            observation: Normalizer {
                mean: vec![1.0, 1.0],
                std: vec![2.0, 0.5],
                input_clip: 2.5,
                output_clip: 2.0,
            },
            goal: Normalizer::identity(1, 200.0, 5.0),
        },
        InputNormalizers {
            observation: Normalizer::identity(2, 1e6, 1e6),
            goal: Normalizer::identity(1, 1e6, 1e6),
        },
    ];
    let transitions = [transition(0, 1, GoalAt::Desired); 2];
    for mut engine in engines(2) {
        let view = episodes.view();
        let id = engine.add_episodes(view).unwrap();
        let rows = engine.add_rows(1, 3).unwrap();
        let columns = &[Column::Observation(At::Now), Column::Goal];
        let gather = Gather { rows, first_row: 0, transitions: &transitions, columns };
        // At first both scale as the second does.
        for member in [0, 1] {
            engine.set_normalizers(member, &normalizers[1]);
        }
        engine.gather(Source { id, view }, &gather).unwrap();
        assert_eq!(read(&mut engine, rows, 1, 3), [2.0, 3.0, 300.0, 2.0, 3.0, 300.0]);
        engine.set_normalizers(0, &normalizers[0]);
        engine.gather(Source { id, view }, &gather).unwrap();
        // [2, 3], 300: (2 − 1) / 2; (2.5 − 1) / 0.5, limited to 2; 200, limited to 5.
        assert_eq!(read(&mut engine, rows, 1, 3), [0.5, 2.0, 5.0, 2.0, 3.0, 300.0]);
    }
}

#[test]
fn a_replay_buffer_that_is_overwritten_is_read_as_it_was_refreshed() {
    let mut buffer = episodes(3);
    let transitions: Vec<_> =
        (0..3).map(|episode| transition(episode, 0, GoalAt::Desired)).collect();
    let mut engines = [looped(1), batched(1)];
    let mut ids = [None; 2];
    for engine in &mut engines {
        do_not_normalize(engine, SHAPE);
    }
    let rows = engines.each_mut().map(|engine| engine.add_rows(3, 4).unwrap());
    // Episodes written so far, those present, and where the newest stand.
    for (n_written, n_episodes, newest) in
        [(1, 1, 0..1), (2, 2, 1..2), (3, 3, 2..3), (4, 3, 0..1), (6, 3, 1..3), (7, 3, 0..1)]
    {
        for episode in newest {
            buffer.observation[episode * 6] += 1000.0;
            buffer.desired_goal[episode] += 1000.0;
            buffer.action[episode * 2] += 1000.0;
        }
        let view = gcrl_core::EpisodeView { n_written, n_episodes, ..buffer.view() };
        let mut found = Vec::new();
        for ((engine, rows), id) in engines.iter_mut().zip(rows).zip(&mut ids) {
            match *id {
                Some(id) => engine.refresh_episodes(id, view).unwrap(),
                None => *id = Some(engine.add_episodes(view).unwrap()),
            }
            let source = Source { id: id.unwrap(), view };
            let transitions = &transitions[..n_episodes];
            let gather = Gather { rows, first_row: 0, transitions, columns: &NOW };
            engine.gather(source, &gather).unwrap();
            found.push(read(engine, rows, 3, 4));
        }
        assert_eq!(found[1], found[0], "after {n_written}");
    }
}

#[test]
fn a_data_set_is_not_gathered_from_nor_refreshed_by_the_handle_of_another() {
    let episodes = episodes(2);
    let mut others = episodes.clone();
    others.desired_goal[1] = 77.0;
    for act in [gather_goals, refresh] {
        for mut engine in engines(1) {
            do_not_normalize(&mut engine, SHAPE);
            let id = engine.add_episodes(episodes.view()).unwrap();
            let other_id = engine.add_episodes(others.view()).unwrap();
            let rows = engine.add_rows(1, 1).unwrap();
            act(&mut engine, rows, Source { id, view: episodes.view() });
            act(&mut engine, rows, Source { id: other_id, view: others.view() });
            let mistaken = Source { id, view: others.view() };
            let refused = catch_unwind(AssertUnwindSafe(|| act(&mut engine, rows, mistaken)));
            let panic = refused.expect_err("it is refused");
            let message = panic.downcast_ref::<String>().unwrap();
            assert!(message.contains("a handle is used with its own episodes"), "{message}");
        }
    }
}

fn gather_goals(engine: &mut TorchEngine, rows: RowsId, source: Source<'_>) {
    let transitions = &[transition(1, 0, GoalAt::Desired)];
    let gather = Gather { rows, first_row: 0, transitions, columns: &[Column::Goal] };
    engine.gather(source, &gather).unwrap();
}

fn refresh(engine: &mut TorchEngine, _rows: RowsId, Source { id, view }: Source<'_>) {
    engine.refresh_episodes(id, view).unwrap();
}

#[test]
fn data_sets_are_told_apart_by_their_handles_even_at_one_address() {
    let mut episodes = episodes(2);
    for mut engine in engines(1) {
        do_not_normalize(&mut engine, SHAPE);
        let rows = engine.add_rows(1, 3).unwrap();
        episodes.observation[0] = 0.0;
        let first = engine.add_episodes(episodes.view()).unwrap();
        episodes.observation[0] = 77.0;
        let second = engine.add_episodes(episodes.view()).unwrap();
        for (id, observation) in [(first, 0.0), (second, 77.0), (first, 0.0)] {
            // Where the episodes are read in place, this is what stands there.
            episodes.observation[0] = observation;
            let gather = Gather {
                rows,
                first_row: 0,
                transitions: &[transition(0, 0, GoalAt::Desired)],
                columns: &[Column::Observation(At::Now), Column::Goal],
            };
            engine.gather(Source { id, view: episodes.view() }, &gather).unwrap();
            assert_eq!(read(&mut engine, rows, 1, 3), [observation, 1.0, 300.0]);
        }
    }
}

#[test]
fn outputs_are_copied_beside_the_inputs_they_came_from() {
    // The actor returns tanh(0) = 0 in its own rows, where 9 stood.
    let shape = NetworkShape {
        n_inputs: 2,
        hidden: vec![2],
        hidden_activation: HiddenActivation::Relu,
        n_outputs: 1,
        output: OutputActivation::Tanh,
    };
    for mut engine in engines(2) {
        let rows = engine.add_rows(4, 3).unwrap();
        super::fill(&mut engine, rows, 3, &[9.0; 2 * 4 * 3]);
        let network = engine.add_network(&shape, &[0.0; 18]).unwrap();
        let pass = engine.add_pass(network, rows, 1..4, 0..0).unwrap();
        engine.forward(pass);
        engine.copy_outputs(pass, 2, Destination { rows, first_row: 1, first_column: 2 });
        let (kept, copied) = ([9.0, 9.0, 9.0], [9.0, 9.0, 0.0]);
        let member = [kept, copied, copied, kept].concat();
        assert_eq!(read(&mut engine, rows, 4, 3), [&*member, &*member].concat());
    }
}

#[test]
fn what_is_gathered_on_a_device_is_what_is_gathered_from_memory() {
    let mut episodes = Episodes::zeros(SHAPE, 50);
    let columns = [
        &mut episodes.observation,
        &mut episodes.achieved_goal,
        &mut episodes.action,
        &mut episodes.desired_goal,
    ];
    for (i, column) in columns.into_iter().enumerate() {
        let numbers = random(column.len(), i as u64, "columns");
        for (to, number) in column.iter_mut().zip(numbers) {
            *to = 2.0 + number;
        }
    }
    let normalizers = InputNormalizers {
        observation: Normalizer {
            mean: vec![0.1, 0.2],
            std: vec![0.3, 0.7],
            input_clip: 2.5,
            output_clip: 5.0,
        },
        goal: Normalizer { mean: vec![0.3], std: vec![0.9], input_clip: 9.0, output_clip: 1.5 },
    };
    let transitions: Vec<_> =
        (0..100).map(|i| transition(i / 2, i % 2, GoalAt::Achieved((i * 7) % 3))).collect();
    let found = engines(2).into_iter().map(|mut engine| {
        let rows = engine.add_rows(50, 4).unwrap();
        for member in [0, 1] {
            engine.set_normalizers(member, &normalizers);
        }
        let view = episodes.view();
        let id = engine.add_episodes(view).unwrap();
        let columns = &[Column::Observation(At::Next), Column::Goal, Column::Action];
        let gather = Gather { rows, first_row: 0, transitions: &transitions, columns };
        engine.gather(Source { id, view }, &gather).unwrap();
        read(&mut engine, rows, 50, 4)
    });
    let found: Vec<_> = found.collect();
    for other in &found[1..] {
        assert_eq!(*other, found[0]);
    }
}
