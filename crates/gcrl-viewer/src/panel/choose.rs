//! What is watched: the task, who acts in it, which episodes; or a file.

use super::style::{ROW, row};
use super::text::{short_names, tail};
use crate::host::{EpisodeQuery, MOST, Source, ViewerHost};
use crate::playback::Playback;
use bevy_egui::egui::{self, ComboBox, DragValue, PopupCloseBehavior, TextEdit, Ui};
use std::path::{Path, PathBuf};

/// Characters of a path that fit into a row.
const PATH_LENGTH: usize = 24;

/// What there is to choose from. Looking for policies reads many files, so it is done seldom.
#[derive(Default)]
pub(crate) struct Choices {
    tasks: Vec<String>,
    /// For this task, these policies.
    task: String,
    policies: Vec<String>,
    /// Whether the list of policies is open.
    is_open: bool,
    /// The file that is being named.
    path: String,
}

impl Choices {
    /// Looks for policies that can act in `task`; those that act now are among them.
    fn look_up(&mut self, host: &dyn ViewerHost, task: &str, acting: &[String]) {
        task.clone_into(&mut self.task);
        self.policies = host.policies(task);
        for name in acting.iter().rev().filter(|name| !name.is_empty()) {
            if !self.policies.contains(name) {
                self.policies.insert(0, name.clone());
            }
        }
    }
}

/// Draws the rows in which one chooses.
pub(crate) fn choose(
    ui: &mut Ui,
    playback: &mut Playback,
    choices: &mut Choices,
    host: &dyn ViewerHost,
) {
    if choices.tasks.is_empty() {
        choices.tasks = host.tasks();
    }
    let present = playback.episodes[0].recording().about.task.clone();
    if let Some(task) = row(ui, "task", |ui| tasks(ui, &choices.tasks, &present)) {
        let policies: Vec<_> = host.policies(&task).into_iter().take(1).collect();
        if !policies.is_empty() {
            let source = Source::Task { task, policies };
            playback.ask(EpisodeQuery {
                source,
                number: 0,
                count: playback.query.count,
                ..playback.query
            });
        }
    }
    let query = match &playback.query.source {
        Source::Task { task, policies: acting } => {
            if choices.task != *task {
                choices.look_up(host, task, acting);
            }
            row(ui, "policy", |ui| policies(ui, choices, host, &playback.query))
        }
        Source::Episodes(path) => {
            row(ui, "recorded", |ui| recorded(ui, path));
            None
        }
    };
    let query = episodes(ui, query.as_ref().unwrap_or(&playback.query)).or(query);
    if let Some(query) = query {
        playback.ask(query);
    }
    if let Some(path) = row(ui, "open", |ui| file(ui, &mut choices.path)) {
        playback.ask_for_file(path);
    }
}

/// Returns the task that was chosen.
fn tasks(ui: &mut Ui, tasks: &[String], present: &str) -> Option<String> {
    let mut chosen = None;
    let list = ComboBox::from_id_salt("task").selected_text(present).width(ui.available_width());
    list.show_ui(ui, |ui| {
        for task in tasks {
            if ui.selectable_label(task == present, task).clicked() && task != present {
                chosen = Some(task.clone());
            }
        }
    });
    chosen
}

/// Returns the query in which other policies act.
fn policies(
    ui: &mut Ui,
    choices: &mut Choices,
    host: &dyn ViewerHost,
    query: &EpisodeQuery,
) -> Option<EpisodeQuery> {
    let Source::Task { task, policies: acting } = &query.source else { return None };
    let names = short_names(&choices.policies);
    let name_of = |policy: &String| {
        let place = choices.policies.iter().position(|it| it == policy);
        place.map_or(policy.clone(), |place| names[place].clone())
    };
    let summary = match &acting[..] {
        [one] => name_of(one),
        several => format!("{} policies", several.len()),
    };
    let list = ComboBox::from_id_salt("policies")
        .selected_text(tail(&summary, PATH_LENGTH))
        .width(ui.available_width())
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let mut toggled = None;
    let shown = list.show_ui(ui, |ui| {
        ui.weak("several play the same episodes");
        for (policy, name) in choices.policies.iter().zip(&names) {
            let mut acts = acting.contains(policy);
            if ui.checkbox(&mut acts, name).on_hover_text(policy).changed() {
                toggled = Some(policy.clone());
            }
        }
    });
    let is_open = shown.inner.is_some();
    if is_open && !choices.is_open {
        choices.look_up(host, task, acting);
    }
    choices.is_open = is_open;
    shown.response.on_hover_text(acting.join("\n"));
    toggled.map(|policy| with_toggled(query, &policy))
}

