//! The Rust peers. One line of JSON for one task.

mod drive;
mod measure;
mod nano;
mod nano_keyed;
mod okay;
mod task;
mod walrus;

fn main() {
    let task = task::Task::from_arguments();
    match task.peer.as_str() {
        "okaywal" => drive::drive::<okay::Okay>(&task),
        "nano-wal-1.0" => drive::drive::<nano::Nano>(&task),
        "nano-wal-0.5" => drive::drive::<nano_keyed::NanoKeyed>(&task),
        "walrus-rust-mmap" | "walrus-rust-uring" => drive::drive::<walrus::Topics>(&task),
        other => panic!("no such peer: {other}"),
    }
}
