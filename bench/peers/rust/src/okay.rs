//! okaywal: one file a log, with blocks written before the clock; nothing is recycled; a batch is an entry of many chunks.

use crate::drive::{cannot, Store, Visit};
use crate::measure::Payloads;
use crate::task::Task;
use okaywal::{Configuration, Entry, EntryId, LogManager, LogPosition, ReadChunkResult, SegmentReader, WriteAheadLog};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex};

type Positions = Arc<Mutex<Vec<LogPosition>>>;

/// Reading in order is recovery. Whoever asks for it waits while it runs.
struct Reading(Option<*mut dyn FnMut(&[u8])>);
unsafe impl Send for Reading {}
unsafe impl Sync for Reading {}

struct Manager {
    positions: Positions,
    reading: Reading,
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Manager")
    }
}

impl LogManager for Manager {
    fn recover(&mut self, entry: &mut Entry<'_>) -> io::Result<()> {
        let mut data = Vec::new();
        while let ReadChunkResult::Chunk(mut chunk) = entry.read_chunk()? {
            self.positions.lock().unwrap().push(chunk.log_position());
            data.clear();
            chunk.read_to_end(&mut data)?;
            if !chunk.check_crc()? {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a wrong checksum"));
            }
            if let Some(visit) = self.reading.0 {
                unsafe { (*visit)(&data) } // lives: the open that recovers has not returned
            }
        }
        Ok(())
    }
    fn checkpoint_to(&mut self, _: EntryId, _: &mut SegmentReader, _: &WriteAheadLog) -> io::Result<()> {
        panic!("nothing is to be recycled")
    }
}

pub struct Okay {
    task: Task,
    logs: Vec<Option<WriteAheadLog>>,
    positions: Vec<Positions>,
}

impl Okay {
    fn open_log(task: &Task, i: usize, reading: Reading) -> (WriteAheadLog, Positions) {
        let dir = format!("{}/{i}", task.dir);
        let fresh = !std::path::Path::new(&dir).exists();
        let size = (task.bytes / task.logs as u64 * 3 / 2 + (1 << 20)).max(task.count * (task.most as u64 + 32));
        let size = size.min(u64::from(u32::MAX)) as u32;
        let positions = Positions::default();
        let log = Configuration::default_for(&dir)
            .preallocate_bytes(size)
            .checkpoint_after_bytes(u64::MAX)
            .open(Manager { positions: positions.clone(), reading })
            .unwrap();
        if fresh && task.sync == "each" {
            write_blocks(&dir);
        }
        (log, positions)
    }
}

/// Fills the files of a new log, behind the page with their headers.
fn write_blocks(dir: &str) {
    let zeros = vec![0; 1 << 20];
    for file in std::fs::read_dir(dir).unwrap() {
        let file = std::fs::OpenOptions::new().write(true).open(file.unwrap().path()).unwrap();
        let size = file.metadata().unwrap().len();
        let mut at = 4096;
        while at < size {
            let n = (size - at).min(zeros.len() as u64);
            file.write_all_at(&zeros[..n as usize], at).unwrap();
            at += n;
        }
        file.sync_all().unwrap();
    }
}

impl Store for Okay {
    fn open(task: &Task) -> Okay {
        if task.work == "append" && task.sync != "each" {
            cannot("has no mode without sync");
        }
        if task.work == "drop" {
            cannot("removes no segments when it is asked to");
        }
        let (logs, positions) =
            (0..task.logs).map(|i| Okay::open_log(task, i, Reading(None))).map(|(l, p)| (Some(l), p)).unzip();
        Okay { task: task.clone(), logs, positions }
    }
    fn close(self) {
        for log in self.logs.into_iter().flatten() {
            log.shutdown().unwrap();
        }
    }
    fn append(&self, log: usize, _thread: usize, records: &Payloads, first: u64, n: usize) {
        let mut entry = self.logs[log].as_ref().unwrap().begin_entry().unwrap();
        for i in 0..n as u64 {
            let data = records.at(first + i);
            let mut chunk = entry.begin_chunk(data.len() as u32).unwrap();
            chunk.write_all(data).unwrap();
            chunk.finish().unwrap();
        }
        entry.commit().unwrap();
    }
    fn read_all(&mut self, visit: Visit) {
        for i in 0..self.logs.len() {
            self.logs[i].take().unwrap().shutdown().unwrap();
            let visit: &mut dyn FnMut(&[u8]) = visit;
            let pointer: *mut dyn FnMut(&[u8]) = unsafe { std::mem::transmute(visit) };
            let (log, positions) = Okay::open_log(&self.task, i, Reading(Some(pointer)));
            self.logs[i] = Some(log);
            self.positions[i] = positions;
        }
    }
    fn get(&self, i: u64, visit: Visit) {
        let position = self.positions[0].lock().unwrap()[i as usize];
        let mut reader = self.logs[0].as_ref().unwrap().read_at(position).unwrap();
        let mut data = Vec::new();
        reader.read_to_end(&mut data).unwrap();
        assert!(reader.crc_is_valid().unwrap());
        visit(&data);
    }
    fn scan(&self, first: u64, n: usize, visit: Visit) {
        for i in first..first + n as u64 {
            self.get(i, visit);
        }
    }
}