/// The query in which `policy` acts too, or no longer; the last one stays. Each plays as many episodes as
/// before, if there is room for them.
fn with_toggled(query: &EpisodeQuery, policy: &str) -> EpisodeQuery {
    let Source::Task { task, policies } = &query.source else { return query.clone() };
    let mut others: Vec<_> = policies.iter().filter(|it| *it != policy).cloned().collect();
    if others.len() == policies.len() {
        others.push(policy.to_owned());
    }
    if others.is_empty() {
        return query.clone();
    }
    let each = query.count.div_ceil(policies.len().max(1));
    let count = (each * others.len()).min(MOST);
    EpisodeQuery {
        source: Source::Task { task: task.clone(), policies: others },
        count,
        ..query.clone()
    }
}

fn recorded(ui: &mut Ui, path: &Path) {
    let path = path.display().to_string();
    ui.label(tail(&path, PATH_LENGTH)).on_hover_text(path);
}

/// Returns the query for other numbers of episodes.
fn episodes(ui: &mut Ui, query: &EpisodeQuery) -> Option<EpisodeQuery> {
    let mut asked = query.clone();
    row(ui, "episodes", |ui| {
        ui.add(DragValue::new(&mut asked.count).range(1..=MOST).speed(0.1))
            .on_hover_text("how many at once");
        ui.weak("from");
        ui.add(DragValue::new(&mut asked.number).speed(0.1).update_while_editing(false))
            .on_hover_text("the number of the first one");
        if matches!(asked.source, Source::Task { .. }) {
            ui.weak("seed");
            ui.add(DragValue::new(&mut asked.seed).speed(0.1).update_while_editing(false))
                .on_hover_text("the seed of all episodes");
        }
    });
    (asked != *query).then_some(asked)
}

/// Returns the path that was entered.
fn file(ui: &mut Ui, path: &mut String) -> Option<PathBuf> {
    let field = TextEdit::singleline(path)
        .hint_text("a policy or episodes")
        .margin(egui::Margin::symmetric(6, 3))
        .min_size(egui::vec2(0.0, ROW))
        .desired_width(ui.available_width() - 12.0);
    let entered = ui.add(field).on_hover_text("enter a path, or drop a file on the window");
    let is_entered = entered.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let named = path.trim();
    (is_entered && !named.is_empty()).then(|| PathBuf::from(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(policies: &[&str], count: usize) -> EpisodeQuery {
        let policies = policies.iter().map(|it| (*it).to_owned()).collect();
        EpisodeQuery {
            source: Source::Task { task: "Task".to_owned(), policies },
            seed: 1,
            number: 2,
            count,
        }
    }

    #[test]
    fn another_policy_plays_as_many_episodes_as_the_first() {
        assert_eq!(with_toggled(&query(&["a"], 3), "b"), query(&["a", "b"], 6));
        assert_eq!(with_toggled(&query(&["a", "b"], 6), "a"), query(&["b"], 3));
        assert_eq!(with_toggled(&query(&["a"], 36), "b"), query(&["a", "b"], 36));
    }

    #[test]
    fn somebody_always_acts() {
        assert_eq!(with_toggled(&query(&["a"], 3), "a"), query(&["a"], 3));
    }

    #[test]
    fn those_who_act_can_be_taken_off_the_list() {
        let mut choices = Choices::default();
        let acting = ["x".to_owned(), "nobody".to_owned()];
        choices.look_up(&crate::host::tests::Three, "Still", &acting);
        assert_eq!(choices.policies, ["x", "nobody"]);
    }
}
