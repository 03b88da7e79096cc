//! nano-wal 1.0: its segment is made before the first append. It has no iterator, so the driver looks for the entries'
//! places once, outside of the clock, and reads many of them by one call.

use crate::drive::{cannot, Store, Visit};
use crate::measure::Payloads;
use crate::task::Task;
use nano_wal::{read_batch, EntryRef, ReadDescriptor, Segment, Wal, WalOptions, WriteEntry};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const HEADER: u64 = 16;
const FRAMING: u64 = 16;
const MOST_IN_BATCH: usize = 204; // five vectors each, of 1024
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

struct Log {
    wal: Wal,
    segment: Arc<Segment>,
    entries: Vec<EntryRef>,
}

pub struct Nano {
    now: i64,
    synced: bool,
    logs: Vec<Log>,
}

impl Store for Nano {
    fn open(task: &Task) -> Nano {
        if task.sync == "interval" {
            cannot("syncs by no clock");
        }
        if task.work == "drop" {
            cannot("removes segments by time alone");
        }
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let now = (now.as_secs() / 86400 * 86400 * 1000) as i64; // so that it finds its segment again
        let logs = (0..task.logs)
            .map(|i| {
                let dir = format!("{}/{i}", task.dir);
                std::fs::create_dir_all(&dir).unwrap();
                let options = WalOptions { retention: WEEK, segment_duration: WEEK };
                let wal = Wal::new(Path::new(&dir), "log", options).unwrap();
                let segment = wal.ensure_segment(now).unwrap();
                Log { wal, segment, entries: Vec::new() }
            })
            .collect();
        Nano { now, synced: task.synced(), logs }
    }
    fn append(&self, log: usize, _thread: usize, records: &Payloads, first: u64, n: usize) {
        let wal = &self.logs[log].wal;
        if n == 1 {
            wal.append(None, records.at(first), self.now, self.synced).unwrap();
            return;
        }
        let all: Vec<WriteEntry> =
            (0..n as u64).map(|i| WriteEntry { header: None, content: records.at(first + i) }).collect();
        let calls = all.len().div_ceil(MOST_IN_BATCH);
        for (i, batch) in all.chunks(MOST_IN_BATCH).enumerate() {
            wal.append_batch(batch, self.now, self.synced && i + 1 == calls).unwrap();
        }
    }
    fn rewind(&mut self) {
        for log in &mut self.logs {
            if log.entries.is_empty() {
                log.entries = places(log.segment.path());
            }
        }
    }
    fn read_all(&mut self, visit: Visit) {
        for log in &self.logs {
            read(log, 0, log.entries.len(), visit);
        }
    }
    fn get(&self, i: u64, visit: Visit) {
        let log = &self.logs[0];
        let place = log.entries[i as usize];
        visit(&log.wal.read_at(&log.segment, place.file_offset, place.byte_size).unwrap().content);
    }
    fn scan(&self, first: u64, n: usize, visit: Visit) {
        read(&self.logs[0], first as usize, n, visit);
    }
}

fn read(log: &Log, first: usize, n: usize, visit: Visit) {
    for some in log.entries[first..first + n].chunks(512) {
        let wanted: Vec<ReadDescriptor> = some
            .iter()
            .map(|e| ReadDescriptor {
                read_fd: log.segment.read_fd().clone(),
                file_offset: e.file_offset,
                byte_size: e.byte_size,
            })
            .collect();
        for record in read_batch(&wanted).unwrap() {
            visit(&record.content);
        }
    }
}

/// Goes from entry to entry by their lengths.
fn places(path: &Path) -> Vec<EntryRef> {
    let file = std::fs::File::open(path).unwrap();
    let mut found = Vec::new();
    let mut at = HEADER;
    loop {
        let mut framing = [0; FRAMING as usize];
        match file.read_exact_at(&mut framing, at) {
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => return found,
            other => other.unwrap(),
        }
        let size = FRAMING + u64::from_le_bytes(framing[8..].try_into().unwrap());
        found.push(EntryRef { file_offset: at, byte_size: size as usize });
        at += size;
    }
}
