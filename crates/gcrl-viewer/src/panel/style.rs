//! Colors, sizes and the few widgets that all parts of the panel share.

use bevy_egui::egui::{
    self, Align2, Color32, FontFamily, FontId, Response, Sense, Stroke, TextStyle, Ui, vec2,
};

pub(crate) const REACHED: Color32 = Color32::from_rgb(46, 160, 67);
pub(crate) const NOT_REACHED: Color32 = Color32::from_rgb(182, 188, 196);
pub(crate) const UNPLAYED: Color32 = Color32::from_rgb(226, 229, 233);
pub(crate) const ACCENT: Color32 = Color32::from_rgb(9, 105, 218);
pub(crate) const ALARM: Color32 = Color32::from_rgb(190, 38, 44);
pub(crate) const INK: Color32 = Color32::from_rgb(31, 35, 40);
pub(crate) const PALE_INK: Color32 = Color32::from_rgb(101, 109, 118);

/// Width of the names before rows of choices.
const NAME_WIDTH: f32 = 62.0;

/// Size of names on buttons that stand close together, in logical pixels.
const CHOICE: f32 = 12.0;

/// Height of rows, in logical pixels.
pub(crate) const ROW: f32 = 22.0;

/// A button that is held longer than this, in seconds, is not clicked.
const MOST_CLICK_SECS: f64 = 10.0;

/// Light, small and close together.
pub(crate) fn dress(ctx: &egui::Context) {
    ctx.set_theme(egui::Theme::Light);
    ctx.options_mut(|options| {
        options.zoom_with_keyboard = false;
        // Drawn by software, a window may have one picture a second: a click is still a click.
        options.input_options.max_click_duration = MOST_CLICK_SECS;
    });
    ctx.all_styles_mut(|style| {
        let font = |size: f32, family: FontFamily| FontId::new(size, family);
        style.text_styles = [
            (TextStyle::Heading, font(17.0, FontFamily::Proportional)),
            (TextStyle::Body, font(13.0, FontFamily::Proportional)),
            (TextStyle::Button, font(13.0, FontFamily::Proportional)),
            (TextStyle::Small, font(11.0, FontFamily::Proportional)),
            (TextStyle::Monospace, font(12.0, FontFamily::Monospace)),
        ]
        .into();
        style.spacing.item_spacing = vec2(5.0, 4.0);
        style.spacing.button_padding = vec2(7.0, 2.0);
        style.spacing.interact_size = vec2(30.0, ROW);
        style.spacing.combo_height = 320.0;
        style.interaction.selectable_labels = false;
        let visuals = &mut style.visuals;
        // Light is mixed, not colors: dark letters would look thin.
        visuals.text_options.color_transfer_function =
            egui::epaint::FontColorTransferFunction::Gamma(0.7);
        visuals.panel_fill = Color32::from_rgb(246, 248, 250);
        visuals.window_fill = Color32::from_rgb(252, 253, 254);
        visuals.weak_text_color = Some(PALE_INK);
        visuals.override_text_color = None;
        visuals.selection.bg_fill = Color32::from_rgb(205, 226, 252);
        visuals.selection.stroke = Stroke::new(1.0, ACCENT);
        let line = Stroke::new(1.0, Color32::from_rgb(208, 215, 222));
        visuals.widgets.noninteractive.bg_stroke = line;
        visuals.window_stroke = line;
        for state in [
            &mut visuals.widgets.noninteractive,
            &mut visuals.widgets.inactive,
            &mut visuals.widgets.hovered,
            &mut visuals.widgets.active,
            &mut visuals.widgets.open,
        ] {
            state.fg_stroke = Stroke::new(1.0, INK);
            state.corner_radius = 4.into();
            state.bg_stroke.width = state.bg_stroke.width.min(1.0);
            state.expansion = 0.0;
        }
        visuals.widgets.inactive.weak_bg_fill = Color32::from_rgb(231, 235, 239);
        visuals.widgets.inactive.bg_fill = Color32::from_rgb(222, 227, 232);
        visuals.widgets.hovered.weak_bg_fill = Color32::from_rgb(217, 222, 228);
    });
}

/// A row of choices after their name.
pub(crate) fn row<R>(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    let content = |ui: &mut Ui| {
        let (place, _) = ui.allocate_exact_size(vec2(NAME_WIDTH, ROW), Sense::hover());
        let font = TextStyle::Body.resolve(ui.style());
        ui.painter().text(place.left_center(), Align2::LEFT_CENTER, name, font, PALE_INK);
        add(ui)
    };
    ui.horizontal(content).inner
}

/// What a part of the panel is about.
pub(crate) fn section(ui: &mut Ui, name: &str) {
    ui.add_space(6.0);
    ui.separator();
    ui.label(egui::RichText::new(name).strong().color(INK));
}

/// A button of this width, pressed in if what it stands for is so.
pub(crate) fn choice(ui: &mut Ui, name: &str, width: f32, is_so: Chosen) -> Response {
    let name = egui::RichText::new(name).size(CHOICE);
    let button = egui::Button::selectable(is_so == Chosen::Yes, name).frame_when_inactive(true);
    ui.add_sized([width, ROW], button)
}

/// Whether something that can be chosen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    Yes,
    No,
}
