//! Payloads, tallies and latencies: as ../../../payloads.hpp and ../../../latencies.hpp have them.

use std::time::Duration;

/// What was appended, or read back.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct Tally {
    pub records: u64,
    pub bytes: u64,
    pub sums: u64,
}

impl Tally {
    pub fn add(&mut self, record: &[u8]) {
        self.records += 1;
        self.bytes += record.len() as u64;
        let mut sum = record.len() as u64;
        for piece in record.chunks(8) {
            let mut word = [0; 8];
            word[..piece.len()].copy_from_slice(piece);
            sum = sum.rotate_left(5) ^ u64::from_le_bytes(word);
        }
        self.sums = self.sums.wrapping_add(sum);
    }
    pub fn merge(&mut self, other: Tally) {
        self.records += other.records;
        self.bytes += other.bytes;
        self.sums = self.sums.wrapping_add(other.sums);
    }
}

pub struct Payloads {
    records: Vec<&'static [u8]>,
}

impl Payloads {
    /// They stay for as long as the program runs, so that those who want to own what they write need not copy it.
    pub fn new(least: usize, most: usize) -> Payloads {
        let count = ((64 << 20) / most.max(1)).clamp(4, 256);
        let mut state = most as u64;
        let mut random = move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let records = (0..count)
            .map(|_| {
                let size = least + (random() as usize) % (most - least + 1);
                let bytes: Vec<u8> = (0..size).map(|_| random() as u8).collect();
                &*bytes.leak()
            })
            .collect();
        Payloads { records }
    }
    pub fn count(&self) -> u64 {
        self.records.len() as u64
    }
    pub fn at(&self, i: u64) -> &'static [u8] {
        self.records[(i % self.count()) as usize]
    }
    pub fn of(&self, first: u64, n: u64) -> Tally {
        let mut sum = Tally::default();
        for i in 0..self.count().min(n) {
            let mut one = Tally::default();
            one.add(self.at(first + i));
            let times = n / self.count() + u64::from(i < n % self.count());
            sum.records += times;
            sum.bytes += one.bytes * times;
            sum.sums = sum.sums.wrapping_add(one.sums.wrapping_mul(times));
        }
        sum
    }
}

/// Counts by time, in steps of at most 3 %.
#[derive(Clone)]
pub struct Latencies {
    counts: Vec<u64>,
}

impl Latencies {
    pub fn new() -> Latencies {
        Latencies { counts: vec![0; 60 << 5] }
    }
    pub fn add(&mut self, time: Duration, calls: u64) {
        let ns = time.as_nanos() as u64;
        let width = 64 - ns.leading_zeros();
        let shift = width.saturating_sub(6);
        self.counts[((shift as usize) << 5) + (ns >> shift) as usize] += calls;
    }
    pub fn merge(&mut self, other: &Latencies) {
        for (mine, more) in self.counts.iter_mut().zip(&other.counts) {
            *mine += more;
        }
    }
    /// In microseconds.
    pub fn quantile(&self, part: f64) -> f64 {
        let mut left = part * self.counts.iter().sum::<u64>() as f64;
        let mut step = 0;
        while step + 1 < self.counts.len() {
            left -= self.counts[step] as f64;
            if left <= 0.0 {
                break;
            }
            step += 1;
        }
        let doublings = step >> 5;
        let end = if doublings < 2 {
            step
        } else {
            let shift = doublings - 1;
            ((step - (shift << 5) + 1) << shift) - 1
        };
        end as f64 / 1000.0
    }
}

/// A line of /proc/self/status, in KiB.
pub fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// How much of the processors others use, as ../../../machine_use.hpp says.
pub struct MachineUse {
    before: (f64, f64, f64),
}

impl MachineUse {
    pub fn new() -> MachineUse {
        MachineUse { before: MachineUse::now() }
    }
    fn now() -> (f64, f64, f64) {
        let stat = std::fs::read_to_string("/proc/stat").unwrap();
        let ticks: Vec<f64> =
            stat.lines().next().unwrap().split_whitespace().skip(1).take(8).map(|t| t.parse().unwrap()).collect();
        let mut used: libc::rusage = unsafe { std::mem::zeroed() };
        let per_second = unsafe {
            libc::getrusage(libc::RUSAGE_SELF, &mut used);
            libc::sysconf(libc::_SC_CLK_TCK) as f64
        };
        let own = used.ru_utime.tv_sec as f64 + used.ru_utime.tv_usec as f64 / 1e6;
        (ticks.iter().sum::<f64>() / per_second, (ticks[0] + ticks[1] + ticks[7]) / per_second, own)
    }
    pub fn by_others(&self) -> f64 {
        let (all, taken, own) = MachineUse::now();
        let others = (taken - self.before.1) - (own - self.before.2);
        if all > self.before.0 {
            (100.0 * others / (all - self.before.0)).clamp(0.0, 100.0)
        } else {
            0.0
        }
    }
}
