//! Recorded episodes as one page of HTML: opened from disk, without a network, in any browser.
//!
//! The page is `assets/page.html` with four gaps, `{{style}}`, `{{three}}`, `{{episodes}}` and `{{player}}`: the style
//! sheet, three.js as it came from npm (`assets/three.entry.js` says how), the episodes as JSON, and what plays
//! them. In the JSON, columns of numbers are little-endian f32 in Base64.

use base64::engine::{Engine, general_purpose::STANDARD};
use gcrl_recording::{About, Recording};
use serde::Serialize;
use std::io::{self, Write};

const PAGE: &str = include_str!("../assets/page.html");
const STYLE: &str = include_str!("../assets/page.css");
const THREE: &str = include_str!("../assets/three.min.js");
const PLAYER: &str = include_str!("../assets/player.js");

/// An episode as the player reads it.
#[derive(Serialize)]
struct Episode<'a> {
    about: &'a About,
    n_steps: usize,
    /// `[n_steps + 1, n_bodies, 7]`: position, then the quaternion `(w, x, y, z)`.
    pose: String,
    /// `[n_steps + 1, dim]`, as the next two.
    observation: String,
    achieved_goal: String,
    desired_goal: String,
    action: String,
    reward: String,
    /// `[n_steps + 1, n_points, 3]`, as the next one.
    goal_point: String,
    achieved_point: String,
}

/// Writes a page that plays `recordings`; an address that ends in `#2` shows the second of them first.
///
/// # Errors
///
/// If `output` cannot be written.
pub fn write(recordings: &[Recording], output: &mut dyn Write) -> io::Result<()> {
    let episodes: Vec<_> = recordings.iter().map(episode).collect();
    // A name such as `</script>` must not end the script that holds it; JSON may say `<` otherwise.
    let episodes = serde_json::to_string(&episodes)?.replace('<', "\\u003c");
    let gaps = [
        ("{{style}}", STYLE),
        ("{{three}}", THREE),
        ("{{episodes}}", &episodes),
        ("{{player}}", PLAYER),
    ];
    let mut rest = PAGE;
    for (gap, content) in gaps {
        let (before, after) = rest.split_once(gap).expect("the page has its gaps in this order");
        output.write_all(before.as_bytes())?;
        output.write_all(content.as_bytes())?;
        rest = after;
    }
    output.write_all(rest.as_bytes())
}

fn episode(recording: &Recording) -> Episode<'_> {
    let column = |numbers: &[f32]| STANDARD.encode(bytemuck::cast_slice(numbers));
    let poses = recording.poses.iter().flat_map(|pose| {
        let ([x, y, z], [w, a, b, c]) = (pose.position, pose.rotation);
        [x, y, z, w, a, b, c]
    });
    Episode {
        about: &recording.about,
        n_steps: recording.n_steps(),
        pose: column(&poses.collect::<Vec<_>>()),
        observation: column(&recording.observation),
        achieved_goal: column(&recording.achieved_goal),
        desired_goal: column(&recording.desired_goal),
        action: column(&recording.action),
        reward: column(&recording.reward),
        goal_point: column(recording.goal_points.as_flattened()),
        achieved_point: column(recording.achieved_points.as_flattened()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(recordings: &[Recording]) -> String {
        let mut page = Vec::new();
        write(recordings, &mut page).unwrap();
        String::from_utf8(page).unwrap()
    }

    #[test]
    fn a_page_without_episodes_is_small_and_asks_nothing_of_a_network() {
        let page = page(&[]);
        assert!(page.len() < 1_000_000, "{} bytes", page.len());
        for reference in ["src=\"http", "href=\"http", "src=\"//", "@import", "{{"] {
            let ours = page.replace(THREE, "");
            assert!(!ours.contains(reference), "{reference}");
        }
        assert!(!THREE.contains("</script"), "it would end its own script");
        assert!(!PLAYER.contains("</script"), "it would end its own script");
    }
}
