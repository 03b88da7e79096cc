//! nano-wal 0.5: by key, a key a log. It needs itself for an append alone, so a mutex is around it.

use crate::drive::{cannot, Store, Visit};
use crate::measure::Payloads;
use crate::task::Task;
use bytes::Bytes;
use nano_wal_05::{EntryRef, Wal, WalOptions};
use std::sync::Mutex;

static PLACES: Mutex<Vec<EntryRef>> = Mutex::new(Vec::new());

pub struct NanoKeyed {
    synced: bool,
    filling: bool,
    logs: Vec<Mutex<Wal>>,
}

impl Store for NanoKeyed {
    fn open(task: &Task) -> NanoKeyed {
        if task.sync == "interval" {
            cannot("syncs by no clock");
        }
        if task.work == "drop" {
            cannot("removes segments by time alone");
        }
        let logs = (0..task.logs)
            .map(|i| Mutex::new(Wal::new(&format!("{}/{i}", task.dir), WalOptions::default()).unwrap()))
            .collect();
        NanoKeyed { synced: task.synced(), filling: task.sync == "fill", logs }
    }
    fn append(&self, log: usize, _thread: usize, records: &Payloads, first: u64, n: usize) {
        let mut wal = self.logs[log].lock().unwrap();
        let places = if n == 1 {
            vec![wal.append_entry("log", None, Bytes::from_static(records.at(first)), self.synced).unwrap()]
        } else {
            let batch = (0..n as u64).map(|i| ("log", None, Bytes::from_static(records.at(first + i))));
            wal.append_batch(batch, self.synced).unwrap()
        };
        if self.filling {
            PLACES.lock().unwrap().extend(places);
        }
    }
    fn read_all(&mut self, visit: Visit) {
        for log in &self.logs {
            for record in log.lock().unwrap().enumerate_records("log").unwrap() {
                visit(&record);
            }
        }
    }
    fn get(&self, i: u64, visit: Visit) {
        let place = PLACES.lock().unwrap()[i as usize];
        visit(&self.logs[0].lock().unwrap().read_entry_at(place).unwrap());
    }
}
