//! The Rust peers. One line of JSON for one task.

mod drive;
mod measure;
mod okay;
mod task;

fn main() {
    let task = task::Task::from_arguments();
    match task.peer.as_str() {
        "okaywal" => drive::drive::<okay::Okay>(&task),
        other => panic!("no such peer: {other}"),
    }
}
