//! `gcrl view` on a screen of its own, as somebody sees it and acts on it.
//!
//! Software draws a few pictures a second, and other programs run beside it: whatever is expected is
//! waited for, up to a long time.

use crate::picture::{Picture, Region, SCENE, WHOLE, is_blue};
use crate::screen::{SCREEN, Screen};
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ClientMessageEvent, ConfigureWindowAux, ConnectionExt, EventMask,
    ImageFormat, InputFocus, MapState, Window as Id,
};
use x11rb::rust_connection::RustConnection;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_gcrl");

/// How long the slowest machine may take until something is seen.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long nothing changes in a window that rests.
const REST: Duration = Duration::from_secs(1);

/// Between two looks.
const BLINK: Duration = Duration::from_millis(30);

/// Frames from a key to its picture: bevy hears it in one, acts in the next, draws while it acts again.
const N_FRAMES: usize = 4;

/// As many pixels as this may change without anything having happened.
const NOTHING: usize = 30;

/// The size of the window, unless it remembers another; small ones are drawn faster.
pub(crate) const SIZE: [u16; 2] = [760, 480];

/// Windows are opened one after the other: there are not many cores.
static TURN: Mutex<()> = Mutex::new(());

/// A folder with nothing but the window's memory.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// One in which the window is opened in [`SIZE`].
    pub(crate) fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().expect("there is room") };
        std::fs::create_dir_all(place.memory().parent().expect("it is in a folder"))
            .expect("folders can be made");
        let [width, height] = SIZE;
        let text = format!("{{\"size\": [{width}, {height}]}}");
        std::fs::write(place.memory(), text).expect("files can be written");
        std::fs::create_dir(place.path("")).expect("folders can be made");
        place
    }

    /// Where `name` is in the folder in which the program runs.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    /// What the window remembers.
    pub(crate) fn memory(&self) -> PathBuf {
        self.folder.path().join("state/gcrl/window.json")
    }

    /// The names of files and folders that are there, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path("")).expect("the folder is there");
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.expect("it can be read").file_name().into_string().expect("names are text")
        };
        let mut names: Vec<_> = entries.map(name).collect();
        names.sort_unstable();
        names
    }

    /// The program with the arguments of `line`, which spaces separate.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(line.split_whitespace())
            .current_dir(self.path(""))
            .env("HOME", self.folder.path())
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("XDG_RUNTIME_DIR", self.folder.path())
            // Compiled shaders are kept from one window to the next.
            .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program, which must succeed.
    pub(crate) fn succeeds(&self, line: &str) {
        let output = self.command(line).output().expect("the program starts");
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`gcrl {line}`: {complaints}");
    }
}

/// A window that is open; closed when dropped.
pub(crate) struct Window {
    pub(crate) place: Place,
    program: Child,
    connection: RustConnection,
    root: Id,
    id: Id,
    n_pings: Cell<u32>,
    /// What was seen last; where a test fails, it is kept as `window-at-failure.png` in cargo's folder for
    /// temporary files of tests.
    seen: RefCell<Option<Picture>>,
    screen: Screen,
    _turn: MutexGuard<'static, ()>,
}

impl Window {
    /// Opens `gcrl view` with the words of `line`, in a folder of its own.
    pub(crate) fn open(line: &str) -> Self {
        Self::open_in(Place::new(), line)
    }

