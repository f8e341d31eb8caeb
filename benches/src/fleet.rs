//! A simulated fleet of servers, whose users come with sealed sessions: how often does a server see a token again that
//! it has opened before, and still knows?

use std::{cmp::Reverse, collections::BinaryHeap, f64::consts::TAU};

use crate::store::{Salt, Store};

/// How long a session lives without a request, in seconds. It is sealed again at the first request after half of that.
const IDLE: f64 = 1800.0;
/// Seconds that are simulated before counting begins, and while it counts.
const WARM: f64 = 600.0;
const COUNTED: f64 = 300.0;
/// Requests a second of each server.
const RATE: f64 = 200.0;
/// Servers whose stores are simulated: the others of a fleet do as they do.
const WATCHED: usize = 4;

/// What users do on a site.
pub struct Site {
    pub name: &'static str,
    /// Requests of a page that open the session, from and to; all within two seconds.
    pub requests: (u64, u64),
    /// Pages that a user looks at, in the mean; and of a hundred, those that change the session.
    pub pages: f64,
    pub changes: u64,
}

pub const SITES: [Site; 3] = [
    Site { name: "pages", requests: (1, 2), pages: 8.0, changes: 10 },
    Site { name: "pages and calls", requests: (1, 12), pages: 8.0, changes: 10 },
    Site { name: "calls", requests: (1, 40), pages: 8.0, changes: 10 },
];

/// Who gets a request.
#[derive(Clone, Copy, PartialEq)]
pub enum Balance {
    Sticky,
    Random,
    Turns,
}

/// splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// From 0, which is left out, to 1.
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Half a minute in the mean, half of all below 20 s, a few of minutes.
    fn think(&mut self) -> f64 {
        let normal = (-2.0 * self.unit().ln()).sqrt() * (TAU * self.unit()).cos();
        20.0 * (normal * 0.9).exp()
    }
}

struct User {
    server: usize,
    salt: Salt,
    sealed: f64,
    /// Requests of this page that are still to come.
    left: u64,
}

/// Returns the share of requests whose token the server knew, for each size of the store.
pub fn hits(site: &Site, servers: usize, balance: Balance, sizes: &[usize]) -> Vec<f64> {
    let mut random = Random(servers as u64);
    let watched = servers.min(WATCHED);
    let stores: Vec<Vec<Store<()>>> =
        (0..watched).map(|_| sizes.iter().map(|size| Store::new(*size)).collect()).collect();
    let (mut seen, mut known) = (0_u64, vec![0_u64; sizes.len()]);

    let of_page = (site.requests.0 + site.requests.1) as f64 / 2.0;
    let between = site.pages * of_page / (RATE * servers as f64);
    let (mut users, mut free): (Vec<User>, Vec<usize>) = (Vec::new(), Vec::new());
    // Times in microseconds; the user who comes then.
    let mut events = BinaryHeap::new();
    let (mut arrival, mut turn) = (0.0, 0);
    let fresh = |random: &mut Random| {
        let mut salt = [0; 12];
        salt[..8].copy_from_slice(&random.next().to_be_bytes());
        salt
    };
    loop {
        let next = events.peek().map_or(f64::INFINITY, |Reverse((time, _)): &Reverse<(u64, usize)>| *time as f64 / 1e6);
        if arrival <= next {
            // A new user, and the first page.
            let user = User {
                server: random.below(servers as u64) as usize,
                salt: fresh(&mut random),
                sealed: arrival,
                left: 0,
            };
            let at = free.pop().unwrap_or(users.len());
            if at == users.len() {
                users.push(user)
            } else {
                users[at] = user
            }
            events.push(Reverse(((arrival * 1e6) as u64, at)));
            arrival -= random.unit().ln() * between;
            continue;
        }
        let Some(Reverse((time, at))) = events.pop() else { break };
        let now = time as f64 / 1e6;
        if now > WARM + COUNTED {
            break;
        }
        let user = &mut users[at];
        let begins = user.left == 0;
        if begins {
            user.left = site.requests.0 + random.below(site.requests.1 - site.requests.0 + 1);
        }
        user.left -= 1;
        turn = (turn + 1) % servers;
        let server = match balance {
            Balance::Sticky => user.server,
            Balance::Random => random.below(servers as u64) as usize,
            Balance::Turns => turn,
        };
        if let Some(stores) = stores.get(server) {
            let counts = now > WARM;
            seen += u64::from(counts);
            for (store, known) in stores.iter().zip(&mut known) {
                if store.with(&user.salt, |()| ()).is_some() {
                    *known += u64::from(counts);
                } else {
                    store.keep(user.salt, ());
                }
            }
        }
        // Sealed again by what a page's first request changes, or because half of the life is over.
        if begins && random.below(100) < site.changes || now - user.sealed > IDLE / 2.0 {
            (user.salt, user.sealed) = (fresh(&mut random), now);
        }
        let pause = if user.left > 0 {
            2.0 * random.unit() / of_page
        } else if random.unit() < 1.0 / site.pages {
            free.push(at);
            continue;
        } else {
            random.think()
        };
        events.push(Reverse((((now + pause) * 1e6) as u64, at)));
    }
    known.iter().map(|known| *known as f64 / seen as f64).collect()
}
