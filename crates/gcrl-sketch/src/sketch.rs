//! One picture: every pixel is the mean of four rays, each toward its own part of the sun.

use crate::boxes::Boxes;
use crate::camera::Camera;
use crate::light::{self, Sun, Surface};
use crate::markers::{Ball, Markers};
use crate::picture::Picture;
use crate::rays::{Entry, Ray};
use crate::size::Size;
use crate::solid::{Hit, Solid, above};
use crate::vector::{Vector, add, mix, scale};
use gcrl_core::Scene;
use gcrl_core::scene::{Layer, Material, Pose, Shape, Visual};

/// Where in a pixel its rays go, and to which part of the sun: offsets of a turned square, in [-1, 1],
/// so that no two rays share a row or a column.
const SAMPLES: [[f32; 2]; 4] = [[-0.25, -0.75], [0.75, -0.25], [-0.75, 0.25], [0.25, 0.75]];

/// Translucent surfaces that a ray passes at most.
const MAX_LAYERS: usize = 8;

/// How much of a dot is seen through what hides it.
const THROUGH: f32 = 0.45;

/// A scene, ready to be drawn.
#[derive(Clone, Debug)]
pub struct Sketch {
    visuals: Vec<Visual>,
    camera: gcrl_core::scene::Camera,
}

impl Sketch {
    /// The shapes of one layer of a scene, seen by its camera.
    pub fn new(scene: &Scene, layer: Layer) -> Self {
        let visuals = scene.visuals.iter().filter(|visual| visual.layer == layer);
        Self { visuals: visuals.copied().collect(), camera: scene.camera }
    }

    /// Draws the scene with its bodies at `poses`.
    ///
    /// # Panics
    ///
    /// If a shape's body has no pose.
    pub fn draw(&self, poses: &[Pose], markers: &Markers, size: Size) -> Picture {
        let bodies = self.visuals.iter().map(|visual| {
            let in_world = poses[visual.body].then(&visual.in_body);
            Solid::new(visual.shape, &visual.material, in_world)
        });
        let boxes = Boxes::new(bodies.chain(markers.balls.iter().map(solid)).collect());
        let camera = Camera::new(&self.camera, [size.width, size.height]);
        let frame = Frame {
            scene_size: boxes.size(),
            sun: Sun::over_the_shoulder(camera.right),
            dots: markers.dots.iter().map(solid).collect(),
            camera,
            boxes,
        };
        Picture::from_fn(size, |x, y| frame.pixel(x, y))
    }
}

fn solid(ball: &Ball) -> Solid {
    let material = Material { color: ball.color, roughness: 0.6, metallic: 0.0 };
    Solid::new(Shape::Sphere { radius: ball.radius }, &material, Pose::at(ball.center))
}

/// Everything that a ray needs to know.
struct Frame {
    camera: Camera,
    boxes: Boxes,
    dots: Vec<Solid>,
    sun: Sun,
    scene_size: f32,
}