    /// Opens `gcrl view` with the words of `line` in a folder, and waits until something is drawn.
    pub(crate) fn open_in(place: Place, line: &str) -> Self {
        let turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let screen = Screen::open();
        let (connection, number) = x11rb::connect(Some(&screen.name)).expect("the server answers");
        let root = connection.setup().roots[number].root;
        // Answers to pings come there.
        let heard = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        connection.change_window_attributes(root, &heard).expect("the server listens");
        let mut command = place.command(&format!("view {line}"));
        let program = command.env("DISPLAY", &screen.name).spawn().expect("the program starts");
        let seen = RefCell::new(None);
        let mut window = Self {
            place,
            program,
            connection,
            root,
            id: 0,
            n_pings: Cell::new(0),
            seen,
            screen,
            _turn: turn,
        };
        window.id = window.appear();
        // Where the mouse lights no button.
        window.point([f32::from(SCREEN[0]) - 1.0, f32::from(SCREEN[1]) - 1.0]);
        let focus = window.connection.set_input_focus(InputFocus::PARENT, window.id, 0_u32);
        focus.expect("the server listens").check().expect("the window takes keys");
        // Before its first frame, a window shows what happened to be in memory.
        let is_panel = |pixel: [u8; 3]| pixel.iter().all(|part| 235 < *part);
        let n_pixels = |picture: &Picture| picture.pixels.len();
        let is_drawn =
            |picture: &Picture| n_pixels(picture) / 8 < picture.find(WHOLE, is_panel).len();
        window.wait("the panel is drawn", is_drawn);
        window
    }

    /// Opens the window and waits in the first state of the first episode, of which all steps are known.
    pub(crate) fn at_rest(line: &str) -> (Self, Picture) {
        Self::at_rest_in(Place::new(), line)
    }

    /// The same in a folder that is there.
    pub(crate) fn at_rest_in(place: Place, line: &str) -> (Self, Picture) {
        let window = Self::open_in(place, &format!("{line} --paused"));
        let picture = window.know_all();
        (window, picture)
    }

    /// The same, of a task in which a blue point acts.
    pub(crate) fn of_a_point(line: &str) -> (Self, Picture) {
        let window = Self::open(&format!("{line} --paused"));
        window.wait("the point is drawn", |picture| 50 < picture.find(SCENE, is_blue).len());
        let picture = window.know_all();
        (window, picture)
    }

    /// Stops at the first state of whatever is played.
    pub(crate) fn rest(&self) -> Picture {
        // A step on stops, wherever it is; of keys that come in one frame, nobody knows the first.
        self.press("Right");
        self.settle();
        self.press("Home");
        self.know_all()
    }

    /// Plays an episode that rests in its first state to its end, and goes back: the timeline shows which
    /// steps have been played.
    fn know_all(&self) -> Picture {
        let start = self.still();
        self.press_and_see("End", &start);
        self.press("Home");
        self.back_in(&start, SCENE);
        self.still()
    }

    /// The window, once it is on the screen.
    fn appear(&mut self) -> Id {
        let start = Instant::now();
        loop {
            if let Some(code) = self.program.try_wait().expect("it can be asked") {
                panic!("the program ended with {code}: {}", self.complaints());
            }
            let tree = self.connection.query_tree(self.root).expect("the server listens");
            let children = tree.reply().expect("it answers").children;
            if let Some(id) = children.into_iter().find(|id| self.is_seen(*id)) {
                return id;
            }
            assert!(start.elapsed() < PATIENCE, "no window appears");
            std::thread::sleep(BLINK);
        }
    }

    fn is_seen(&self, id: Id) -> bool {
        let attributes = self.connection.get_window_attributes(id).expect("the server listens");
        let is_viewable =
            attributes.reply().is_ok_and(|reply| reply.map_state == MapState::VIEWABLE);
        is_viewable && 100 < self.size_of(id)[0]
    }

    fn size_of(&self, id: Id) -> [u16; 2] {
        let geometry = self.connection.get_geometry(id).expect("the server listens").reply();
        geometry.map_or([0; 2], |it| [it.width, it.height])
    }

    /// The size of the window, in pixels.
    pub(crate) fn size(&self) -> [u16; 2] {
        self.size_of(self.id)
    }

    /// Makes the window as large as this.
    pub(crate) fn resize(&self, [width, height]: [u16; 2]) {
        let size = ConfigureWindowAux::new().width(u32::from(width)).height(u32::from(height));
        let done = self.connection.configure_window(self.id, &size).expect("the server listens");
        done.check().expect("the window takes a size");
        self.settle();
    }

    /// What is written above the window.
    pub(crate) fn title(&self) -> String {
        let name = self.atom("_NET_WM_NAME");
        let kind = self.atom("UTF8_STRING");
        let property = self.connection.get_property(false, self.id, name, kind, 0, 1024);
        let value = property.expect("the server listens").reply().expect("it answers").value;
        String::from_utf8(value).expect("a title is text")
    }

