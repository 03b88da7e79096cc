//! Runs a task on a store, as ../../drive.hpp does.

use crate::measure::{memory, Latencies, MachineUse, Payloads, Tally};
use crate::task::Task;
use std::hint::black_box;
use std::os::fd::AsRawFd;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// Says that the peer has not what it is asked for, and ends.
pub fn cannot(why: &str) -> ! {
    println!("{{\"cannot\":\"{why}\"}}");
    std::process::exit(0)
}

pub type Visit<'a> = &'a mut dyn FnMut(&[u8]);

/// `logs` logs in the task's directory.
pub trait Store: Sync + Sized {
    /// Opens or makes them.
    fn open(task: &Task) -> Self;
    /// Closes them; dropping may do it.
    fn close(self) {}
    /// Appends n records, the payloads from `first` on, by one call.
    fn append(&self, log: usize, thread: usize, records: &Payloads, first: u64, n: usize);
    /// Makes ready to read from the beginning; not timed.
    fn rewind(&mut self) {}
    fn read_all(&mut self, visit: Visit);
    /// Of the first log, counted from 0.
    fn get(&self, _i: u64, _visit: Visit) {
        cannot("reads nothing by its number")
    }
    fn scan(&self, _first: u64, _n: usize, _visit: Visit) {
        cannot("reads nothing from a number on")
    }
    /// Removes the segments that do not hold the last `keep` records.
    fn remove(&mut self, _keep: u64) {
        cannot("removes no segments when it is asked to")
    }
}

#[derive(Clone)]
struct Outcome {
    appended: Tally,
    seconds: f64,
    times: Latencies,
    others: f64,
}

fn report(done: &Outcome, found: Tally, expected: Tally, before: u64, after: u64) {
    println!(
        "{{\"ops\":{},\"bytes\":{},\"seconds\":{:.9},\"p50\":{:.3},\"p99\":{:.3},\"p999\":{:.3},\"read_ops\":{},\
         \"read_bytes\":{},\"same\":{},\"memory_kib\":{},\"peak_kib\":{},\"others\":{:.1}}}",
        done.appended.records,
        done.appended.bytes,
        done.seconds,
        done.times.quantile(0.5),
        done.times.quantile(0.99),
        done.times.quantile(0.999),
        found.records,
        found.bytes,
        found == expected,
        after.saturating_sub(before),
        memory("VmHWM:"),
        done.others
    );
}

/// Lets threads call until the time is over; one call of `timed` is timed.
fn race(
    task: &Task,
    records: &Payloads,
    group: u64,
    most: u64,
    timed: u32,
    call: &(dyn Fn(u64, usize) + Sync),
) -> Outcome {
    let ready = Barrier::new(task.threads + 1);
    let go = Barrier::new(task.threads + 1);
    let limit = Duration::from_secs_f64(task.seconds);
    let mut done = Outcome { appended: Tally::default(), seconds: 0.0, times: Latencies::new(), others: 0.0 };
    let started = std::sync::OnceLock::new();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..task.threads)
            .map(|thread| {
                let (ready, go, started) = (&ready, &go, &started);
                scope.spawn(move || {
                    let first = thread as u64 * records.count() / task.threads as u64;
                    let mut times = Latencies::new();
                    let mut appends = 0;
                    ready.wait();
                    go.wait();
                    let start = *started.get().unwrap();
                    let mut end = Instant::now();
                    while appends < most && end - start < limit {
                        let before = end;
                        call(first + appends, thread);
                        appends += group;
                        end = Instant::now();
                        times.add(end - before, group);
                        if timed > 1 {
                            for _ in 1..timed {
                                if appends < most {
                                    call(first + appends, thread);
                                    appends += group;
                                }
                            }
                            end = Instant::now();
                        }
                    }
                    (first, appends, end, times)
                })
            })
            .collect();
        ready.wait();
        let using = MachineUse::new();
        let start = Instant::now();
        started.set(start).unwrap();
        go.wait();
        for one in running {
            let (first, appends, end, times) = one.join().unwrap();
            done.appended.merge(records.of(first, appends));
            done.seconds = done.seconds.max((end - start).as_secs_f64());
            done.times.merge(&times);
        }
        done.others = using.by_others();
    });
    done
}

/// Nothing of what went before is left to be written, or to be used again in place of fresh memory.
fn settle(dir: &str) {
    let open = std::fs::File::open(dir).unwrap();
    assert_eq!(unsafe { libc::syncfs(open.as_raw_fd()) }, 0);
    unsafe { libc::malloc_trim(0) };
}

