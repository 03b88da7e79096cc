//! What is asked of a driver: its arguments, as in ../../task.hpp.

#[derive(Clone)]
pub struct Task {
    pub peer: String,
    pub work: String,
    pub dir: String,
    pub sync: String,
    pub least: usize,
    pub most: usize,
    pub threads: usize,
    pub logs: usize,
    pub batch: usize,
    pub span: usize,
    pub count: u64,
    pub bytes: u64,
    pub segment: u64,
    pub seconds: f64,
    pub filled: bool,
}

impl Task {
    pub fn from_arguments() -> Task {
        let mut t = Task {
            peer: String::new(),
            work: String::new(),
            dir: String::new(),
            sync: "none".into(),
            least: 1024,
            most: 1024,
            threads: 1,
            logs: 1,
            batch: 1,
            span: 100,
            count: 0,
            bytes: 1 << 30,
            segment: 0,
            seconds: 0.25,
            filled: false,
        };
        for argument in std::env::args().skip(1) {
            let (name, value) = argument.split_once('=').expect("a name=value");
            match name {
                "peer" => t.peer = value.into(),
                "work" => t.work = value.into(),
                "dir" => t.dir = value.into(),
                "sync" => t.sync = value.into(),
                "least" => t.least = value.parse().unwrap(),
                "most" => t.most = value.parse().unwrap(),
                "threads" => t.threads = value.parse().unwrap(),
                "logs" => t.logs = value.parse().unwrap(),
                "batch" => t.batch = value.parse().unwrap(),
                "span" => t.span = value.parse().unwrap(),
                "count" => t.count = value.parse().unwrap(),
                "bytes" => t.bytes = value.parse().unwrap(),
                "segment" => t.segment = value.parse().unwrap(),
                "seconds" => t.seconds = value.parse().unwrap(),
                "filled" => t.filled = value == "1",
                _ => panic!("no such argument: {name}"),
            }
        }
        t
    }

    pub fn synced(&self) -> bool {
        self.sync == "each"
    }
}