impl Frame {
    fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let rays = SAMPLES.map(|[right, down]| {
            let ray = self.camera.ray(x as f32 + 0.5 + 0.5 * right, y as f32 + 0.5 + 0.5 * down);
            self.seen(&ray, self.sun.part([right, down]))
        });
        let mean = scale(rays.into_iter().fold([0.0; 3], add), 1.0 / SAMPLES.len() as f32);
        mean.map(light::encode)
    }

    /// What a ray sees, front to back: each surface hides what is behind it by its opacity.
    fn seen(&self, ray: &Ray, to_sun: Vector) -> Vector {
        let (mut color, mut left, mut reached) = ([0.0; 3], 1.0, 0.0);
        let mut first = f32::INFINITY;
        for _ in 0..MAX_LAYERS {
            let Some(Hit { solid, entry }) = self.boxes.nearest(ray, reached) else { break };
            let surface = &self.boxes.solids[solid].surface;
            let opacity = surface.opacity;
            color = add(color, scale(self.lit(ray, &entry, surface, to_sun), left * opacity));
            (left, reached) = (left * (1.0 - opacity), entry.t);
            if 1.0 <= opacity {
                first = entry.t;
                break;
            }
        }
        self.dotted(ray, first, add(color, scale(light::background(ray), left)))
    }

    fn lit(&self, ray: &Ray, entry: &Entry, surface: &Surface, to_sun: Vector) -> Vector {
        let origin = above(ray.at(entry.t), entry.normal, self.scene_size);
        let is_dark = self.boxes.is_blocked(&Ray { origin, direction: to_sun });
        let sunlight = if is_dark { 0.0 } else { 1.0 };
        light::shade(surface, entry.normal, ray, to_sun, sunlight)
    }

    /// The nearest dot over `color`, fainter where something opaque at distance `first` hides it.
    fn dotted(&self, ray: &Ray, first: f32, color: Vector) -> Vector {
        let dots = self.dots.iter().filter_map(|dot| Some((dot, dot.enter(ray)?.t)));
        let Some((dot, t)) = dots.min_by(|a, b| a.1.total_cmp(&b.1)) else { return color };
        let Surface { albedo, opacity, .. } = dot.surface;
        let share = if t <= first { opacity } else { THROUGH * opacity };
        mix(color, albedo, share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::scene;

    /// Seen from straight above: pixels are 1/10 m apart on z = 0.
    const SIZE: Size = Size { width: 40, height: 40 };

    fn scene(visuals: Vec<Visual>) -> Scene {
        // Half of the picture, 2 m, is seen at 20 degrees from this height.
        let eye = [0.0, 0.0, 5.494_955];
        let camera = scene::Camera { target: [0.0; 3], eye };
        Scene { bodies: vec!["world".to_owned()], visuals, camera, goal_radius: None }
    }

    fn visual(shape: Shape, at: [f32; 3], material: Material) -> Visual {
        Visual { body: 0, in_body: Pose::at(at), shape, material, layer: Layer::Look }
    }

    fn draw(visuals: Vec<Visual>, markers: &Markers) -> Picture {
        Sketch::new(&scene(visuals), Layer::Look).draw(&[Pose::IDENTITY], markers, SIZE)
    }

    fn floor() -> Visual {
        let white = Material { roughness: 1.0, ..Material::matte(1.0, 1.0, 1.0) };
        visual(Shape::Plane { half_extents: [9.0; 2] }, [0.0; 3], white)
    }

    #[test]
    fn colors_are_where_the_shapes_are() {
        let red = Material::matte(0.8, 0.1, 0.1);
        let cuboid = Shape::Cuboid { half_extents: [0.5, 0.5, 0.01] };
        let picture =
            draw(vec![floor(), visual(cuboid, [1.0, 1.0, 0.0], red)], &Markers::default());
        let is_red = |[red, green, _]: [u8; 3]| green < red / 2;
        // x from 0.5 to 1.5 is columns 25 to 34; y up, so rows 5 to 14.
        assert!(is_red(picture.pixel(26, 6)) && is_red(picture.pixel(33, 13)));
        assert!(!is_red(picture.pixel(23, 10)) && !is_red(picture.pixel(30, 17)));
        assert!(!is_red(picture.pixel(30, 30)), "y is not down");
    }

    #[test]
    fn a_shadow_falls_away_from_the_sun() {
        let ball =
            visual(Shape::Sphere { radius: 0.4 }, [0.0, 0.0, 1.0], Material::matte(0.5, 0.5, 0.5));
        let picture = draw(vec![floor(), ball], &Markers::default());
        // The sun is to the left and behind (y < 0): at height 1 the shadow is 0.55 right, 0.45 up.
        let (shadow, light) = (picture.pixel(26, 15), picture.pixel(35, 35));
        assert!(shadow[0] < 170 && 240 < light[0], "shadow {shadow:?}, light {light:?}");
    }

    #[test]
    fn light_passes_translucent_balls_and_dots_shine_through() {
        let green =
            |radius, opacity| Ball { center: [0.0; 3], radius, color: [0.0, 1.0, 0.0, opacity] };
        let balls = Markers { balls: vec![green(1.0, 0.3)], dots: Vec::new() };
        let [red, green_part, _] = draw(vec![floor()], &balls).pixel(20, 20);
        assert!(red < green_part && 100 < red, "the white floor is seen through the ball");
        let lid = visual(
            Shape::Cuboid { half_extents: [1.0, 1.0, 0.1] },
            [0.0, 0.0, 1.0],
            Material::matte(0.0, 0.0, 0.0),
        );
        let dots = Markers { balls: Vec::new(), dots: vec![green(0.2, 1.0)] };
        let hidden = draw(vec![lid], &dots).pixel(20, 20);
        let open = draw(vec![], &dots).pixel(20, 20);
        assert_eq!(open, [0, 255, 0]);
        assert!(100 < hidden[1] && hidden[1] < 200, "{hidden:?}");
    }

    #[test]
    fn only_the_chosen_layer_is_drawn() {
        let scene = scene(vec![Visual { layer: Layer::Collision, ..floor() }]);
        let draw = |layer| {
            Sketch::new(&scene, layer)
                .draw(&[Pose::IDENTITY], &Markers::default(), SIZE)
                .pixel(20, 20)
        };
        assert_eq!(draw(Layer::Collision)[0], 255);
        assert!(draw(Layer::Look)[0] < 250);
    }
}