/// Numbers without order.
fn scattered(i: u64) -> u64 {
    let i = i.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let i = (i ^ (i >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    i ^ (i >> 31)
}

fn read_back<S: Store>(store: &mut S) -> Tally {
    let mut found = Tally::default();
    store.rewind();
    store.read_all(&mut |record| found.add(record));
    found
}

pub fn drive<S: Store>(task: &Task) {
    let records = Payloads::new(task.least, task.most);
    if task.work == "append" {
        return append::<S>(task, &records);
    }
    let expected = records.of(0, task.count);
    if !task.filled {
        let quick = Task { sync: "fill".into(), ..task.clone() };
        let store = S::open(&quick);
        let most = task.batch.clamp(1, 100) as u64;
        let mut i = 0;
        while i < task.count {
            let n = most.min(task.count - i);
            store.append(0, 0, &records, i, n as usize);
            i += n;
        }
        if task.work == "fill" {
            println!("{{}}");
            unsafe { libc::_exit(0) } // as a kill does it: nothing is closed
        }
        store.close();
    }
    settle(&task.dir);
    let before = memory("RssAnon:");
    let using = MachineUse::new();
    let start = Instant::now();
    let mut store = S::open(task);
    let opened = start.elapsed();
    let mut one = Outcome {
        appended: expected,
        seconds: opened.as_secs_f64(),
        times: Latencies::new(),
        others: using.by_others(),
    };
    one.times.add(opened, 1);
    let after = memory("RssAnon:");
    match task.work.as_str() {
        "open" => {
            let found = read_back(&mut store);
            report(&one, found, expected, before, after);
        }
        "drop" => {
            let start = Instant::now();
            store.remove(1);
            one.seconds = start.elapsed().as_secs_f64();
            let found = read_back(&mut store);
            one.appended = records.of(0, task.count - found.records);
            let left = records.of(task.count - found.records, found.records);
            assert!(found.records >= 1 && found.records < task.count, "nothing was removed, or too much");
            report(&one, found, left, before, after);
        }
        _ => {
            let found = read_back(&mut store);
            let done = match task.work.as_str() {
                "read" => read(task, &mut store, expected),
                "get" => race(task, &records, 1, u64::MAX, 16, &|i, thread| {
                    let i = scattered(i + thread as u64 * 7919) % task.count;
                    store.get(i, &mut |record| {
                        black_box((record.first(), record.last()));
                    })
                }),
                "scan" => race(task, &records, task.span as u64, u64::MAX, 1, &|i, _| {
                    let first = scattered(i) % (task.count - task.span as u64);
                    store.scan(first, task.span, &mut |record| {
                        black_box((record.first(), record.last()));
                    })
                }),
                "view" => cannot("copies what it reads"),
                "replace" => cannot("does not cut and append at once"),
                _ => cannot("unknown work"),
            };
            report(&done, found, expected, before, memory("RssAnon:"));
        }
    }
    store.close();
}

fn append<S: Store>(task: &Task, records: &Payloads) {
    let before = memory("RssAnon:");
    let store = S::open(task);
    let mut expected = Tally::default();
    for log in 0..task.logs {
        // makes what is made for the first one only
        store.append(log, log % task.threads, records, 0, 1);
        expected.merge(records.of(0, 1));
    }
    let average = ((task.least + task.most) / 2) as u64;
    let most = (task.bytes / (average + 64) / task.threads as u64).max(task.batch as u64);
    let timed = if task.synced() || average * task.batch as u64 > 65536 { 1 } else { 16 };
    let done = race(task, records, task.batch as u64, most, timed, &|first, thread| {
        store.append(thread % task.logs, thread, records, first, task.batch)
    });
    let after = memory("RssAnon:");
    expected.merge(done.appended);
    store.close();
    let mut again = S::open(task);
    let found = read_back(&mut again);
    report(&done, found, expected, before, after);
    again.close();
}

fn read<S: Store>(task: &Task, store: &mut S, each: Tally) -> Outcome {
    let mut done = Outcome { appended: Tally::default(), seconds: 0.0, times: Latencies::new(), others: 0.0 };
    let using = MachineUse::new();
    while done.seconds < task.seconds {
        store.rewind();
        let start = Instant::now();
        store.read_all(&mut |record| {
            black_box((record.first(), record.last()));
        });
        let time = start.elapsed();
        done.times.add(time, each.records);
        done.seconds += time.as_secs_f64();
        done.appended.merge(each);
    }
    done.others = using.by_others();
    done
}
