//! A file dragged from another program and dropped on the window: the dragging side of XDND.
//!
//! Source: Lindal, "Drag-and-Drop Protocol for the X Window System", version 5.

use crate::window::Window;
use std::path::Path;
use std::time::{Duration, Instant};
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ConnectionExt, CreateWindowAux, EventMask, PropMode, SelectionNotifyEvent,
    SelectionRequestEvent, WindowClass,
};

/// How long the window may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// Version 5, in the upper byte of a word; types are in the message itself.
const VERSION: u32 = 5 << 24;

/// A place over the scene, on the screen: 300 pixels to the right and 300 down.
const PLACE: u32 = 0x12C << 16 | 0x12C;

impl Window {
    /// Drops a file on the window, which takes it.
    pub(crate) fn drop_file(&self, path: &Path) {
        let (server, root, window) = self.server();
        let source = server.generate_id().expect("there are names left");
        let hidden = CreateWindowAux::new();
        server
            .create_window(0, source, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &hidden)
            .expect("the server listens");
        let (selection, list) = (self.atom("XdndSelection"), self.atom("text/uri-list"));
        server.set_selection_owner(source, selection, CURRENT_TIME).expect("the server listens");
        self.tell(window, "XdndEnter", [source, VERSION, list, 0, 0]);
        let action = self.atom("XdndActionCopy");
        self.tell(window, "XdndPosition", [source, 0, PLACE, CURRENT_TIME, action]);
        let text = format!("file://{}\r\n", path.display());
        self.answer(&text, "XdndStatus");
        self.tell(window, "XdndDrop", [source, 0, CURRENT_TIME, 0, 0]);
        let [_, is_taken, ..] = self.answer(&text, "XdndFinished");
        assert_eq!(is_taken & 1, 1, "the window does not take the file");
        server.destroy_window(source).expect("the server listens");
    }

    /// Gives what is dragged to whoever asks, until both that and a message of this kind have come.
    fn answer(&self, text: &str, kind: &str) -> [u32; 5] {
        let (server, ..) = self.server();
        let (start, kind_of_message) = (Instant::now(), self.atom(kind));
        let (mut is_given, mut answer) = (kind == "XdndFinished", None);
        loop {
            match server.poll_for_event().expect("the server speaks") {
                Some(Event::SelectionRequest(request)) => {
                    self.give(&request, text);
                    is_given = true;
                }
                Some(Event::ClientMessage(message)) if message.type_ == kind_of_message => {
                    answer = Some(message.data.as_data32());
                }
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(20)),
            }
            if let (true, Some(answer)) = (is_given, answer) {
                return answer;
            }
            assert!(start.elapsed() < PATIENCE, "the window does not answer with {kind}");
        }
    }

    fn give(&self, request: &SelectionRequestEvent, text: &str) {
        let (server, ..) = self.server();
        let SelectionRequestEvent { time, requestor, selection, target, property, .. } = *request;
        let (bytes, len) = (text.as_bytes(), text.len() as u32);
        server
            .change_property(PropMode::REPLACE, requestor, property, target, 8, len, bytes)
            .expect("the server listens");
        let done = SelectionNotifyEvent {
            response_type: x11rb::protocol::xproto::SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time,
            requestor,
            selection,
            target,
            property,
        };
        let sent = server.send_event(false, requestor, EventMask::NO_EVENT, done);
        sent.expect("the server listens").check().expect("the window is there");
    }
}