    /// What the window shows now.
    pub(crate) fn picture(&self) -> Picture {
        let [width, height] = self.size();
        let image = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, self.id, 0, 0, width, height, u32::MAX)
            .expect("the server listens")
            .reply()
            .unwrap_or_else(|error| panic!("the window is gone: {error}"));
        let pixel = |bytes: &[u8; 4]| [bytes[2], bytes[1], bytes[0]];
        let (pixels, _) = image.data.as_chunks();
        let pixels = pixels.iter().map(pixel).collect();
        let picture = Picture { width: width.into(), height: height.into(), pixels };
        *self.seen.borrow_mut() = Some(picture.clone());
        picture
    }

    /// Waits for a picture of which `is_so`.
    pub(crate) fn wait(&self, what: &str, is_so: impl Fn(&Picture) -> bool) -> Picture {
        let start = Instant::now();
        loop {
            let picture = self.picture();
            if is_so(&picture) {
                return picture;
            }
            assert!(start.elapsed() < PATIENCE, "it does not come that {what}");
            std::thread::sleep(BLINK);
        }
    }

    /// Waits until what was done to the window is seen in it.
    ///
    /// The window answers a ping between two frames; the input of one frame is seen in one of the next.
    pub(crate) fn settle(&self) -> Picture {
        for _ in 0..N_FRAMES {
            self.ping();
        }
        self.picture()
    }

    /// Asks whether the program is there, as a window manager does, and waits for its answer.
    ///
    /// Source: freedesktop.org, "Extended Window Manager Hints", version 1.5, `_NET_WM_PING`.
    fn ping(&self) {
        let (start, ping) = (Instant::now(), self.atom("_NET_WM_PING"));
        // What comes too soon is answered before the next frame begins.
        std::thread::sleep(BLINK);
        let stamp = self.n_pings.get() + 1;
        self.n_pings.set(stamp);
        self.tell(self.id, "WM_PROTOCOLS", [ping, stamp, self.id, 0, 0]);
        loop {
            match self.connection.poll_for_event().expect("the server speaks") {
                Some(Event::ClientMessage(message))
                    if message.data.as_data32()[..2] == [ping, stamp] =>
                {
                    return;
                }
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(5)),
            }
            assert!(start.elapsed() < PATIENCE, "the window does not answer");
        }
    }

    /// Waits until nothing changes any more.
    pub(crate) fn still(&self) -> Picture {
        let (start, mut before) = (Instant::now(), self.settle());
        loop {
            std::thread::sleep(REST);
            let now = self.settle();
            if now.n_changed(&before, WHOLE) == 0 {
                return now;
            }
            assert!(start.elapsed() < PATIENCE, "the window does not come to rest");
            before = now;
        }
    }

    /// Waits until a region is different from what it was.
    pub(crate) fn change(&self, before: &Picture, region: Region) -> Picture {
        self.settle();
        self.wait("something changes", |now| NOTHING < now.n_changed(before, region));
        self.settle()
    }

    /// Waits until everything is as it was in a picture.
    pub(crate) fn back(&self, to: &Picture) -> Picture {
        self.back_in(to, WHOLE)
    }

    /// Waits until a region is as it was in a picture.
    fn back_in(&self, to: &Picture, region: Region) -> Picture {
        self.settle();
        self.wait("it is as it was", |now| now.n_changed(to, region) <= NOTHING)
    }

    /// Presses a key, as `xdotool` calls it.
    pub(crate) fn press(&self, key: &str) {
        self.screen.act(&format!("key {key}"));
    }

    /// Presses a key and waits for what it changes.
    pub(crate) fn press_and_see(&self, key: &str, before: &Picture) -> Picture {
        self.press(key);
        self.change(before, WHOLE)
    }

    /// Moves the mouse to a pixel of the window.
    pub(crate) fn point(&self, [x, y]: [f32; 2]) {
        self.screen.act(&format!("mousemove {x:.0} {y:.0}"));
    }

    /// Takes what is at a pixel with a button, carries it to another, and lets it go there.
    pub(crate) fn drag(&self, button: u8, from: [f32; 2], to: [f32; 2]) {
        const N_STEPS: usize = 10;
        self.point(from);
        self.settle();
        self.screen.act(&format!("mousedown {button}"));
        self.settle();
        let part = |i: usize, axis: usize| {
            let share = |i: usize| (i as f32 / N_STEPS as f32 * (to[axis] - from[axis])).round();
            share(i) - share(i - 1)
        };
        for i in 1..=N_STEPS {
            self.screen.act(&format!("mousemove_relative -- {} {}", part(i, 0), part(i, 1)));
            std::thread::sleep(BLINK);
        }
        self.settle();
        self.screen.act(&format!("mouseup {button}"));
        self.settle();
    }

    /// Clicks at a pixel.
    pub(crate) fn click(&self, at: [f32; 2]) {
        self.point(at);
        self.settle();
        self.screen.act("mousedown 1");
        self.settle();
        self.screen.act("mouseup 1");
        self.settle();
    }

    /// Turns the wheel toward oneself, where the mouse is.
    pub(crate) fn wheel_down(&self) {
        self.screen.act("click 5");
        self.settle();
    }

    /// Turns the wheel away from oneself, where the mouse is.
    pub(crate) fn wheel_up(&self) {
        self.screen.act("click 4");
        self.settle();
    }

    /// Writes text where the keys go.
    pub(crate) fn write(&self, text: &str) {
        self.screen.act(&format!("type --delay 80 {text}"));
    }

    /// Waits until a file or folder is there.
    pub(crate) fn wait_for_file(&self, name: &str) -> PathBuf {
        let (start, path) = (Instant::now(), self.place.path(name));
        while !path.exists() {
            assert!(start.elapsed() < PATIENCE, "{name} is not written");
            self.picture();
            std::thread::sleep(BLINK);
        }
        path
    }

    /// Asks the window to close, as a window manager does, and waits for the program's end.
    pub(crate) fn close(self) -> Place {
        let words = [self.atom("WM_DELETE_WINDOW"), 0, 0, 0, 0];
        self.tell(self.id, "WM_PROTOCOLS", words);
        self.end()
    }

    /// Waits for the program's end, which must be a good one.
    pub(crate) fn end(mut self) -> Place {
        let start = Instant::now();
        let code = loop {
            if let Some(code) = self.program.try_wait().expect("it can be asked") {
                break code;
            }
            assert!(start.elapsed() < PATIENCE, "the program does not end");
            std::thread::sleep(BLINK);
        };
        let complaints = self.complaints();
        assert!(code.success() && complaints.is_empty(), "{code}: {complaints}");
        std::mem::replace(&mut self.place, Place::new())
    }

    /// What the program has written to its errors, after its end.
    fn complaints(&mut self) -> String {
        let mut text = String::new();
        let pipe = self.program.stderr.take().expect("it is asked once");
        std::io::Read::read_to_string(&mut { pipe }, &mut text).expect("errors are text");
        text
    }

    /// Sends a message with these words to a window.
    pub(crate) fn tell(&self, to: Id, kind: &str, words: [u32; 5]) {
        let message = ClientMessageEvent::new(32, to, self.atom(kind), words);
        let sent = self.connection.send_event(false, to, EventMask::NO_EVENT, message);
        sent.expect("the server listens").check().expect("the window is there");
    }

    /// The number that the server has given to a name.
    pub(crate) fn atom(&self, name: &str) -> u32 {
        let atom = self.connection.intern_atom(false, name.as_bytes()).expect("the server listens");
        atom.reply().expect("it answers").atom
    }

    /// What speaks to the server, the screen's window, and ours.
    pub(crate) fn server(&self) -> (&RustConnection, Id, Id) {
        (&self.connection, self.root, self.id)
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _gone = self.program.kill();
        let _reaped = self.program.wait();
        if let (true, Some(picture)) = (std::thread::panicking(), self.seen.borrow().as_ref()) {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window-at-failure.png");
            picture.save(&path);
        }
    }
}
