//! walrus-rust: a topic a log. Its state is the process's, and a reader's cursor moves forward only: who wants to read
//! again opens again.

use crate::drive::{cannot, Store, Visit};
use crate::measure::Payloads;
use crate::task::Task;
use std::io::ErrorKind;
use walrus_rust::{disable_fd_backend, enable_fd_backend, FsyncSchedule, ReadConsistency, Walrus};

const MOST_IN_BATCH: usize = 2000;
const MOST_READ: usize = 64 << 20;

pub struct Topics {
    task: Task,
    log: Option<Walrus>,
    names: Vec<String>,
}

fn open(task: &Task) -> Walrus {
    let schedule = match task.sync.as_str() {
        "each" => FsyncSchedule::SyncEach,
        "interval" => FsyncSchedule::Milliseconds(10),
        _ => FsyncSchedule::NoFsync,
    };
    let seldom = ReadConsistency::AtLeastOnce { persist_every: u32::MAX };
    Walrus::with_consistency_and_schedule(seldom, schedule).unwrap()
}

impl Store for Topics {
    fn open(task: &Task) -> Topics {
        if task.work == "drop" {
            cannot("removes no segments when it is asked to");
        }
        std::env::set_var("WALRUS_DATA_DIR", &task.dir);
        std::env::set_var("WALRUS_QUIET", "1");
        if task.peer.ends_with("mmap") {
            disable_fd_backend();
        } else {
            enable_fd_backend();
        }
        let names = (0..task.logs).map(|i| format!("topic{i}")).collect();
        Topics { task: task.clone(), log: Some(open(task)), names }
    }
    fn append(&self, log: usize, _thread: usize, records: &Payloads, first: u64, n: usize) {
        let (walrus, topic) = (self.log.as_ref().unwrap(), &self.names[log]);
        if n == 1 {
            return walrus.append_for_topic(topic, records.at(first)).unwrap();
        }
        let all: Vec<&[u8]> = (0..n as u64).map(|i| records.at(first + i)).collect();
        for batch in all.chunks(MOST_IN_BATCH) {
            loop {
                match walrus.batch_append_for_topic(topic, batch) {
                    Ok(()) => break,
                    Err(e) if e.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
                    Err(e) => panic!("{e}"),
                }
            }
        }
    }
    fn rewind(&mut self) {
        self.log = None;
        self.log = Some(open(&self.task));
    }
    fn read_all(&mut self, visit: Visit) {
        for topic in &self.names {
            loop {
                let some = self.log.as_ref().unwrap().batch_read_for_topic(topic, MOST_READ, true).unwrap();
                if some.is_empty() {
                    break;
                }
                for entry in some {
                    visit(&entry.data);
                }
            }
        }
    }
}
