//! Rows from a data set, on both ways there are.

use super::{batched, engines, looped, no_normalizers, random};
use crate::engine::TorchEngine;
use gcrl_core::{EpisodeShape, Episodes, GoalAt, Normalizer, TransitionIndex};
use gcrl_nn::{
    Engine, Gather, InputNormalizers, NetworkShape, OutputActivation, RowContent, RowsId, StateAt,
};

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

/// What stands in `rows`, `[runs, n_rows, width]`, of positive numbers: read by networks that return
/// their inputs.
fn read(engine: &mut TorchEngine, rows: RowsId, n_rows: usize, width: usize) -> Vec<f32> {
    let identity = |_| (0..width * width).map(|i| f32::from(i % (width + 1) == 0));
    let layer = |i| identity(i).chain(std::iter::repeat_n(0.0, width));
    let parameters: Vec<f32> = (0..2 * engine.runs()).flat_map(layer).collect();
    let shape = NetworkShape {
        n_inputs: width,
        hidden: vec![width],
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
    let transitions = [transition(0, 1, GoalAt::Achieved(2)), transition(1, 0, GoalAt::Desired)];
    for mut engine in engines(1) {
        let rows = engine.add_rows(5, 4).unwrap();
        let normalizers = [no_normalizers(SHAPE)];
        let gather = |first_row, state, content| Gather {
            rows,
            first_row,
            transitions: &transitions,
            state,
            content,
            normalizers: &normalizers,
        };
        let now = gather(1, StateAt::Now, RowContent::StateGoalAction);
        engine.gather(episodes.view(), &now).unwrap();
        let next = gather(3, StateAt::Next, RowContent::StateGoal);
        engine.gather(episodes.view(), &next).unwrap();
        let expected = [
            [0.0, 0.0, 0.0, 0.0],
            [2.0, 3.0, 102.0, 201.0],
            [6.0, 7.0, 301.0, 202.0],
            [4.0, 5.0, 102.0, 0.0],
            [8.0, 9.0, 301.0, 0.0],
        ];
        assert_eq!(read(&mut engine, rows, 5, 4), expected.concat());
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
        no_normalizers(SHAPE),
    ];
    let transitions = [transition(0, 1, GoalAt::Desired); 2];
    for mut engine in engines(2) {
        let rows = engine.add_rows(1, 3).unwrap();
        let gather = Gather {
            rows,
            first_row: 0,
            transitions: &transitions,
            state: StateAt::Now,
            content: RowContent::StateGoal,
            normalizers: &normalizers,
        };
        engine.gather(episodes.view(), &gather).unwrap();
        // [2, 3], 300: (2 − 1) / 2; (2.5 − 1) / 0.5, limited to 2; 200, limited to 5.
        assert_eq!(read(&mut engine, rows, 1, 3), [0.5, 2.0, 5.0, 2.0, 3.0, 300.0]);
    }
}

#[test]
fn a_memory_that_is_overwritten_is_read_as_it_is_now() {
    let mut memory = episodes(3);
    let transitions: Vec<_> =
        (0..3).map(|episode| transition(episode, 0, GoalAt::Desired)).collect();
    let normalizers = [no_normalizers(SHAPE)];
    let (mut one, mut other) = (looped(1), batched(1));
    let row_blocks = (one.add_rows(3, 4).unwrap(), other.add_rows(3, 4).unwrap());
    // Episodes written so far, those present, and where the newest stand.
    for (n_written, n_episodes, newest) in
        [(1, 1, 0..1), (2, 2, 1..2), (3, 3, 2..3), (4, 3, 0..1), (6, 3, 1..3), (7, 3, 0..1)]
    {
        for episode in newest {
            memory.observation[episode * 6] += 1000.0;
            memory.desired_goal[episode] += 1000.0;
            memory.action[episode * 2] += 1000.0;
        }
        let view = gcrl_core::EpisodeView { n_written, n_episodes, ..memory.view() };
        let gather = |rows| Gather {
            rows,
            first_row: 0,
            transitions: &transitions[..n_episodes],
            state: StateAt::Now,
            content: RowContent::StateGoalAction,
            normalizers: &normalizers,
        };
        one.gather(view, &gather(row_blocks.0)).unwrap();
        other.gather(view, &gather(row_blocks.1)).unwrap();
        let expected = read(&mut one, row_blocks.0, 3, 4);
        assert_eq!(read(&mut other, row_blocks.1, 3, 4), expected, "after {n_written}");
    }
}

#[test]
fn another_data_set_takes_the_place_of_the_first() {
    let (first, mut second) = (episodes(2), episodes(2));
    second.observation[0] = 77.0;
    for mut engine in engines(1) {
        let rows = engine.add_rows(1, 3).unwrap();
        for (episodes, expected) in [(&first, 0.0), (&second, 77.0), (&first, 0.0)] {
            let gather = Gather {
                rows,
                first_row: 0,
                transitions: &[transition(0, 0, GoalAt::Desired)],
                state: StateAt::Now,
                content: RowContent::StateGoal,
                normalizers: &[no_normalizers(SHAPE)],
            };
            engine.gather(episodes.view(), &gather).unwrap();
            assert_eq!(read(&mut engine, rows, 1, 3), [expected, 1.0, 300.0]);
        }
    }
}

#[test]
fn join_writes_outputs_beside_the_inputs_they_came_from() {
    // The actor returns tanh(0) = 0 in its own rows, where 9 stood.
    let shape =
        NetworkShape { n_inputs: 2, hidden: vec![2], n_outputs: 1, output: OutputActivation::Tanh };
    for mut engine in engines(2) {
        let rows = engine.add_rows(4, 3).unwrap();
        super::fill(&mut engine, rows, 3, &[9.0; 2 * 4 * 3]);
        let network = engine.add_network(&shape, &[0.0; 18]).unwrap();
        let pass = engine.add_pass(network, rows, 1..4, 0..0).unwrap();
        engine.forward(pass);
        engine.join(pass, 2, 2);
        let (kept, joined) = ([9.0, 9.0, 9.0], [9.0, 9.0, 0.0]);
        let member = [kept, joined, joined, kept].concat();
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
        let gather = Gather {
            rows,
            first_row: 0,
            transitions: &transitions,
            state: StateAt::Next,
            content: RowContent::StateGoalAction,
            normalizers: &[normalizers.clone(), normalizers.clone()],
        };
        engine.gather(episodes.view(), &gather).unwrap();
        read(&mut engine, rows, 50, 4)
    });
    let found: Vec<_> = found.collect();
    for other in &found[1..] {
        assert_eq!(*other, found[0]);
    }
}
