//! nori-wal: asynchronous, so that each thread waits for its own call. A reader stops at the end of its segment.

#[path = "../rust/src/drive.rs"]
mod drive;
#[path = "../rust/src/measure.rs"]
mod measure;
#[path = "../rust/src/task.rs"]
mod task;

use bytes::Bytes;
use drive::{cannot, Store, Visit};
use measure::Payloads;
use nori_wal::{FsyncPolicy, Position, Record, Wal, WalConfig};
use std::time::Duration;
use task::Task;
use tokio::runtime::Runtime;

struct Nori {
    runtime: Runtime,
    logs: Vec<Wal>,
}

fn record(data: &'static [u8]) -> Record {
    Record::put(Bytes::from_static(b"log"), Bytes::from_static(data))
}

impl Store for Nori {
    fn open(task: &Task) -> Nori {
        if task.most > 128 << 10 {
            cannot("does not read back what is larger than 128 KiB");
        }
        let runtime = Runtime::new().unwrap();
        let logs = (0..task.logs)
            .map(|i| {
                let mut config = WalConfig { dir: format!("{}/{i}", task.dir).into(), ..WalConfig::default() };
                config.fsync_policy = match task.sync.as_str() {
                    "each" => FsyncPolicy::Always,
                    "interval" => FsyncPolicy::Batch(Duration::from_millis(10)),
                    _ => FsyncPolicy::Os,
                };
                if task.segment != 0 {
                    config.max_segment_size = task.segment.max(1 << 20);
                }
                runtime.block_on(Wal::open(config)).unwrap().0
            })
            .collect();
        Nori { runtime, logs }
    }
    fn close(self) {
        for log in self.logs {
            self.runtime.block_on(log.close()).unwrap();
        }
    }
    fn append(&self, log: usize, _thread: usize, records: &Payloads, first: u64, n: usize) {
        let wal = &self.logs[log];
        if n == 1 {
            self.runtime.block_on(wal.append(&record(records.at(first)))).unwrap();
        } else {
            let all: Vec<Record> = (0..n as u64).map(|i| record(records.at(first + i))).collect();
            self.runtime.block_on(wal.append_batch(&all)).unwrap();
        }
    }
    fn read_all(&mut self, visit: Visit) {
        for log in &self.logs {
            self.runtime.block_on(async {
                let last = log.current_position().await.segment_id;
                for segment_id in 0..=last {
                    // those that were removed are not there
                    let Ok(mut reader) = log.read_from(Position { segment_id, offset: 0 }).await else { continue };
                    while let Some((record, _)) = reader.next_record().await.unwrap() {
                        visit(&record.value);
                    }
                }
            });
        }
    }
    fn remove(&mut self, _keep: u64) {
        let log = &self.logs[0];
        self.runtime.block_on(async { log.delete_segments_before(log.current_position().await).await }).unwrap();
    }
}

fn main() {
    drive::drive::<Nori>(&Task::from_arguments());
}
